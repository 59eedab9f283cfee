"""Alice and Bob with something in every table, and what the tests ask of a source again and again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from dsr.models.identity import Identifier as Proof
from dsr.models.identity import Means
from dsr.models.request import Channel, DataRequest
from dsr.models.statement import Statement
from dsr.readers.models import (
    Account,
    ArticleRead,
    Ban,
    Comment,
    Consent,
    Invoice,
    ModerationNote,
    NewsletterSubscription,
    Report,
    Subscription,
    SupportMessage,
)
from dsr.sources import registry
from dsr.sources.base import Chunk, Identifier, Source, Subject
from dsr.sources.model_source import ModelSource
from dsr.states import Kind, State

ALICE, BOB = "alice@example.org", "bob@example.org"
TODAY = date(2026, 11, 23)


def known_by(**values: str) -> frozenset[Identifier]:
    """Verified identifiers."""
    return frozenset(Identifier(kind, value) for kind, value in values.items())


def subject(**values: str) -> Subject:
    """A reader known by nothing else."""
    return Subject(known_by(**values))


def instant(text: str) -> datetime:
    """An instant in UTC, such as ``2026-03-01`` or ``2026-03-01T12:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def account(email: str | None = None, **fields: Any) -> Account:
    """An account whose address is confirmed."""
    confirmed = instant("2020-01-02") if email else None
    given = {"email": email, "email_confirmed_at": confirmed, "created_at": instant("2020-01-01"), **fields}
    return Account.objects.create(**given)


def comment(when: str = "2026-03-01", **fields: Any) -> Comment:
    """A comment of that day."""
    given = {"content": "Un avis.", "article_url": "https://journal.example.org/1", "status": "published", **fields}
    return Comment.objects.create(created_at=instant(when), **given)


def subscription(of: Account, **fields: Any) -> Subscription:
    """A contract that runs, concluded online, of 150 € a term."""
    given = {"offer": "Intégral", "amount": Decimal("150"), "started_on": date(2025, 9, 1), **fields}
    return Subscription.objects.create(account=of, **given)


def invoice(of: Account, **fields: Any) -> Invoice:
    """A paid invoice."""
    given = {
        "number": f"F-{Invoice.objects.count() + 1:06}",
        "issued_on": date(2025, 3, 31),
        "paid_on": date(2025, 4, 1),
        "amount": Decimal("15"),
        "vat": Decimal("0.31"),
        **fields,
    }
    return Invoice.objects.create(account=of, **given)


def consent(**fields: Any) -> Consent:
    """A consent to the messages of partners."""
    when = instant(fields.pop("when", "2024-05-01"))
    return Consent.objects.create(**{"purpose": "partners", "given": True, "changed_at": when, **fields})


def newspaper() -> list[ModelSource]:
    """The declared sources over tables of the newspaper, in order."""
    return [source for source in registry.sources() if isinstance(source, ModelSource)]


def asked(email: str, *, when: str = "2026-09-01", proven: bool = True, **fields: Any) -> DataRequest:
    """A request from that address; unless it was proven, anybody may have typed it."""
    at = instant(when)
    given = {"kind": Kind.ACCESS, "channel": Channel.FORM, "email": email, **fields}
    data_request = DataRequest.objects.create(
        received_at=at, entered_at=at, confirmed_at=at if proven else None, **given
    )
    if proven:
        verified = {"verified_by": Means.MAILBOX, "verified_at": at}
        Proof.objects.create(data_request=data_request, kind="email", value=email, **verified)
    return data_request


def everywhere(email: str, name: str) -> Account:
    """A reader with at least one row in each table, young and old."""
    reader = account(email, family_name=name, pen_name=name, subscriber_number=f"A-{name}", last_ip="192.0.2.1")
    by_account = comment(account=reader, author_name=name, author_ip="192.0.2.2")
    comment("2019-03-01", account=reader, author_name=name, content=f"Vieux mots de {name}.")
    comment(author_email=email.upper(), author_name=name)
    ModerationNote.objects.create(comment=by_account, moderator="M-07", text=name, created_at=instant("2026-03-02"))
    Report.objects.create(reporter_account=reader, comment=comment(), reason="hate", created_at=instant("2026-03-03"))
    Ban.objects.create(email=email, reason=name, moderator="M-07", starts_at=instant("2026-03-04"))
    ArticleRead.objects.create(
        account=reader, article_url="https://journal.example.org/1", read_at=instant("2026-01-01")
    )
    letters = {"list_name": "matin", "subscribed_at": instant("2024-01-01")}
    NewsletterSubscription.objects.create(email=email, **letters)
    consent(account=reader, email=email)
    SupportMessage.objects.create(email=email, name=name, body=name, created_at=instant("2026-02-01"))
    contract = subscription(reader, ended_on=date(2026, 8, 31), delivery_name=name)
    invoice(reader, subscription=contract, billing_name=name)
    Statement.objects.create(reference=f"DSR-{name}"[:16], email=email, text=name, recorded_at=instant("2026-08-01"))
    asked(email, message=name, state=State.WITHDRAWN, closed_at=instant("2026-09-02"))
    return reader


def chunks(source: Source, reader: Subject, *, on: date = TODAY, limit: int = 500, rows: Any = None) -> Iterator[Chunk]:
    """The chunks of an erasure, to its end; each could be committed as it is."""
    cursor: dict[str, Any] | None = {}
    while cursor is not None:
        chunk = source.erase(reader, on=on, limit=limit, cursor=cursor, rows=rows)
        cursor = chunk.cursor
        connection.check_constraints()
        yield chunk


def erase(source: Source, reader: Subject, **options: Any) -> Chunk:
    """A whole erasure as one chunk."""
    done = list(chunks(source, reader, **options))
    files = tuple(file for chunk in done for file in chunk.files)
    return Chunk(None, sum(chunk.erased for chunk in done), sum(chunk.rewritten for chunk in done), files=files)
