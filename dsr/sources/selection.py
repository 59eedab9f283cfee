"""Which rows are a reader's: keys that compare as tuples, links from identifiers to rows, pages in keyset order."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    CompositePrimaryKey,
    DateTimeField,
    Expression,
    F,
    Field,
    FileField,
    ForeignKey,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.db.models.functions import Lower
from django.db.models.lookups import In
from django.utils import timezone

from dsr.sources.base import Rows, Subject
from dsr.sources.fields import Link

Key = tuple[Any, ...]
AnyField: TypeAlias = "Field[Any, Any]"

PAGE = 1000
TUPLES_AT_ONCE = 100  # SQLite reads a list of tuples as one deep expression


def field_at(model: type[Model], path: str) -> AnyField:
    """The field at the end of a path across foreign keys; raises FieldDoesNotExist."""
    first, _sep, rest = path.partition("__")
    field: Any = model._meta.pk if first == "pk" else model._meta.get_field(first)
    return field_at(field.related_model, rest) if rest else field


def value_field(field: AnyField) -> AnyField:
    """The field whose values stand in the column: a foreign key's target."""
    return value_field(field.target_field) if isinstance(field, ForeignKey) else field


class RowKey:
    """The key of a model: its primary key, or the fields that a declaration names."""

    def __init__(self, model: type[Model], names: Sequence[str] = ()) -> None:
        pk = model._meta.pk
        if not names:
            names = pk.field_names if isinstance(pk, CompositePrimaryKey) else (pk.attname,)
        self.names: tuple[str, ...] = tuple(names)
        self.fields = tuple(value_field(field_at(model, name)) for name in self.names)

    def after(self, key: Key | None) -> Q:
        """Rows beyond the key; all of them without one."""
        if key is None:
            return Q()
        if len(self.names) == 1:
            return Q((f"{self.names[0]}__gt", key[0]))
        return Q(TupleGreaterThan(Tuple(*map(F, self.names)), key))

    def within(self, keys: Sequence[Key]) -> Iterator[Q]:
        """The rows of those keys, in as many conditions as the engines bear."""
        if len(self.names) == 1:
            yield Q((f"{self.names[0]}__in", [key[0] for key in keys]))
            return
        for start in range(0, len(keys), TUPLES_AT_ONCE):
            some = keys[start : start + TUPLES_AT_ONCE]
            yield reduce(or_, (Q(*zip(self.names, key, strict=True)) for key in some))

    def dump(self, key: Key) -> list[Any]:
        """The key as JSON holds it."""
        return [part if isinstance(part, int | str) else str(part) for part in key]

    def load(self, dumped: Sequence[Any]) -> Key:
        """The key that was dumped; raises ValidationError."""
        return tuple(field.to_python(part) for field, part in zip(self.fields, dumped, strict=True))

    def text(self, key: Key) -> str:
        """The key as one text."""
        return str(key[0]) if len(key) == 1 else json.dumps(self.dump(key), ensure_ascii=False)

    def parse(self, text: str) -> Key | None:
        """The key of a text, None when it is no key of this model."""
        try:
            return self.load([text] if len(self.names) == 1 else json.loads(text))
        except (ValidationError, ValueError, TypeError):
            return None


def link_condition(model: type[Model], link: Link, values: Sequence[str]) -> Q | None:
    """The rows that one link gives for the values, None when none of them can stand there."""
    wanted = link_values(model, link, values)
    return leads(model, link, wanted) if wanted else None


def link_values(model: type[Model], link: Link, values: Sequence[str]) -> list[Any]:
    """What the column of a link is compared with.

    An empty identifier must never match: it would be every reader who left the field empty.
    """
    field = value_field(field_at(model, link.path))
    wanted = set(_converted(field, [value for value in values if value.strip()]))
    if link.caseless:
        return sorted({form for value in wanted for form in lowered(value)})
    return sorted(wanted, key=str)


def leads(model: type[Model], link: Link, wanted: Sequence[Any] | Expression) -> Q:
    """The rows in which one of the values stands at the end of the link."""
    there = Q(In(Lower(link.path), wanted)) if link.caseless else Q((f"{link.path}__in", wanted))
    return reduce(and_, (empty(model, path) for path in link.unless), Q()) & there  # what is cheaper to ask comes first


def lowered(value: str) -> tuple[str, ...]:
    """A text as either engine lowers it: SQLite and PostgreSQL's C locale know ASCII alone."""
    ascii_only = "".join(char.lower() if char.isascii() else char for char in value)
    return (value.lower(), ascii_only)


def empty(model: type[Model], path: str) -> Q:
    """Where nothing stands at a path."""
    condition = Q((f"{path}__isnull", True))
    return (
        condition | Q((path, "")) if isinstance(field_at(model, path), CharField | TextField | FileField) else condition
    )


def _converted(field: AnyField, values: Sequence[str]) -> Iterator[Any]:
    for value in values:
        try:
            yield field.to_python(value)
        except ValidationError:
            continue


def branches(model: type[Model], links: Sequence[Link], subject: Subject) -> list[Q]:
    """One condition for each link that the reader's identifiers fill: each is read along its own index."""
    found = (link_condition(model, link, subject.values(link.kind)) for link in links)
    return [condition for condition in found if condition is not None]


def older(model: type[Model], path: str, before: datetime) -> Q:
    """The rows that came to be before the instant, or nobody knows when."""
    if isinstance(field_at(model, path), DateTimeField):
        return Q((f"{path}__lt", before)) | Q((f"{path}__isnull", True))
    return Q((f"{path}__lte", timezone.localdate(before))) | Q((f"{path}__isnull", True))


def not_of(condition: Q, found: QuerySet[Any]) -> QuerySet[Any]:
    """The rows for which the condition is not true, null being false."""
    mine = Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
    others: QuerySet[Any] = found.alias(dsr_mine=mine).filter(dsr_mine=False)
    return others


def any_of(conditions: Sequence[Q]) -> Q | None:
    """Their union, None when there is none."""
    return reduce(or_, conditions) if conditions else None


def in_rows(key: RowKey, rows: Rows) -> Q:
    """The rows that the reader ticked; an unreadable key is nobody's row."""
    if rows is None:
        return Q()
    keys = [parsed for parsed in map(key.parse, rows) if parsed is not None]
    return any_of(list(key.within(keys))) or Q(pk__in=[]) if keys else Q(pk__in=[])


def in_pages(keys: Sequence[Key], *, size: int = PAGE) -> Iterator[Sequence[Key]]:
    """The keys, a page at a time."""
    return (keys[start : start + size] for start in range(0, len(keys), size))


def pages(queryset: QuerySet[Any], key: RowKey, *, size: int = PAGE) -> Iterator[list[dict[str, Any]]]:
    """The rows of a ``values()`` QuerySet that holds the key fields, in keyset order, a page at a time."""
    after: Key | None = None
    while page := list(queryset.filter(key.after(after)).order_by(*key.names)[:size]):
        yield page
        if len(page) < size:
            return
        after = tuple(page[-1][name] for name in key.names)
