"""What stands in a database table: its columns, from the model that describes it or, without one, from the database."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.core.management.commands.inspectdb import Command as Inspector
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    CASCADE,
    DO_NOTHING,
    PROTECT,
    RESTRICT,
    AutoField,
    CharField,
    EmailField,
    ForeignKey,
    ForeignObjectRel,
    Model,
    TextField,
    UUIDField,
)
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from dsr.sources.selection import AnyField

EMAIL_LIKE: Final = re.compile(r"(?:^|_)(?:e_?mails?|courriels?)(?:_|$)|^mail$|_mail$")
IDENTIFIER_LIKE: Final = re.compile(
    r"(?:^|_)(?:tele?phone|phone|tel|mobile|portable|iban|mandate|mandat|rum|(?:subscriber|customer|client|abonne)_(?:number|no|id))(?:_|$)"
)
NUMBERED: Final = ("AutoField", "BigAutoField", "SmallAutoField", "UUIDField")
WRITTEN: Final = ("CharField", "TextField")
HARMLESS: Final = (PROTECT, RESTRICT, DO_NOTHING)


class UnknownTable(LookupError):  # noqa: N818
    """No model and no table has that name, or nothing tells its rows apart; the sentence is fit for a terminal."""


@dataclass(frozen=True, slots=True)
class Column:
    """One field; ``target`` is the table that it points at, ``arguments`` are what ``models.<type_name>`` is given."""

    name: str
    label: str
    is_internal_number: bool = False
    is_address: bool = False
    is_free_text: bool = False
    target: str = ""
    type_name: str = ""
    arguments: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one database; ``key`` names the fields that tell its rows apart together."""

    name: str
    alias: str
    columns: tuple[Column, ...]
    model: type[Model] | None = None
    key: tuple[str, ...] = ()


def email_like(name: str) -> bool:
    """Whether a column of that name holds an e-mail address."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return bool(EMAIL_LIKE.search(words.lower()))


def identifier_like(name: str) -> bool:
    """Whether a column of that name holds what names one person alone: an address, a telephone, a customer's number."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return email_like(name) or bool(IDENTIFIER_LIKE.search(words.lower()))


def rewriting(model: type[Model]) -> list[ForeignObjectRel]:
    """The references whose rows would change, and stay, when the row goes that they point at."""
    found = [each for each in model._meta.get_fields(include_hidden=True) if isinstance(each, ForeignObjectRel)]
    return [each for each in found if not each.many_to_many and each.on_delete not in (*HARMLESS, CASCADE)]


def look_up(name: str, alias: str) -> Table:
    """The table of that name in that database, or of the model ``app.Model``; raises UnknownTable."""
    model = _named(name) if "." in name else described(name, alias)
    if model is not None:
        return Table(model._meta.db_table, alias, tuple(_described_columns(model)), model)
    connection = connections[alias]
    if name not in connection.introspection.table_names(include_views=True):
        sentence = _("Ni modèle ni table ne s’appelle « %(name)s » dans la base « %(alias)s ».")
        raise UnknownTable(sentence % {"name": name, "alias": alias})
    return _introspected(connection, name)


def described(table: str, alias: str) -> type[Model] | None:
    """The installed model of a table of that database, None when there is none."""
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        here = not options.managed or router.db_for_write(model) == alias
        if options.db_table == table and not options.proxy and here:
            return model
    return None


def _named(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _described_columns(model: type[Model]) -> Iterator[Column]:
    for field in model._meta.local_concrete_fields:
        if field.column:
            number = isinstance(field, AutoField | UUIDField)
            yield Column(
                name=field.name,
                label=_label(field),
                is_internal_number=bool(field.primary_key and number),
                is_address=isinstance(field, EmailField) or (_is_text(field) and email_like(field.name)),
                is_free_text=isinstance(field, TextField) and not field.flatchoices,
                target=field.related_model._meta.db_table if isinstance(field, ForeignKey) else "",
            )


def _label(field: AnyField) -> str:
    return capfirst(str(field.verbose_name))


def _is_text(field: AnyField) -> bool:
    return isinstance(field, CharField | TextField)


def _introspected(connection: BaseDatabaseWrapper, name: str) -> Table:
    look = _Look(connection, name)
    if not look.keys:
        sentence = _("Rien ne distingue les lignes de « %(name)s », qui n’a pas de clé primaire : donnez-lui en une.")
        raise UnknownTable(sentence % {"name": name})
    columns: dict[str, Column] = {}
    for row in look.rows:
        columns[row.name] = look.column(row, [column.name for column in columns.values()])
    key = tuple(columns[each].name for each in look.keys) if len(look.keys) > 1 else ()
    return Table(name, connection.alias, tuple(columns.values()), key=key)


class _Look:
    """What the database says of one table."""

    def __init__(self, connection: BaseDatabaseWrapper, table: str) -> None:
        self.connection = connection
        self.table = table
        asked: Any = connection.introspection
        with connection.cursor() as cursor:
            self.keys: list[str] = asked.get_primary_key_columns(cursor, table) or []
            self.relations: Mapping[str, tuple[str, str]] = asked.get_relations(cursor, table)
            constraints: Mapping[str, Any] = asked.get_constraints(cursor, table)
            self.rows: Sequence[Any] = asked.get_table_description(cursor, table)
        self.alone = [each["columns"] for each in constraints.values() if each["unique"]]

    def column(self, row: Any, known: list[str]) -> Column:
        """One column as a field; a reference to a table that no model describes remains the value that it is."""
        model = self._target(row.name)
        name, renamed, _notes = Inspector().normalize_col_name(row.name, known, model is not None)
        type_name, given, notes = self._type(row, model)
        is_key, nullable = self.keys == [row.name], row.null_ok and row.name not in self.keys
        is_address = type_name in WRITTEN and email_like(row.name)
        if is_address and type_name == "CharField":
            type_name = "EmailField"
        options = {
            **self._uniqueness(row.name),
            **renamed,
            **given,
            **({"blank": True, "null": True} if nullable else {}),
        }
        first = [literal(model._meta.label), "models.DO_NOTHING"] if model else []
        return Column(
            name=name,
            label=capfirst(name.replace("_", " ")),
            is_internal_number=is_key and type_name in NUMBERED,
            is_address=is_address,
            is_free_text=type_name == "TextField",
            target=model._meta.db_table if model else "",
            type_name=type_name,
            arguments=(*first, *(f"{option}={literal(value)}" for option, value in options.items())),
            note="noqa: DJ001" if type_name in (*WRITTEN, "EmailField") and nullable else " ".join(notes),
        )

    def _target(self, column: str) -> type[Model] | None:
        """The model whose primary key the column points at."""
        referenced, table = self.relations.get(column, ("", ""))
        model = described(table, self.connection.alias) if table else None
        return model if model is not None and model._meta.pk.column == referenced else None

    def _type(self, row: Any, model: type[Model] | None) -> tuple[str, dict[str, Any], list[str]]:
        if model is not None:
            return "ForeignKey", {}, []
        return Inspector().get_field_type(self.connection, self.table, row)

    def _uniqueness(self, column: str) -> dict[str, Any]:
        if self.keys == [column]:
            return {"primary_key": True}
        return {"unique": True} if [column] in self.alone else {}


def literal(value: Any) -> str:
    """A value as Python code, a text between double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
