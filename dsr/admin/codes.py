"""The codes among the facts of the log in words: grounds, letters, languages, groups, fields of a member or a group.

A code that is in no list any more is shown as it is, for an entry outlives whatever it speaks of.
"""

from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsr import grounds
from dsr.leaving import LEAVING
from dsr.models.recipient import Untold

GROUNDS: tuple[Mapping[str, grounds.Ground], ...] = (grounds.REFUSALS, grounds.EXTENSIONS, grounds.KEEPING)

FIELDS: dict[str, Promise] = {
    "added": _("ajout"),
    "groups": _("groupes"),
    "is_active": _("compte actif"),
    "is_staff": _("accès au bureau"),
    "is_superuser": _("tous les droits"),
    "more": _("d’autres"),
    "name": _("nom"),
    "password": _("mot de passe"),
    "permissions": _("droits"),
    "profile": _("identité"),
}

# By the names of their templates.
LETTERS: dict[str, Promise] = {
    "acknowledgement": _("adresse à confirmer"),
    "address_new": _("nouvelle adresse à confirmer"),
    "address_old": _("changement d’adresse, à l’ancienne"),
    "answered": _("réponse"),
    "code": _("code d’accès"),
    "confirmed": _("demande confirmée"),
    "contract": _("choix pour le contrat"),
    "entered": _("demande reçue"),
    "erased": _("données effacées"),
    "expired": _("demande close sans confirmation"),
    "extension": _("délai prolongé"),
    "joined": _("demande jointe à une autre"),
    "objection_done": _("opposition enregistrée"),
    "package_again": _("nouvelle copie prête"),
    "package_ready": _("copie prête"),
    "question": _("question au lecteur"),
    "recipient": _("lettre à un destinataire"),
    "rectified": _("données corrigées"),
    "refusal": _("refus"),
    "reminder": _("rappel"),
    "withdrawn": _("demande retirée"),
}

RETURNED: dict[str, Promise] = {
    "address-contested": _("l’ancienne boîte aux lettres a contesté la nouvelle adresse"),
    "source-gone": _("une source a été retirée des réglages"),
    "stale-value": _("une donnée n’est plus celle que le lecteur a vue"),
    "value-not-written": _("une valeur corrigée n’a pas pu être écrite"),
}


def reason(code: str) -> str:
    """Why a mention was left, or a request came back to examination."""
    return str(LEAVING[code].sentence if code in LEAVING else RETURNED.get(code, code))


def ground(code: str) -> str:
    """The sentence of a ground for refusing, extending or keeping, or for not telling a recipient."""
    if code in Untold:
        return str(Untold(code).label)
    return next((str(each[code].sentence) for each in GROUNDS if code in each), code)


def letter(name: str) -> str:
    """What a letter says, by the name of its template."""
    return str(LETTERS.get(name, name))


def language(code: str) -> str:
    """A language by its own name."""
    return dict(settings.LANGUAGES).get(code, code)


def fields(names: str) -> str:
    """The fields of a form that were changed, as in ``groups.profile``."""
    return ", ".join(str(FIELDS.get(each, each)) for each in names.split("."))


def groups(numbers: str) -> str:
    """The names of groups by their numbers, as in ``1.3``, looked up as they are now."""
    names = {str(pk): name for pk, name in Group.objects.values_list("pk", "name")} | {"more": str(FIELDS["more"])}
    return ", ".join(names.get(each, each) for each in numbers.split("."))
