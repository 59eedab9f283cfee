"""A reader with a mark in every field of every table, and what must hold of their copy and of their erasure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Model

from dsr.readers.models import Account, Comment, Consent, Subscription
from dsr.sources import registry
from dsr.sources.base import Identifier, Subject
from tests.audit.marked import BORN, Marks, filled
from tests.sources.readers import chunks

ENDED = date(2026, 3, 31)
ALL_OVER = date(2099, 1, 1)

Fields = set[str]


@dataclass(frozen=True)
class World:
    """The reader's marks, another reader's, and how to find the first."""

    own: Marks
    others: Marks
    rows: list[Model]
    subject: Subject


def made(at: datetime) -> World:
    """A row of the reader's in every table, all its fields filled in, and another reader's comment."""
    own, others = Marks(), Marks()
    email = own.address("the reader")
    account: Account = filled(Account, own, at, email=email, email_confirmed_at=at, birth_date=BORN)
    another = filled(Comment, others, at)
    rows: list[Model] = [account, filled(Comment, own, at, author_email=email)]
    for model in apps.get_app_config("readers").get_models():
        if model is not Account:
            owner = next(name for name in ("account", "reporter_account") if hasattr(model, name))
            about = {"comment": another} if hasattr(model, "comment") else {}
            rows.append(filled(model, own, at, **{owner: account}, **about, **_ended(model)))
    return World(own, others, rows, registry.expand(frozenset({Identifier("email", email)})))


def _ended(model: type[Model]) -> dict[str, Any]:
    """A contract that is over and a consent withdrawn, whose time can end."""
    return {Subscription: {"ended_on": ENDED}, Consent: {"given": False}}.get(model, {})


def not_copied(world: World) -> Fields:
    """The fields of the reader's rows that their copy does not hold as they stand."""
    records = {each.name: "\n".join(each.collect(world.subject)) for each in registry.sources()}
    sources = {each.model: each for each in registry.sources() if hasattr(each, "model")}
    missing = set()
    for row in world.rows:
        source = sources.get(type(row))
        columns = {column.name for column in source.columns()} if source else set()
        text = records[source.name].lower() if source else ""
        for field in row._meta.concrete_fields:
            mark = str(field.value_from_object(row)).lower()
            marked = mark in {each.lower() for each in world.own.typed}
            if field.name not in columns or (marked and mark not in text):
                missing.add(f"{type(row).__name__}.{field.name}")
    return missing


def of_others(world: World) -> list[str]:
    """What the copy holds of another reader."""
    return world.others.left_in("\n".join(line for each in registry.sources() for line in each.collect(world.subject)))


def erased(world: World, on: date) -> Fields:
    """Erase everything on that day; returns the fields of the reader's rows that stand as they stood."""
    before = [_values(row) for row in world.rows]
    for source in registry.sources():
        for _chunk in chunks(source, world.subject, on=on):
            pass
    return {name for row, values in zip(world.rows, before, strict=True) for name in _unchanged(row, values)}


def _values(row: Model) -> dict[str, Any]:
    fresh = type(row)._default_manager.filter(pk=row.pk).first()
    if fresh is None:
        return {}
    return {field.name: field.value_from_object(fresh) for field in row._meta.concrete_fields}


def _unchanged(row: Model, before: dict[str, Any]) -> Fields:
    after = _values(row)
    return {
        f"{type(row).__name__}.{name}"
        for name, value in before.items()
        if value not in (None, "") and after.get(name) == value
    }
