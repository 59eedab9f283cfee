"""What happened to one request, from the log, in words and with the names of the staff who are known here."""

from typing import Any

from django.utils.translation import gettext as _

from dsr.admin import words
from dsr.audit import log
from dsr.audit.events import EVENTS
from dsr.models.audit import AuditEntry
from dsr.models.request import DataRequest
from dsr.models.staff import Staff

LIMIT = 200


def entries(data_request: DataRequest) -> list[dict[str, Any]]:
    """The latest entries first; earlier ones than the limit are in the log."""
    found = list(AuditEntry.objects.filter(subject=data_request.reference).order_by("-n")[:LIMIT])
    named = {each.actor for each in found} | {str(each.facts.get("to", "")) for each in found}
    names = {staff.reference: staff for staff in Staff.objects.filter(reference__in=named)}
    return [
        {
            "at": each.at,
            "sentence": EVENTS[each.event].sentence if each.event in EVENTS else each.event,
            "facts": words.facts(_telling(each.facts, names)),
            "actor": actor(each.actor, names),
            "viewed": each.event == "request.viewed",
        }
        for each in found
    ]


def _telling(facts: dict[str, Any], names: dict[str, Staff]) -> dict[str, Any]:
    """The facts without the counts of nothing, and with the name of whoever it was entrusted to."""
    told = {name: value for name, value in facts.items() if value is False or value != 0}
    return {**told, "to": actor(str(facts["to"]), names)} if "to" in facts else told


def actor(reference: str, names: dict[str, Staff]) -> str:
    """Who acted: the reader, the system, or a member of staff by name, else by reference."""
    if reference == log.READER:
        return _("le lecteur")
    if reference == log.SYSTEM:
        return _("le système")
    known = names.get(reference)
    return (known.get_full_name() or known.get_username()) if known else reference
