"""Recording what happened, inside the transaction in which it happens, and verifying what was recorded."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import rfc8785
from django.db import transaction

from dsr.audit.events import EVENTS
from dsr.models.audit import AuditEntry
from dsr.models.request import DataRequest
from dsr.models.staff import Staff

READER = "reader"
SYSTEM = "system"

Actor = Staff | str  # a member of staff, READER or SYSTEM
Fact = str | int | bool

TOKEN = re.compile(r"[A-Za-z0-9_.:-]{0,64}\Z")


class UnknownFactError(Exception):
    """An entry tried to carry what its event does not allow."""


def actor_reference(by: Actor) -> str:
    """How the log names whoever acts: a random staff reference, ``reader`` or ``system``."""
    return by.reference if isinstance(by, Staff) else by


def entry_hash(canonical: str) -> str:
    """SHA-256 of an entry's stored text, in hexadecimal."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def record(
    event: str, *, by: Actor, at: datetime, about: DataRequest | None = None, facts: dict[str, Fact] | None = None
) -> AuditEntry:
    """Append one entry to the chain of the request, or of the member of staff for an act about no request.

    Raises UnknownFactError for a fact that the event does not list or a value that is not a code, a count or a date.
    """
    facts = facts or {}
    _check(event, facts)
    subject = _lock_chain(about, by)
    last = AuditEntry.objects.filter(subject=subject).order_by("-n").first()
    entry = AuditEntry(
        subject=subject,
        n=last.n + 1 if last else 1,
        previous=entry_hash(last.canonical) if last else "",
        event=event,
        at=at,
        actor=actor_reference(by),
        facts=facts,
    )
    entry.canonical = canonical_text(entry)
    entry.save(force_insert=True)
    return entry


def canonical_text(entry: AuditEntry) -> str:
    """The entry as canonical JSON (RFC 8785); what is hashed is this text as it was stored."""
    return rfc8785.dumps(
        {
            "actor": entry.actor,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "event": entry.event,
            "facts": entry.facts,
            "n": entry.n,
            "previous": entry.previous,
            "subject": entry.subject,
        }
    ).decode()


def verify() -> Iterator[str]:
    """Name each entry that is not what was recorded: changed, missing, out of its place or cut off from its chain."""
    subject, n, previous = "", 0, ""
    for entry in AuditEntry.objects.order_by("subject", "n").iterator(chunk_size=2000):
        if entry.subject != subject:
            subject, n, previous = entry.subject, 0, ""
        if entry.n != n + 1:
            yield f"{entry}: entries {n + 1} to {entry.n - 1} are missing"
        elif entry.previous != previous:
            yield f"{entry}: does not follow the entry before it"
        if canonical_text(entry) != entry.canonical:
            yield f"{entry}: its columns differ from its text"
        n, previous = entry.n, entry_hash(entry.canonical)


def _check(event: str, facts: dict[str, Fact]) -> None:
    unlisted = set(facts) - EVENTS[event].facts
    if unlisted:
        raise UnknownFactError(f"{event} may not carry {', '.join(sorted(unlisted))}")
    for name, value in facts.items():
        if isinstance(value, str) and not TOKEN.match(value):
            raise UnknownFactError(f"{event}: {name} is not a code")


def _lock_chain(about: DataRequest | None, by: Actor) -> str:
    """Hold the chain's owner until the transaction ends, so that two writers never take the same place."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("an entry is recorded in the transaction of what it records")
    if about is not None:
        DataRequest.objects.select_for_update(no_key=True).only("pk").get(pk=about.pk)
        return about.reference
    if not isinstance(by, Staff):
        raise TypeError("an act about no request is a member of staff's")
    Staff.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    return by.reference
