"""Going through the reader's rows to erase them: pages in keyset order, gathered by what the rows say, and held."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL

from dsr.sources import places
from dsr.sources.base import Cursor
from dsr.sources.classification import Occasion
from dsr.sources.selection import Key, in_rows

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

# Numbers stay in the database's own text: gathered there, given back to it, and never read row by row.
GATHERED = {"sqlite": "json_group_array({key})", "postgresql": "array_to_string(array_agg({key}), ',')"}
UNFOLDED = {
    "sqlite": "SELECT value FROM json_each(%s)",
    "postgresql": "SELECT unnest(string_to_array(%s, ',')::bigint[])",
}


@dataclass(frozen=True, slots=True)
class Alike:
    """Rows of one page that say the same of themselves: their conditions, and their keys for whoever has to look.

    ``days`` are those from which grounds count, as the database writes them, where a plan asks for them. ``stretch`` is
    there when they are the whole page: all that the way leads to, from the first key to the last.
    """

    numbers: tuple[int, ...]
    days: tuple[Any, ...]
    count: int
    last: Key
    conditions: tuple[Q, ...]
    keys: Callable[[], list[Key]]
    stretch: Q | None = None


Act = Callable[[Sequence[Alike]], int]


class Sweep:
    """One pass along each link, and a second, from the start, along those where rows came in behind the cursor.

    A cursor holds the number of the pass along a link, the last key, how many rows of this pass a ground keeps, and
    the links along which all is done: nothing more leads to rows there than those that are kept.
    """

    def __init__(self, source: "ModelSource", occasion: Occasion) -> None:
        self.source = source
        self.occasion = occasion
        self.key = source.row_key
        self.marks = source.sheet.marks
        self.columns = {**self.marks.columns(occasion), **(source.sheet.days() if occasion.foreseen else {})}
        in_scope = in_rows(source.row_key, occasion.rows)
        self.ways = [branch & in_scope for branch in source.branches(occasion.subject)]
        self._statements: dict[tuple[int, bool], places.Statement | None] = {}

    def chunk(self, cursor: Cursor, limit: int, act: Act) -> Cursor | None:
        """Act on at most ``limit`` rows; the cursor for the next ones, None when all are through."""
        number, kept = cursor.get("task", 0), cursor.get("kept", 0)
        after = self.key.load(cursor["after"]) if cursor.get("after") else None
        done: list[int] = list(cursor.get("done", ()))
        while number < 2 * len(self.ways):
            way = number % len(self.ways)
            if number >= len(self.ways) and way in done:
                number += 1
                continue
            page = self._next(way, after, limit)
            kept += act(page) if page else 0
            limit -= sum(alike.count for alike in page)
            if not limit:
                last = max(alike.last for alike in page)
                return {"task": number, "after": self.key.dump(last), "kept": kept, "done": done}
            nothing = not page and after is None
            if number < len(self.ways) and (nothing or self.source.rows().filter(self.ways[way]).count() == kept):
                done.append(way)
            number, after, kept = number + 1, None, 0
        return None

    def pages(self, way: Q, size: int) -> Iterator[list[Alike]]:
        """All that one way leads to, for who only reads."""
        after: Key | None = None
        while page := self._gather(self._marked(self.source.rows().filter(way, self.key.after(after)))[:size]):
            yield page
            if sum(alike.count for alike in page) < size:
                return
            after = max(alike.last for alike in page)

    def _next(self, number: int, after: Key | None, limit: int) -> list[Alike]:
        """The next rows: nobody changes one of them, nor makes a new one point there, before the end of the chunk."""
        way, connection = self.ways[number], self.source.connection
        if statement := self._statement(number, beyond=after is not None):
            held_so = connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
            parameters = places.filled(statement.parameters, places.last(after or ()))
            page = self._gather_there(f"{statement.sql} LIMIT %s {held_so}", [*parameters, limit])
            return self._stretched(page, way, after)
        found = self._marked(self.source.rows().filter(way, self.key.after(after)))
        if not connection.features.has_select_for_update:
            return self._gather(found[:limit])  # the one writer of SQLite
        if _is_of_one_table(found):
            return self._gather(found[:limit].select_for_update())
        keys = [tuple(row) for row in found.values_list(*self.key.names)[:limit]]  # a joined row is not to be held
        held: list[Alike] = []
        for some in self.key.within(keys) if keys else ():
            list(self.source.rows().filter(some).select_for_update().order_by(*self.key.names).values_list("pk"))
            held += self._gather(self._marked(self.source.rows().filter(way, some)))
        return held

    def _stretched(self, page: list[Alike], way: Q, after: Key | None) -> list[Alike]:
        """A stretch of keys besides, which an engine follows sooner than a list of them."""
        if len(page) > 1:
            return page
        end = f"{self.key.names[0]}__lte"
        return [replace(alike, stretch=way & self.key.after(after) & Q((end, *alike.last))) for alike in page]

    @cached_property
    def _gathers_there(self) -> bool:
        """Whether the database gathers the rows: where keys are numbers, alone in their column."""
        numbers = len(self.key.names) == 1 and isinstance(self.key.fields[0], IntegerField)
        return numbers and self.source.connection.vendor in GATHERED

    def _statement(self, number: int, *, beyond: bool) -> places.Statement | None:
        """The rows along a way, or those beyond the last key, compiled once; None where they are not held at once."""
        if (number, beyond) not in self._statements:
            from_there = places.beyond(self.source) if beyond else Q()
            found = self._marked(self.source.rows().filter(self.ways[number], from_there))
            at_once = self._gathers_there and _is_of_one_table(found)
            self._statements[number, beyond] = places.compiled(self.source, found) if at_once else None
        return self._statements[number, beyond]

    def _marked(self, found: QuerySet[Any]) -> QuerySet[Any]:
        names = (*self.key.names, *self.columns)
        marked: QuerySet[Any] = found.annotate(**self.columns).order_by(*self.key.names).values_list(*names)
        return marked

    def _gather(self, found: QuerySet[Any]) -> list[Alike]:
        """In the database where keys are numbers, which is quicker by far; here for the others."""
        if self._gathers_there:
            return self._gather_there(*found.query.get_compiler(connection=self.source.connection).as_sql())
        pages: dict[tuple[Any, ...], list[Key]] = defaultdict(list)
        width = len(self.key.names)
        for row in found:
            pages[row[width:]].append(row[:width])
        return [self._alike(said, keys) for said, keys in pages.items()]

    def _said(self, columns: Sequence[Any]) -> tuple[tuple[int, ...], tuple[Any, ...]]:
        width = len(self.marks.names)
        return tuple(columns[:width]), tuple(columns[width:])

    def _alike(self, said: tuple[Any, ...], keys: list[Key]) -> Alike:
        return Alike(*self._said(said), len(keys), keys[-1], tuple(self.key.within(keys)), lambda: keys)

    def _gather_there(self, page: str, parameters: Sequence[Any]) -> list[Alike]:
        connection, (name,) = self.source.connection, self.key.names
        gathered, unfolded = GATHERED[connection.vendor], UNFOLDED[connection.vendor]
        columns = (str(self.source.field(name).column), *self.columns)
        key, *marks = (connection.ops.quote_name(each) for each in columns)
        grouped = ", ".join(marks)
        lists = f"{grouped}, count(*), max({key}), {gathered.format(key=key)}"
        statement = f"SELECT {lists} FROM ({page}) page GROUP BY {grouped}"  # noqa: S608 - names of the model alone
        with _along_the_index(connection) as cursor:
            cursor.execute(statement, parameters)
            rows = cursor.fetchall()
        return [
            Alike(
                *self._said(said),
                count,
                (last,),
                (Q((f"{name}__in", RawSQL(unfolded, (listed,)))),),  # noqa: S611 - one of the texts above
                partial(_listed, listed),
            )
            for *said, count, last, listed in rows
        ]


def _is_of_one_table(found: QuerySet[Any]) -> bool:
    """Whether no other row is read with each; a join that was trimmed stays, with no use."""
    return sum(count > 0 for count in found.query.alias_refcount.values()) == 1


@contextmanager
def _along_the_index(connection: BaseDatabaseWrapper) -> Iterator[CursorWrapper]:
    """A cursor whose next page comes in the order of an index, and ends there.

    PostgreSQL takes every reader to have as many rows as the others; it would read and sort all that is left of one who
    has many, for each page anew.
    """
    with ExitStack() as stack:
        if connection.vendor == "postgresql":
            stack.enter_context(transaction.atomic(using=connection.alias, savepoint=False))
        cursor = stack.enter_context(connection.cursor())
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        yield cursor


def _listed(text: str) -> list[Key]:
    """The keys in the text that either engine gathers."""
    return [(int(each),) for each in text.strip("[]").split(",")]
