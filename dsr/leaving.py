"""Why a mention of an erased reader may stay in another person's row: a closed list, each with its article."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from dsr.grounds import Ground

_REASONS: Final = (
    Ground(
        "expression",
        _("l’article 17.3.a du RGPD"),
        _("Une autre personne y exerce sa liberté d’expression : nous n’avons pas récrit son texte."),
    ),
    Ground(
        "legal-obligation",
        _("l’article 17.3.b du RGPD"),
        _("La loi nous oblige à conserver cette donnée d’une autre personne telle qu’elle est."),
    ),
    Ground(
        "legal-claims",
        _("l’article 17.3.e du RGPD"),
        _("Cette donnée est nécessaire pour constater, exercer ou défendre un droit en justice."),
    ),
    Ground(
        "theirs-too",
        _("l’article 17.1 du RGPD"),
        _("Cette coordonnée est aussi celle d’une autre personne, qui nous l’a donnée."),
    ),
    Ground(
        "another-value",
        _("l’article 17.1 du RGPD"),
        _("Après lecture, ce passage ne vous désigne pas : c’est une autre donnée qui s’écrit de même."),
    ),
)
LEAVING: Final[Mapping[str, Ground]] = {reason.code: reason for reason in _REASONS}
