"""Reading a reader's rows as lines written by the database: page by page, in keyset order, each row once."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.db.models import Expression, Q, QuerySet
from django.utils.translation import get_language
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from dsr import cursors
from dsr.sources import places
from dsr.sources.base import Identifier, Rows, Subject
from dsr.sources.json_text import Written
from dsr.sources.selection import any_of, in_rows, not_of

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

FIRST_PAGE, PAGE = 100, 1000  # rows
PAGE_BYTES = 2 * 1024 * 1024

LINE = itemgetter(-1)

Row = tuple[Any, ...]  # the key as the database gives it, then the line in UTF-8
Page = list[Row]
Line = Callable[
    ["ModelSource", Q | None], Expression
]  # what is written of a row, given which rows are the reader's own
Find = Callable[["_Reading"], places.Statement | None]


class _AsBytes(Written):
    """A line as it goes into the file; PostgreSQL's ``bpchar`` without a length is ``text`` under a type of its own."""

    sqlite = "CAST(%(expressions)s AS BLOB)"
    postgresql = "(%(expressions)s)::bpchar"


class _Undecoded(Loader):
    def load(self, data: Buffer) -> bytes:
        """Give the bytes as they come."""
        return bytes(data)


def pages(source: "ModelSource", subject: Subject, line: Line, rows: Rows) -> Iterator[Page]:
    """The rows that are the reader's or mention them, whatever tied them to the reader.

    Each way is read along its own index, without the rows that an earlier way leads to. What is asked for all rows of
    a reader is asked with statements that were compiled once for every reader.
    """
    find: Find
    if rows is None and subject.before is None:
        shape, values = places.values(source, subject)
        many = sum(map(bool, shape))
        find = partial(source.statement, language=get_language(), shape=shape)
    else:
        own, mentions, values = source.branches(subject), source.mentions(subject), {}
        many, scope = len(own) + len(mentions), in_rows(source.row_key, rows)

        def find(wanted: "_Reading") -> places.Statement | None:
            return places.compiled(source, wanted(source, own, mentions).filter(scope))

    return _merged([_pages_of(source, find, _Reading(line, way, beyond=False), values) for way in range(many)])


def revealed(source: "ModelSource", subject: Subject) -> Iterator[Identifier]:
    """The identifiers filed with the reader's own rows."""
    shape, values = places.values(source, subject)
    for number, each in enumerate(source.reveals if any(shape) else ()):
        wanted = _Revealing(number)
        if subject.before is None:
            statement = source.statement(wanted, language=None, shape=shape)
        else:
            statement = places.compiled(source, wanted(source, source.branches(subject), []))
        for value in places.first_column(source, statement, values) if statement else ():
            yield Identifier(each.kind, str(value))


@dataclass(frozen=True, slots=True)
class _Revealing:
    """What stands where the declaration says that an identifier is filed, each value once."""

    number: int

    def __call__(self, source: "ModelSource", own: places.Ways, mentions: places.Ways) -> QuerySet[Any]:  # noqa: ARG002
        """As a query of the database."""
        revealed, mine = source.reveals[self.number], any_of(own)
        if mine is None:
            return source.rows().none()
        found = source.rows().filter(mine, revealed.when or Q()).exclude(source.empty(revealed.path))
        return found.order_by().values_list(revealed.path).distinct()


@dataclass(frozen=True, slots=True)
class _Reading:
    """The lines of one way, in keyset order, all of them or those beyond the last key."""

    line: Line
    way: int
    beyond: bool

    def __call__(self, source: "ModelSource", own: places.Ways, mentions: places.Ways) -> QuerySet[Any]:
        """As a query of the database."""
        names, ways = source.row_key.names, [*own, *mentions]
        found = source.rows().filter(ways[self.way], places.beyond(source) if self.beyond else Q())
        if before := any_of(ways[: self.way]):
            found = not_of(before, found)
        return found.order_by(*names).values_list(*names, _AsBytes(self.line(source, any_of(own))))


def _pages_of(source: "ModelSource", find: Find, wanted: _Reading, values: places.Values) -> Iterator[Page]:
    """The pages of one way; their rows are as many as fit."""
    limit = FIRST_PAGE
    page = _run(source, find(wanted), values, limit)
    following: places.Statement | None = None
    while page:
        yield page
        if len(page) < limit:
            return
        following = following or find(replace(wanted, beyond=True))
        size = sum(map(len, map(LINE, page)))
        limit = max(1, min(PAGE, PAGE_BYTES * len(page) // size))
        page = _run(source, following, {**values, **places.last(page[-1][:-1])}, limit)


def _run(source: "ModelSource", statement: places.Statement | None, values: places.Values, limit: int) -> Page:
    if statement is None:
        return []
    with cursors.repeating(source.connection) as cursor:
        if source.connection.vendor == "postgresql":
            cursor.adapters.register_loader("bpchar", _Undecoded)
        cursor.execute(f"{statement.sql} LIMIT %s", [*places.filled(statement.parameters, values), limit])
        page: Page = cursor.fetchall()
    return page


def _merged(streams: Sequence[Iterator[Page]]) -> Iterator[Page]:
    """The pages of several ways as one, in the order of the key.

    No row depends on how a database orders texts: what is read is given on, whatever the order.
    """
    waiting = [(page, stream) for stream in streams if (page := next(stream, []))]
    while len(waiting) > 1:
        horizon = min(page[-1] for page, _stream in waiting)
        ready: list[Page] = []
        left: list[tuple[Page, Iterator[Page]]] = []
        for page, stream in waiting:
            cut = len(page) if page[-1] is horizon else bisect_right(page, horizon)
            ready.append(page[:cut])
            if rest := page[cut:] or next(stream, []):
                left.append((rest, stream))
        yield _in_order(ready)
        waiting = left
    for page, stream in waiting:
        yield page
        yield from stream


def _in_order(pages_: list[Page]) -> Page:
    filled = [page for page in pages_ if page]
    return filled[0] if len(filled) == 1 else sorted(chain.from_iterable(filled))
