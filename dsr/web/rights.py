"""The rights in plain words, for the page of rights and for the form."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsr.states import Kind


@dataclass(frozen=True, slots=True)
class Right:
    """One right: what the reader ticks, what it means for them, and the articles it rests on."""

    kind: Kind
    wish: str | Promise
    meaning: str | Promise
    articles: str | Promise


RIGHTS = (
    Right(
        Kind.ACCESS,
        _("Recevoir une copie de mes données"),
        _("Savoir ce que nous avons sur vous, pourquoi, qui le reçoit, et en recevoir une copie complète et lisible."),
        _("article 15 du RGPD, article 49 de la loi"),
    ),
    Right(
        Kind.RECTIFICATION,
        _("Corriger mes données"),
        _("Changer ce qui est faux, compléter ce qui manque, donnée par donnée."),
        _("articles 16 et 19 du RGPD, article 50 de la loi"),
    ),
    Right(
        Kind.ERASURE,
        _("Effacer mes données, fermer mon compte"),
        _("Faire disparaître vos données. De ce que la loi oblige à garder, vous saurez le motif et la fin."),
        _("articles 17 et 19 du RGPD, article 51 de la loi"),
    ),
    Right(
        Kind.OBJECTION,
        _("Ne plus recevoir vos messages"),
        _("Lettres d’information, offres, relances : tout s’arrête dès que votre adresse est confirmée."),
        _("article 21 du RGPD, article 56 de la loi"),
    ),
    Right(
        Kind.OTHER,
        _("Faire une autre demande"),
        _("Geler l’usage de vos données, les emporter ailleurs, décider de leur sort après votre mort."),
        _("articles 18, 20 et 21 du RGPD, articles 48 à 56 et 84 à 86 de la loi"),
    ),
)

WISHES = [(right.kind.value, right.wish) for right in RIGHTS]
