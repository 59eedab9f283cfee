"""Identifiers that no index serves: each search for a reader would read the whole table."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, register
from django.db.models import CompositePrimaryKey, F, Index, Model, UniqueConstraint
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from dsr.checks.declared import of_models, warning
from dsr.sources import declaration
from dsr.sources.fields import Link

Column = tuple[str, bool]  # a field, and whether it is lowered


@register("dsr")
def check_indexes(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The ways from an identifier to rows that have no index; a table that Django does not manage is not known."""
    return [
        warning("W001", f"{path}.identified_by", _sentence(model, column))
        for path, source in of_models()
        if not declaration.unknown(source)
        if not any(fault.name == "identified_by" for fault in declaration.contradictions(source))
        for link in dict.fromkeys((*source.identified_by, *source.mentioned_by))
        for model, column in _needed(source.model, link)
        if model._meta.managed and column not in _leading(model)
    ]


def _sentence(model: type[Model], column: Column) -> str:
    name, lowered = column
    sentence = _("Rien n’indexe %(column)s dans %(model)s : ajoutez un index qui commence par là.")
    return sentence % {"column": f'Lower("{name}")' if lowered else name, "model": model._meta.label}


def _needed(model: type[Model], link: Link) -> Iterator[tuple[type[Model], Column]]:
    """Each table on the way, with the column by which it is read."""
    first, _sep, rest = link.path.partition("__")
    field: Any = model._meta.pk if first == "pk" else model._meta.get_field(first)
    yield model, (field.name, link.caseless and not rest)
    if rest:
        yield from _needed(field.related_model, Link(link.kind, rest, caseless=link.caseless))


def _leading(model: type[Model]) -> set[Column]:
    """The columns by which an index of the table begins; one that leaves rows out does not count."""
    options = model._meta
    fields: Any = options.local_concrete_fields
    found: set[Column] = {(field.name, False) for field in fields if field.unique or field.db_index}
    found |= {(names[0], False) for names in options.unique_together}
    pk: Any = options.pk
    found |= {(pk.field_names[0], False)} if isinstance(pk, CompositePrimaryKey) else set()
    for index in (*options.indexes, *options.constraints):
        if isinstance(index, Index | UniqueConstraint) and index.condition is None:
            found |= _first(index)
    return found


def _first(index: Index | UniqueConstraint) -> set[Column]:
    if index.fields:
        return {(index.fields[0].removeprefix("-"), False)}
    expressions: Any = index.expressions
    first = expressions[0].expression if isinstance(expressions[0], OrderBy) else expressions[0]
    inner: Any = first.get_source_expressions()[0] if isinstance(first, Lower) else first
    plain = isinstance(inner, F)
    return {(inner.name, isinstance(first, Lower))} if plain else set()
