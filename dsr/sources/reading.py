"""Reading a reader's rows as lines written by the database: page by page, in keyset order, each row once."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Expression, Q
from django.db.models.expressions import RawSQL
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from dsr.sources.base import Rows, Subject
from dsr.sources.json_text import Written
from dsr.sources.selection import any_of, in_rows, not_of

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

FIRST_PAGE, PAGE = 100, 1000  # rows
PAGE_BYTES = 2 * 1024 * 1024

LINE = itemgetter(-1)

Row = tuple[Any, ...]  # the key as the database gives it, then the line in UTF-8
Page = list[Row]
Statement = tuple[str, list[Any]]


class _AsBytes(Written):
    """A line as it goes into the file; PostgreSQL's ``bpchar`` without a length is ``text`` under a type of its own."""

    sqlite = "CAST(%(expressions)s AS BLOB)"
    postgresql = "(%(expressions)s)::bpchar"


class _Undecoded(Loader):
    def load(self, data: Buffer) -> bytes:
        """Give the bytes as they come."""
        return bytes(data)


def pages(source: "ModelSource", subject: Subject, line: Expression, rows: Rows) -> Iterator[Page]:
    """The rows that are the reader's or mention them, whatever tied them to the reader.

    Each way is read along its own index, without the rows that an earlier way leads to.
    """
    ways = source.branches(subject) + source.mentions(subject)
    scope = in_rows(source.row_key, rows)
    readings = [_Reading(source, way & scope, any_of(ways[:number]), line) for number, way in enumerate(ways)]
    return _merged([reading.pages() for reading in readings])


class _Reading:
    """One way to the rows: the statements are compiled once, and run with another key for each page."""

    def __init__(self, source: "ModelSource", way: Q, before: Q | None, line: Expression) -> None:
        self._source = source
        self._way, self._before, self._line = way, before, line
        self._places = [object() for _name in source.row_key.names]  # stand in the parameters for the last key

    def pages(self) -> Iterator[Page]:
        """The pages of this way; their rows are as many as fit."""
        try:
            first, following = self._statement(Q()), self._statement(self._beyond())
        except EmptyResultSet:
            return
        limit = FIRST_PAGE
        page = self._run(first, limit, ())
        while page:
            yield page
            if len(page) < limit:
                return
            size = sum(map(len, map(LINE, page)))
            limit = max(1, min(PAGE, PAGE_BYTES * len(page) // size))
            page = self._run(following, limit, page[-1])

    def _statement(self, beyond: Q) -> Statement:
        names = self._source.row_key.names
        found = self._source.rows().filter(self._way, beyond)
        if self._before is not None:
            found = not_of(self._before, found)
        query = found.order_by(*names).values_list(*names, _AsBytes(self._line)).query
        sql, parameters = query.get_compiler(connection=self._source.connection).as_sql()
        return f"{sql} LIMIT %s", list(parameters)

    def _beyond(self) -> Q:
        """Rows after the last key; a lone column is compared as such, so that any index serves."""
        quote = self._source.connection.ops.quote_name
        table = quote(self._source.model._meta.db_table)
        columns = ", ".join(f"{table}.{quote(str(self._source.field(n).column))}" for n in self._source.row_key.names)
        marks = ", ".join("%s" for _place in self._places)
        sql = f"({columns}) > ({marks})" if len(self._places) > 1 else f"{columns} > {marks}"
        return Q(RawSQL(sql, self._places, BooleanField()))  # noqa: S611 - the model's names, the values parameters

    def _run(self, statement: Statement, limit: int, last: Row) -> Page:
        sql, parameters = statement
        key = dict(zip(self._places, last, strict=False))
        with self._source.connection.cursor() as cursor:
            if self._source.connection.vendor == "postgresql":
                cursor.adapters.register_loader("bpchar", _Undecoded)
            cursor.execute(
                sql, [*(key.get(each, each) if type(each) is object else each for each in parameters), limit]
            )
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
