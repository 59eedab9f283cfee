"""The first declaration of a table, as code: what is sure is written, what is not is marked and fails the checks."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from django.conf import settings
from django.core.management.commands.inspectdb import Command as Inspector
from django.db import DEFAULT_DB_ALIAS, router
from django.utils.module_loading import import_string

from dsr.sources import inspecting
from dsr.sources.inspecting import Column, Table, literal
from dsr.sources.model_source import ModelSource

WIDTH: Final = 120
TO_DECIDE: Final = "à décider"
TO_WRITE: Final = "à écrire"
TO_SEARCH: Final = "texte libre, à décider"  # other people's addresses are searched there before a copy leaves
INTERNAL: Final = 'not_personal(because=_("Un numéro interne, qui ne dit rien de vous."))'
SENTENCES: Final = ("code", "name", "purpose", "legal_basis", "categories", "recipients", "retention", "origin")


def draft(name: str, alias: str) -> str:
    """The module that declares a table, with its model where it has none; raises ``inspecting.UnknownTable``."""
    table = inspecting.look_up(name, alias)
    model = table.model.__name__ if table.model else _class_name(table.name)
    body = list(_declaration(table, model))
    blocks = [_heading(table), _imports(table, model, "\n".join(body)), _activity()]
    if table.model is None:
        blocks.append("\n".join(_model(table, model)))
    blocks.append("\n".join(body))
    heading, imports, *rest = blocks
    return f"{heading}\n{imports}\n{rest[0]}\n\n\n" + "\n\n\n".join(rest[1:]) + "\n"


def _heading(table: Table) -> str:
    lines = [
        f'"""Ébauche d’une source pour la table {table.name}.',
        "",
        f"Chaque ligne marquée « {TO_DECIDE} » ou « {TO_WRITE} » arrête « manage.py check ».",
        '"""',
        "",
    ]
    return "\n".join(lines)


def _imports(table: Table, model: str, body: str) -> str:
    words = [word for word in ("by", "not_personal", "personal", "undecided") if f"{word}(" in body]
    ours = [
        "from dsr.sources.activities import Activity, Recipient",
        f"from dsr.sources.fields import {', '.join(words)}",
        "from dsr.sources.model_source import ModelSource",
    ]
    theirs = [] if table.model else ["from django.db import models"]
    if "_(" in body:
        theirs.append("from django.utils.translation import gettext_lazy as _")
    if table.model:
        ours.append(f"from {table.model._meta.app_config.name}.models import {model}")
    return "\n".join([*theirs, "", *sorted(ours), ""])


def _activity() -> str:
    blank = {"recipients": '(Recipient("", ""),)'}
    lines = [f"    {name}={blank.get(name, literal(''))},  # {TO_WRITE}" for name in SENTENCES]
    return "\n".join(["ACTIVITY = Activity(", *lines, ")"])


def _model(table: Table, name: str) -> Iterator[str]:
    """A model that describes the table as it stands and never changes it."""
    yield f"class {name}(models.Model):"
    yield f'    """A row of {table.name}; its place is in the models of your application."""'
    yield ""
    if table.key:
        yield from _call("    pk = models.CompositePrimaryKey", [literal(part) for part in table.key])
    for column in table.columns:
        head = f"    {column.name} = models.{column.type_name}"
        yield from _call(head, column.arguments, note=column.note)
    yield from ("", "    class Meta:", "        managed = False", f"        db_table = {literal(table.name)}")
    yield from ("", "    def __str__(self) -> str:", f'        return f"{name} {{self.pk}}"')


def _declaration(table: Table, model: str) -> Iterator[str]:
    yield f"class {model}{'Source' if model.endswith('s') else 's'}(ModelSource):"
    yield f'    """What {table.name} holds of a reader."""'
    yield ""
    yield f"    name = {literal(_slug(table.name))}"
    yield f'    label = ""  # {TO_WRITE}'
    yield f'    description = ""  # {TO_WRITE}'
    yield "    activity = ACTIVITY"
    yield f"    model = {model}"
    yield from _place(table)
    yield from _identified_by(table)
    if any(column.is_address for column in table.columns):
        yield f'    dated_by = ""  # {TO_DECIDE}'
    if table.model and inspecting.rewriting(table.model):
        yield f"    stays_for = ()  # {TO_DECIDE}"
    yield "    fields = {"
    for column in table.columns:
        yield from _classified(column, table.alias)
    yield "    }"


