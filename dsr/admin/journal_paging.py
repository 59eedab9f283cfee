"""The pages of the log by keyset, newest first: what lies beyond one entry in the order of an index; never a count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet, Subquery

from dsr.models.audit import AuditEntry

SIZE: Final = 50

Stream = QuerySet[AuditEntry]


@dataclass(frozen=True, slots=True)
class Page:
    """The numbers of the entries of one page, and whether there are more on either side."""

    pks: list[int]
    has_older: bool
    has_newer: bool


def page(streams: Sequence[Stream], *, key: str, before: str = "", after: str = "") -> Page:
    """The page older than one entry, newer than another, or the newest; a number that no entry has stands for nothing.

    Each stream is one stretch of an index whose order is the column ``key``; together they are the entries to show.
    Coming back to the newest shows a whole page, not the few that are newer.
    """
    edge = _known(after)
    if edge is not None and len(newer := _beyond(streams, key, edge, newest_first=False)) > SIZE:
        return Page(newer[:SIZE][::-1], has_older=True, has_newer=True)
    edge = _known(before)
    found = _beyond(streams, key, edge, newest_first=True)
    return Page(found[:SIZE], has_older=len(found) > SIZE, has_newer=edge is not None)


def _known(token: str) -> int | None:
    """The number of an entry that there is."""
    try:
        return AuditEntry.objects.filter(pk=int(token)).values_list("pk", flat=True).first()
    except ValueError:
        return None


def _beyond(streams: Sequence[Stream], key: str, edge: int | None, *, newest_first: bool) -> list[int]:
    """The numbers of one more than a page, nearest to the edge first."""
    order = (f"-{key}", "-pk") if newest_first else (key, "pk")
    if edge is not None:
        streams = [stream.filter(_past(edge, key, "lt" if newest_first else "gt")) for stream in streams]
    slices = [list(stream.order_by(*order).values_list("pk", flat=True)[: SIZE + 1]) for stream in streams]
    if len(slices) == 1:
        return slices[0]
    together = AuditEntry.objects.filter(pk__in=[pk for each in slices for pk in each])
    return list(together.order_by(*order).values_list("pk", flat=True)[: SIZE + 1])


def _past(edge: int, key: str, side: str) -> Q:
    """What is less or greater than an entry by key and number; the first condition is the one an index serves.

    Rows compared as a whole would say the same, but Django does not write them so for SQLite.
    """
    place = Subquery(AuditEntry.objects.filter(pk=edge).order_by().values(key))
    return Q(**{f"{key}__{side}e": place}) & (Q(**{f"{key}__{side}": place}) | Q(**{f"pk__{side}": edge}))
