"""Statements that every request needs: built and compiled once in a process, their values put in place when run.

Django builds and compiles a query anew each time, which takes several times as long as the database does. Here it is
kept compiled, in the words of its QuerySet. No value is there while it is compiled, so none can stay in it; one that is
missing when it is run is a KeyError. Nothing that the database answers is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, JSONField, Model, QuerySet
from django.db.models.sql import UpdateQuery

from dsr import cursors

M = TypeVar("M", bound=Model)
Words = Callable[[], QuerySet[Any, Any]]  # a question in the words of a QuerySet, ``given`` in the places of its values

JSON = JSONField()


class Given(Expression):
    """Where a value stands that is known when the question is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002
        """A mark, and whose it is."""
        return "%s", [self]


def given(name: str) -> Any:
    """The place of a value, wherever a QuerySet takes one."""
    return Given(name)


@dataclass(frozen=True, slots=True)
class _Statement:
    """What the database is sent, and the compiler that knows what comes back."""

    compiler: Any
    sql: str
    parameters: Sequence[Any]
    locks: bool

    @classmethod
    def of(cls, query: Any) -> "_Statement":
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        return cls(compiler, sql, parameters, bool(query.select_for_update))

    def run(self, values: Mapping[str, Any], *, fetch: bool, along: BaseDatabaseWrapper | None = None) -> Any:
        """The rows that are found, or how many were changed."""
        here = along or connections[DEFAULT_DB_ALIAS]
        if self.locks and not here.in_atomic_block:  # Django asks it while compiling, that is, once
            raise transaction.TransactionManagementError("a row is held in a transaction")
        adapted = partial(_adapted, here)
        places = [adapted(values[each.name]) if type(each) is Given else each for each in self.parameters]
        with cursors.repeating(here) as cursor:
            cursor.execute(self.sql, places)
            return cursor.fetchall() if fetch else cursor.rowcount


class Rows(Generic[M]):
    """The rows that are found, as their model makes them; what they refer to is asked for by itself."""

    def __init__(self, words: Callable[[], QuerySet[M]]) -> None:
        self._words = words

    def __call__(self, **values: Any) -> list[M]:
        """All, in the order of the QuerySet."""
        return self.along(None, **values)

    def along(self, connection: BaseDatabaseWrapper | None, **values: Any) -> list[M]:
        """The same along another connection to the database of the service."""
        found: Iterable[Any] = self._statement.run(values, fetch=True, along=connection)
        model, names, converters = self._reading
        if converters:
            found = self._statement.compiler.apply_converters(found, converters)
        return [model.from_db(DEFAULT_DB_ALIAS, names, row) for row in found]

    def first(self, **values: Any) -> M | None:
        """The first of them."""
        return next(iter(self(**values)), None)

    def get(self, **values: Any) -> M:
        """The one that is found; raises DoesNotExist."""
        found = self.first(**values)
        if found is None:
            raise self._reading[0].DoesNotExist
        return found

    @cached_property
    def _statement(self) -> _Statement:
        return _Statement.of(self._words().query)

    @cached_property
    def _reading(self) -> tuple[Any, list[str], dict[int, Any]]:
        """The model, the names of its columns, and what makes of columns what its fields hold."""
        compiler = self._statement.compiler
        columns = [each[0] for each in compiler.select]
        return compiler.klass_info["model"], [each.target.attname for each in columns], compiler.get_converters(columns)


class Exists:
    """Whether anything is found."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def __call__(self, **values: Any) -> bool:
        """As the database says now."""
        return bool(self._statement.run(values, fetch=True))

    @cached_property
    def _statement(self) -> _Statement:
        return _Statement.of(self._words().query.exists())


class Columns:
    """What ``values_list`` gives of the rows that are found, as tuples."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def __call__(self, **values: Any) -> list[tuple[Any, ...]]:
        """All, in the order of the QuerySet."""
        found: Iterable[Any] = self._statement.run(values, fetch=True)
        compiler = self._statement.compiler
        if self._converters:
            found = compiler.apply_converters(found, self._converters)
        return [tuple(row) for row in found]

    @cached_property
    def _statement(self) -> _Statement:
        return _Statement.of(self._words().query)

    @cached_property
    def _converters(self) -> dict[int, Any]:
        compiler = self._statement.compiler
        found: dict[int, Any] = compiler.get_converters([each[0] for each in compiler.select])
        return found


class Update:
    """A conditional update of the rows that are found."""

    def __init__(self, words: Words, **changes: Any) -> None:
        self._words, self._changes = words, changes

    def __call__(self, **values: Any) -> int:
        """Write; returns how many rows were found."""
        count: int = self._statement.run(values, fetch=False)
        return count

    @cached_property
    def _statement(self) -> _Statement:
        query: Any = self._words().query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        return _Statement.of(query)


class Insert(Generic[M]):
    """A new row of a model, every column as the instance has it; no signal is sent."""

    def __init__(self, model: type[M]) -> None:
        self._model = model

    def __call__(self, row: M) -> M:
        """Insert it, and give it its key."""
        here = connections[DEFAULT_DB_ALIAS]
        columns = [field.get_db_prep_save(field.pre_save(row, True), here) for field in self._fields]
        with cursors.repeating(here) as cursor:
            cursor.execute(self._sql, columns)
            row.pk = cursor.fetchone()[0]
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        return row

    @cached_property
    def _fields(self) -> list[Any]:
        return [field for field in self._model._meta.concrete_fields if not field.primary_key]

    @cached_property
    def _sql(self) -> str:
        quote, meta = connection.ops.quote_name, self._model._meta
        columns = ", ".join(quote(field.column) for field in self._fields)
        marks = ", ".join("%s" for _field in self._fields)
        return f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({marks}) RETURNING {quote(str(meta.pk.column))}"  # noqa: S608


def _adapted(here: BaseDatabaseWrapper, value: Any) -> Any:
    """A value as the database takes it."""
    if isinstance(value, datetime):
        return here.ops.adapt_datetimefield_value(value)
    if isinstance(value, dict):
        return JSON.get_db_prep_value(value, here)
    return str(value) if isinstance(value, str) else value
