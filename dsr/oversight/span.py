"""A stretch of the log as rules read it: the acts of some events in the order of the tree, and what came before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count

from dsr.audit import log
from dsr.models.audit import AuditEntry
from dsr.models.tree import Leaf

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Act:
    """An entry and its place in the tree."""

    index: int
    entry: AuditEntry

    @property
    def is_by_staff(self) -> bool:
        """Whether a member of staff acted, and neither the reader nor the system."""
        return self.entry.actor not in {log.READER, log.SYSTEM}


@dataclass(frozen=True, slots=True)
class Span:
    """The leaves from ``start`` up to ``end``."""

    start: int
    end: int

    def acts(self, *events: str) -> Iterator[Act]:
        """The entries of these events, or of all, in order."""
        leaves = Leaf.objects.filter(index__gte=self.start, index__lt=self.end)
        if events:
            leaves = leaves.filter(entry__event__in=events)
        for leaf in leaves.select_related("entry").order_by("index").iterator(chunk_size=2000):
            yield Act(leaf.index, leaf.entry)

    def staff_acts(self, *events: str) -> Iterator[Act]:
        """Those of staff among them."""
        return (act for act in self.acts(*events) if act.is_by_staff)

    def histories(self, subjects: Iterable[str]) -> dict[str, list[AuditEntry]]:
        """All that the log says of each subject up to the end of the span, in order."""
        wanted, found = sorted(set(subjects)), defaultdict[str, list[AuditEntry]](list)
        for first in range(0, len(wanted), AT_ONCE):
            entries = AuditEntry.objects.filter(subject__in=wanted[first : first + AT_ONCE], leaf__index__lt=self.end)
            for entry in entries.order_by("subject", "n").iterator(chunk_size=2000):
                found[entry.subject].append(entry)
        return found

    def figures(self) -> dict[str, int]:
        """How many entries of each event."""
        inside = AuditEntry.objects.filter(leaf__index__gte=self.start, leaf__index__lt=self.end).order_by()
        return dict(inside.values_list("event").annotate(Count("pk")).order_by("event"))
