"""Recording what happened, inside the transaction in which it happens."""

import re
from datetime import UTC, datetime
from typing import Any

import rfc8785
from django.db import connection, transaction

from dsr import cursors
from dsr.audit import merkle
from dsr.audit.events import EVENTS
from dsr.models import prepared
from dsr.models.audit import AuditEntry
from dsr.models.erasure import KeptList
from dsr.models.request import DataRequest
from dsr.models.review import Review
from dsr.models.staff import Staff
from dsr.models.tree import Head

READER = "reader"
SYSTEM = "system"

Actor = Staff | str  # a member of staff, READER or SYSTEM
Subject = DataRequest | KeptList | Review | Head  # what an entry may be about: a row whose lock holds its chain
Fact = str | int | bool

_NEW = prepared.Insert(AuditEntry)

TOKEN = re.compile(r"[A-Za-z0-9_.:-]{0,64}\Z")


class UnknownFactError(Exception):
    """An entry tried to carry what its event does not allow."""


def itself() -> Head:
    """What an entry about the log or the service as a whole is about."""
    return Head.objects.get_or_create(pk=1)[0]


def actor_reference(by: Actor) -> str:
    """How the log names whoever acts: a random staff reference, ``reader`` or ``system``."""
    return by.reference if isinstance(by, Staff) else by


def record(
    event: str, *, by: Actor, at: datetime, about: Subject | None = None, facts: dict[str, Fact] | None = None
) -> AuditEntry:
    """Append one entry to the chain of its subject, or of the member of staff for an act about none.

    Raises UnknownFactError for a fact that the event does not list or a value that is not a code, a count or a date.
    """
    facts = facts or {}
    _check(event, facts)
    subject = _lock_chain(about, by)
    last = _run("SELECT n, canonical FROM dsr_auditentry WHERE subject = %s ORDER BY n DESC LIMIT 1", subject)
    n, previous = (last[0] + 1, link(last[1])) if last else (1, "")
    entry = AuditEntry(subject=subject, n=n, event=event, at=at, actor=actor_reference(by))
    entry.canonical = canonical_text(entry, facts=facts, previous=previous)
    _NEW(entry)
    _run('INSERT INTO "dsr_pending" (entry_id) VALUES (%s)', entry.pk)
    return entry


def link(text: str) -> str:
    """What the next entry of a chain says of this one: its leaf hash, in hexadecimal."""
    return merkle.leaf_hash(text.encode()).hex()


def place(about: Subject, event: str) -> tuple[int, str]:
    """Where the newest entry of that kind stands in its subject's chain, and its leaf hash; raises LookupError."""
    found = AuditEntry.objects.filter(subject=about.reference, event=event).order_by("-n").first()
    if found is None:
        raise LookupError(event)
    return found.n, link(found.canonical)


def canonical_text(entry: AuditEntry, *, facts: dict[str, Any], previous: str) -> str:
    """The entry as canonical JSON (RFC 8785); what is hashed is this text as it was stored."""
    return rfc8785.dumps(
        {
            "actor": entry.actor,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "event": entry.event,
            "facts": facts,
            "n": entry.n,
            "previous": previous,
            "subject": entry.subject,
        }
    ).decode()


def _check(event: str, facts: dict[str, Fact]) -> None:
    unlisted = set(facts) - EVENTS[event].facts
    if unlisted:
        raise UnknownFactError(f"{event} may not carry {', '.join(sorted(unlisted))}")
    for name, value in facts.items():
        if isinstance(value, str) and not TOKEN.match(value):
            raise UnknownFactError(f"{event}: {name} is not a code")


def _lock_chain(about: Subject | None, by: Actor) -> str:
    """Hold the chain's owner until the transaction ends, so that two writers never take the same place."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an entry is recorded in the transaction of what it records")
    owner = by if about is None else about
    if isinstance(owner, str):
        raise TypeError("an act about nothing in particular is a member of staff's")
    lock = " FOR NO KEY UPDATE" if connection.features.has_select_for_no_key_update else ""
    if _run(f"SELECT id FROM {owner._meta.db_table} WHERE id = %s{lock}", owner.pk) is None:  # noqa: S608 - a table of ours
        raise owner.DoesNotExist
    return owner.reference


def _run(sql: str, parameter: str | int) -> tuple[Any, ...] | None:
    """The first row that a statement gives; the ORM would take several times as long, and every writer waits for it."""
    with cursors.repeating(connection) as cursor:
        cursor.execute(sql, [parameter])
        row: tuple[Any, ...] | None = cursor.fetchone() if cursor.description else None
        return row