def _place(table: Table) -> Iterator[str]:
    usual = router.db_for_write(table.model) if table.model else DEFAULT_DB_ALIAS
    if table.alias != usual:
        yield f"    using = {literal(table.alias)}"
    if table.alias != DEFAULT_DB_ALIAS:
        yield "    remote = True"


def _identified_by(table: Table) -> Iterator[str]:
    """A reference to a table whose key identifies a reader wins over the address written beside it."""
    accounts = [(kind, column.name) for column in table.columns if (kind := _identifies(column, table.alias))]
    ways = [f"by({literal(kind)}, {literal(name)})" for kind, name in accounts]
    names = [literal(name) for _kind, name in accounts]
    emptied = names[0] if len(names) == 1 else f"({', '.join(names)})"
    unless = f", unless={emptied}" if names else ""
    addresses = [f'by("email", {literal(column.name)}{unless})' for column in table.columns if column.is_address]
    ways += addresses
    if not ways:
        yield f"    identified_by = ()  # {TO_DECIDE}"
    elif len(ways) == 1:
        yield f"    identified_by = ({ways[0]},)"
    else:
        yield from _call("    identified_by = ", ways)
    if len(accounts) > 1 or len(addresses) > 1:
        yield f"    shared = None  # {TO_DECIDE}"


def _identifies(column: Column, alias: str) -> str:
    """The kind of identifier that a reference holds: what the source of its target reveals as its own key."""
    for source in _declared_so_far():
        if column.target == source.model._meta.db_table and source.alias == alias:
            own = {"pk", source.model._meta.pk.name}
            return next((each.kind for each in source.reveals if each.path in own), "")
    return ""


def _declared_so_far() -> Iterator[ModelSource]:
    """The sources over models that can be loaded already: the one being drafted may be named before it is there."""
    for path in settings.DSR_SOURCES:
        with suppress(ImportError):
            source = import_string(path)()
            if isinstance(source, ModelSource):
                yield source


def _classified(column: Column, alias: str) -> Iterator[str]:
    head = f"        {literal(column.name)}: "
    label = f"_({literal(column.label)})"
    if column.is_internal_number:
        yield f"{head}{INTERNAL},"
    elif column.is_address:
        yield from _call(f"{head}personal", ['_("Adresse électronique")', 'concept="email"'], tail=",")
    elif _identifies(column, alias):
        yield from _call(f"{head}personal", [label], tail=",")
    else:
        note = TO_SEARCH if column.is_free_text else TO_DECIDE
        yield from _call(f"{head}undecided", [label], tail=",", note=note)


def _call(head: str, arguments: Sequence[str], *, tail: str = "", note: str = "") -> Iterator[str]:
    """A call on one line where it fits, else as the formatter would break it; a ``noqa`` takes no room."""
    comment = f"  # {note}" if note else ""
    width = WIDTH if note.startswith("noqa") else WIDTH - len(comment)
    margin = " " * (len(head) - len(head.lstrip()))
    line = f"{head}({', '.join(arguments)}){tail}"
    if len(line) <= width:
        yield f"{line}{comment}"
        return
    inner = f"{margin}    {', '.join(arguments)}"
    yield f"{head}("
    yield from [inner] if len(inner) <= WIDTH else [f"{margin}    {argument}," for argument in arguments]
    yield f"{margin}){tail}{comment}"


def _class_name(table: str) -> str:
    name: str = Inspector().normalize_table_name(table)
    return name if name[:1].isalpha() else f"Table{name}"


def _slug(table: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", table.lower()).strip("_")
    return (slug if slug[:1].isalpha() else f"table_{slug}")[:64]
