"""Who looked at a reader's data, and why, as the log has it (CJEU C-579/21)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from dsr.models.audit import AuditEntry

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# The events in which a member of staff has the data before their eyes, and what they look for.
WHY: Final[dict[str, "StrPromise"]] = {
    "request.viewed": _("pour instruire votre demande"),
    "passage.marked": _("pour y masquer ce qui est à d’autres personnes"),
    "passage.decided": _("pour y masquer ce qui est à d’autres personnes"),
    "package.examined": _("pour relire votre copie avant de vous la remettre"),
    "package.printed": _("pour vous envoyer votre copie par la poste"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the random reference of whoever looked, the event that says why, the instant."""

    actor: str
    event: str
    at: datetime


def at_requests(references: Collection[str]) -> list[Look]:
    """Every look at the requests of these references, in the order of the log."""
    entries = AuditEntry.objects.filter(subject__in=references, event__in=WHY)
    return [Look(*values) for values in entries.order_by("at", "pk").values_list("actor", "event", "at")]
