"""Who consulted a reader's file and why, by role and without a name (CJEU C-579/21), for the letter beside a copy."""

from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr.audit import looks
from dsr.audit.events import EVENTS
from dsr.models.request import DataRequest
from dsr.models.staff import APPROVERS, AUDITORS, OFFICERS, Staff
from dsr.packages.inventory import Consultation
from dsr.sources.activities import Text

# By group, in the order in which one speaks for somebody who is in several.
ROLES: Final[dict[str, Text]] = {
    OFFICERS: _("un agent chargé des demandes"),
    APPROVERS: _("un agent chargé d’approuver les effacements"),
    AUDITORS: _("un auditeur du journal"),
}
NO_ROLE: Final = _("un membre de l’équipe")


def of_person(data_request: DataRequest) -> tuple[Consultation, ...]:
    """Every look at this request and at the others of the same proven mailbox, in the order of the first."""
    others = DataRequest.objects.of_person(data_request.person).values_list("reference", flat=True)
    found = looks.at_requests({data_request.reference, *others})
    roles = _roles({look.actor for look in found})
    grouped: dict[tuple[Text, Text], list[looks.Look]] = {}
    for look in found:
        grouped.setdefault((roles.get(look.actor, NO_ROLE), EVENTS[look.event].looked), []).append(look)
    return tuple(_consultation(role, why, each) for (role, why), each in grouped.items())


def _consultation(role: Text, why: Text, found: list[looks.Look]) -> Consultation:
    days = dict.fromkeys(timezone.localtime(look.at).date() for look in found)
    return Consultation(role, why, len(found), tuple(days))


def _roles(references: set[str]) -> dict[str, Text]:
    """The role of each member of staff, by reference."""
    members = Staff.objects.filter(reference__in=references, groups__name__in=ROLES)
    groups: dict[str, set[str]] = {}
    for reference, group in members.values_list("reference", "groups__name"):
        groups.setdefault(reference, set()).add(group)
    return {reference: next(ROLES[name] for name in ROLES if name in names) for reference, names in groups.items()}
