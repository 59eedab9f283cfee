"""Statements compiled without a reader: the values of one are put in their places when a statement is run.

A statement is compiled once for each number of values that a link is given, in each language, and kept with its source.
No value of a reader is there while it is compiled, so none can stay in it; one that is missing when it is run is a
KeyError, never somebody else's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Expression, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import translation

from dsr import cursors
from dsr.sources import selection
from dsr.sources.base import Subject

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

KEPT_STATEMENTS: Final = 256  # of one source: each form and language, each number of values that readers really have
LAST_KEY: Final = -1  # stands for a link where the key of the last row has its places

Ways = Sequence[Q]  # one condition for each link that the reader's identifiers fill
Build = Callable[["ModelSource", Ways, Ways], QuerySet[Any]]  # from the reader's own rows and those that mention them
Shape = tuple[int, ...]  # how many values each link is given


@dataclass(frozen=True, slots=True)
class Place:
    """Where one value of a reader stands: that of which link, and which of several."""

    link: int
    number: int


Values = Mapping[Place, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """What the database is sent, and what makes of the first column what the model gives."""

    sql: str
    parameters: tuple[Any, ...]
    converters: tuple[Callable[..., Any], ...]
    column: Any


class _Places(Expression):
    """The values that a link is given, as the list that a column is compared with."""

    def __init__(self, link: int, many: int) -> None:
        super().__init__()
        self._places = [Place(link, number) for number in range(many)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002
        """A mark for each."""
        return f"({', '.join('%s' for _place in self._places)})", list(self._places)


def values(source: "ModelSource", subject: Subject) -> tuple[Shape, dict[Place, Any]]:
    """What the reader puts in the places of each link, as the database takes it, and how many there are."""
    filled: dict[Place, Any] = {}
    shape = []
    for number, link in enumerate((*source.identified_by, *source.mentioned_by)):
        wanted = selection.link_values(source.model, link, subject.values(link.kind))
        field = selection.value_field(source.field(link.path))
        for which, value in enumerate(wanted):
            filled[Place(number, which)] = field.get_db_prep_value(value, source.connection)
        shape.append(len(wanted))
    return tuple(shape), filled


def last(key: selection.Key) -> dict[Place, Any]:
    """What the key of the last row puts in the places of ``beyond``."""
    return {Place(LAST_KEY, number): part for number, part in enumerate(key)}


def beyond(source: "ModelSource") -> Q:
    """Rows after the last key; a lone column is compared as such, so that any index serves."""
    quote = source.connection.ops.quote_name
    table, names = quote(source.model._meta.db_table), source.row_key.names
    columns = ", ".join(f"{table}.{quote(str(source.field(name).column))}" for name in names)
    marks = ", ".join("%s" for _name in names)
    sql = f"({columns}) > ({marks})" if len(names) > 1 else f"{columns} > {marks}"
    last = [Place(LAST_KEY, number) for number, _name in enumerate(names)]
    return Q(RawSQL(sql, last, BooleanField()))  # noqa: S611 - the model's names, the values parameters


def kept(source: "ModelSource", build: Build, language: str | None, shape: Shape) -> Statement | None:
    """The statement with a place for each value; ``ModelSource.statement`` remembers it."""
    links = [*source.identified_by, *source.mentioned_by]
    ways = [
        selection.leads(source.model, link, _Places(number, many)) if many else None
        for number, (link, many) in enumerate(zip(links, shape, strict=True))
    ]
    own, mentions = ways[: len(source.identified_by)], ways[len(source.identified_by) :]
    with translation.override(language):
        found = build(source, [way for way in own if way], [way for way in mentions if way])
        return compiled(source, found)


def compiled(source: "ModelSource", found: QuerySet[Any]) -> Statement | None:
    """A query as a statement, None when no row can be found."""
    compiler = found.query.get_compiler(connection=source.connection)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    converters, column = compiler.get_converters([compiler.select[0][0]]).get(0, ([], None))
    return Statement(sql, tuple(parameters), tuple(converters), column)


def filled(parameters: Sequence[Any], values: Values) -> list[Any]:
    """The parameters of a statement for one reader."""
    return [values[each] if type(each) is Place else each for each in parameters]


def first_column(source: "ModelSource", statement: Statement, values: Values) -> list[Any]:
    """What stands in the first column of the rows that are found for one reader."""
    with cursors.repeating(source.connection) as cursor:
        cursor.execute(statement.sql, filled(statement.parameters, values))
        found = [row[0] for row in cursor.fetchall()]
    for convert in statement.converters:
        found = [convert(value, statement.column, source.connection) for value in found]
    return found
