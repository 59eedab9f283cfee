"""Every text of a claimed table, searched for all the old values in one scan, a page of rows at a time.

Short pages keep each statement short and the memory bounded, however long the table; what the database finds by loose
patterns is read exactly here. No row leaves this module, but for the passage of a hit.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, F, FileField, Func, JSONField, Model, Q, QuerySet, TextField
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThanOrEqual

from dsr.sources.needles import MASK, Needles
from dsr.sources.selection import AnyField, Key, RowKey

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

PAGE: Final = 20_000
READ_AT_ONCE: Final = 500  # rows with all their texts, however many of a page hold something
TEXTUAL: Final = re.compile(r"char|text|json|clob|inet|cidr|xml|hstore|tsvector|\[\]", re.IGNORECASE)
SEVERAL: Final = re.compile(r"hstore|tsvector|\[\]", re.IGNORECASE)  # one text that holds several values


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in which an old value stands: the kinds of what was found, not the value.

    ``alone`` are the kinds that are found apart from any longer address; ``passage`` is the value and what stands
    around it, for an officer's eyes.
    """

    key: Key
    field: str
    kinds: frozenset[str]
    alone: frozenset[str]
    passage: str = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """What one page of rows held; ``after`` is where the next begins, None at the end of the table."""

    hits: tuple[Hit, ...]
    after: Key | None


class Table:
    """One table as its texts; ``codes`` are the columns in which a bare number is no identifier."""

    def __init__(self, model: type[Model], alias: str, key: RowKey, *, codes: Sequence[str] = ()) -> None:
        self.model = model
        self.alias = alias
        self.key = key
        self.codes = frozenset(codes)

    @cached_property
    def fields(self) -> dict[str, AnyField]:
        """Every column that holds text, whatever a declaration says of it, by the name under which it is read."""
        connection = connections[self.alias]
        every = self.model._meta.concrete_fields
        return {each.attname: each for each in every if each.column and holds_text(each, connection)}

    def rows(self) -> QuerySet[Any]:
        """Every row, whatever a manager would hide."""
        return QuerySet(self.model, using=self.alias)

    def search(self, needles: Needles, *, after: Key | None, size: int = PAGE) -> Page:
        """The hits in the next page of rows, by one statement for all columns and all values.

        A page ends sooner when as many of its rows as are read at once may hold something.
        """
        rest = self.rows().filter(self.key.after(after)).order_by(*self.key.names)
        last = next(iter(rest.values_list(*self.key.names)[size - 1 : size]), None)
        page = rest if last is None else rest.filter(self._until(last))
        asked = self._asked(needles)
        found = list(page.filter(asked).values(*self.key.names, *self.fields)[:READ_AT_ONCE]) if asked else []
        hits = tuple(hit for row in found for hit in self._hits(row, needles, self.fields))
        return Page(hits, self._key(found[-1]) if len(found) == READ_AT_ONCE else last)

    def reread(self, keys: Sequence[Key], needles: Needles, blank: Mapping[str, Any]) -> Iterator[Hit]:
        """The hits of those rows, those that are still there, in the columns of ``blank`` that hold something else."""
        names = [name for name in blank if name in self.fields]
        for condition in self.key.within(keys) if names and needles.each else ():
            for row in self.rows().filter(condition).values(*self.key.names, *names):
                yield from self._hits(row, needles, [name for name in names if row[name] != blank[name]])

    def _hits(self, row: dict[str, Any], needles: Needles, names: Iterable[str]) -> Iterator[Hit]:
        key = self._key(row)
        for name in names:
            wanted = needles.without_short_numbers if name in self.codes else needles
            kinds = wanted.within(row[name], strictly=False)
            if kinds:
                alone = wanted.within(row[name], strictly=True)
                yield Hit(key, name, frozenset(kinds), frozenset(alone), wanted.passage(row[name]))

    def _key(self, row: dict[str, Any]) -> Key:
        return tuple(row[name] for name in self.key.names)

    def _until(self, last: Key) -> Q:
        if len(self.key.names) == 1:
            return Q((f"{self.key.names[0]}__lte", last[0]))
        return Q(TupleLessThanOrEqual(Tuple(*map(F, self.key.names)), last))

    def _asked(self, needles: Needles) -> Q:
        asked = Q()
        for name, column in self.fields.items():
            wanted = needles.without_short_numbers if name in self.codes else needles
            kind = column.db_type(connections[self.alias]) or ""
            several = isinstance(column, JSONField) or SEVERAL.search(kind)  # SQLite calls a document text
            patterns = [each.like_within if several else each.like for each in wanted.each]
            if patterns:
                asked |= Q(LikeAny(F(name), patterns=patterns))
        return asked


class LikeAny(Func):
    """Whether a column, as text and in small letters, is LIKE one of the patterns.

    On PostgreSQL the collation "C" lowers ASCII alone and compares bytes: nothing else is asked of it, and any other
    collation takes several times as long. SQLite's LIKE needs no lowering, for it knows no case of ASCII letters.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, *expressions: Any, patterns: Sequence[str], **extra: Any) -> None:
        super().__init__(*expressions, **extra)
        self.patterns = list(dict.fromkeys(patterns))

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper, **_extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, given = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            return f'LOWER(({column})::text COLLATE "C") LIKE ANY (%s)', [*given, self.patterns]
        sql = " OR ".join([f"{column} LIKE %s"] * len(self.patterns))
        return f"({sql})", [parameter for pattern in self.patterns for parameter in (*given, pattern)]


def holds_text(field: AnyField, connection: BaseDatabaseWrapper) -> bool:
    """Whether the column of a field can hold text, by its type in the database: no kind of field is forgotten."""
    return bool(TEXTUAL.search(field.db_type(connection) or ""))


def tables(sources: "Sequence[ModelSource]") -> dict[tuple[str, str], Table]:
    """The tables of the sources, each once, by database and name; a table may have several sources."""
    found: dict[tuple[str, str], Table] = {}
    for source in sources:
        found.setdefault((source.alias, source.model._meta.db_table), source.table)
    return found


def mask(table: Table, key: Key, name: str, needles: Needles) -> bool:
    """Write the passages of one column anew, if the value still is what was read; whether none is left there.

    A value that is nothing but what is masked becomes empty where the column may be. Raises IntegrityError when the
    database refuses, such as a second empty value in a unique column.
    """
    (condition,) = table.key.within([key])
    for old in table.rows().filter(condition).values_list(name, flat=True):
        new = _without(table.fields[name], old, needles)
        if new == old:
            return not needles.within(old, strictly=True)
        still = Q((f"{name}__exact", old))
        return bool(table.rows().filter(condition, still).update(**{name: new}))
    return True


def _without(column: AnyField, old: Any, needles: Needles) -> Any:
    new = needles.masked(old)
    if new != MASK or old == MASK:
        return new
    return "" if column.blank and column.empty_strings_allowed and not column.unique else None if column.null else new


def is_maskable(field: AnyField) -> bool:
    """Whether a passage of its text can be written anew: not the name of a stored file, nor an address of a machine."""
    return isinstance(field, CharField | TextField | JSONField) and not isinstance(field, FileField)
