"""A reader with something in every field of every table, and what must hold of their copy and of their erasure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.apps import apps
from django.db.models import Model

from dsr.readers.models import Account, Comment, Consent, Invoice, Subscription
from dsr.sources import registry
from dsr.sources.base import Identifier, Subject
from tests.audit.marked import BORN, Marks, filled
from tests.sources.readers import chunks

ENDED = date(2026, 3, 31)
LONG_AGO = date(2010, 3, 31)
PAID = {"due_on": ENDED, "paid_on": ENDED, "billing_country": "FR", "truncated_card": "4242"}

EMPTY = (None, "")

Fields = set[str]


@dataclass
class World:
    """The reader's marks, another reader's, how to find the first, and their rows by a name for each."""

    own: Marks = field(default_factory=Marks)
    others: Marks = field(default_factory=Marks)
    rows: dict[str, Model] = field(default_factory=dict)
    subject: Subject = field(default_factory=lambda: Subject(frozenset()))


def made(at: datetime, *, running: bool = False) -> World:
    """Rows of the reader's in every table, no field left empty, and another reader's comment.

    One contract has ended, or is ``running``; a cheap one has, and its invoice is kept for longer. One invoice is so
    old that only its payment still counts. One comment has an answer, which keeps it for good.
    """
    world = World()
    own, rows = world.own, world.rows
    email = own.address("the reader")
    seen = {"email_confirmed_at": at, "last_seen_at": at, "birth_date": BORN, "country": "FR"}
    account = rows["Account"] = filled(Account, own, at, email=email, **seen)
    another = filled(Comment, world.others, at)
    rows["Comment by address"] = filled(Comment, own, at, author_email=email)
    rows["Comment answered"] = answered = filled(Comment, own, at, account=account)
    filled(Comment, world.others, at, parent=answered)
    sold = {"amount": Decimal(150), "concluded_online": True, "delivery_country": "FR", "truncated_card": "4242"}
    sold["started_on"] = LONG_AGO
    contract = filled(Subscription, own, at, account=account, ended_on=None if running else ENDED, **sold)
    cheap = filled(Subscription, own, at, account=account, ended_on=ENDED, **{**sold, "amount": Decimal(59)})
    rows |= {"Subscription": contract, "Subscription cheap": cheap}
    for name, of, issued, debited in (
        ("Invoice", cheap, ENDED, ENDED),
        ("Invoice long paid", contract, LONG_AGO, at.date()),
    ):
        given = {"account": account, "subscription": of, "issued_on": issued, "debited_on": debited}
        rows[name] = filled(Invoice, own, at, **given, **PAID)
    rows["Consent"] = filled(Consent, own, at, account=account, given=False)
    for model in apps.get_app_config("readers").get_models():
        if model.__name__ not in rows:
            owner = next(name for name in ("account", "reporter_account") if hasattr(model, name))
            about = {"comment": another} if hasattr(model, "comment") else {}
            rows[model.__name__] = filled(model, own, at, **{owner: account}, **about)
    world.subject = registry.expand(frozenset({Identifier("email", email)}))
    return world


def not_copied(world: World) -> Fields:
    """The fields of the reader's rows that their copy lacks, and those that stand in it as something else."""
    records = {each.name: "\n".join(each.collect(world.subject)).lower() for each in registry.sources()}
    sources = {each.model: each for each in registry.sources() if hasattr(each, "model")}
    marks, missing = {each.lower() for each in world.own.typed}, set()
    for row in world.rows.values():
        source = sources.get(type(row))
        columns = {column.name for column in source.columns()} if source else set()
        for each in row._meta.concrete_fields:
            mark = str(each.value_from_object(row)).lower()
            if each.name not in columns:
                missing.add(f"{type(row).__name__}.{each.name}")
            elif mark in marks and source and mark not in records[source.name]:
                missing.add(f"{type(row).__name__}.{each.name} (masked)")
    return missing


def of_others(world: World) -> list[str]:
    """What the copy holds of another reader."""
    return world.others.left_in("\n".join(line for each in registry.sources() for line in each.collect(world.subject)))


def erased(world: World, on: date) -> Fields:
    """Erase everything on that day; returns what stands of the reader's rows as it stood at first, or was added."""
    for source in registry.sources():
        for _chunk in chunks(source, world.subject, on=on):
            pass
    return {f"{name}.{each}" for name, row in world.rows.items() for each in _unchanged(row)}


def _unchanged(row: Model) -> Fields:
    now = type(row)._default_manager.filter(pk=row.pk).first()
    if now is None:
        return set()
    every = {
        each.name: (each.value_from_object(row), each.value_from_object(now)) for each in row._meta.concrete_fields
    }
    stands = {name for name, (then, since) in every.items() if then not in EMPTY and then == since}
    return stands | {f"{name}+" for name, (then, since) in every.items() if then in EMPTY and since not in EMPTY}
