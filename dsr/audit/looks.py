"""Who looked at a reader's file, as the log has it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from dsr.audit.events import LOOKED
from dsr.models.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the random reference of whoever looked, the event that says why, the instant."""

    actor: str
    event: str
    at: datetime


def at_requests(references: Collection[str]) -> list[Look]:
    """Every look at the requests of these references, in the order of the log."""
    entries = AuditEntry.objects.filter(subject__in=references, event__in=LOOKED)
    return [Look(*values) for values in entries.order_by("at", "pk").values_list("actor", "event", "at")]
