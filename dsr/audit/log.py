"""Recording what happened, inside the transaction in which it happens."""

import re
from datetime import UTC, datetime
from typing import Any

import rfc8785
from django.db import transaction

from dsr.audit import merkle
from dsr.audit.events import EVENTS
from dsr.models.audit import AuditEntry, Pending
from dsr.models.request import DataRequest
from dsr.models.review import Review
from dsr.models.staff import Staff
from dsr.models.tree import Head

READER = "reader"
SYSTEM = "system"

Actor = Staff | str  # a member of staff, READER or SYSTEM
Subject = DataRequest | Review | Head  # what an entry may be about: a row whose lock holds its chain
Fact = str | int | bool

TOKEN = re.compile(r"[A-Za-z0-9_.:-]{0,64}\Z")


class UnknownFactError(Exception):
    """An entry tried to carry what its event does not allow."""


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
    last = AuditEntry.objects.filter(subject=subject).order_by("-n").first()
    entry = AuditEntry(subject=subject, n=last.n + 1 if last else 1, event=event, at=at, actor=actor_reference(by))
    entry.canonical = canonical_text(entry, facts=facts, previous=link(last.canonical) if last else "")
    entry.save(force_insert=True)
    Pending(entry=entry).save(force_insert=True)
    return entry


def link(text: str) -> str:
    """What the next entry of a chain says of this one: its leaf hash, in hexadecimal."""
    return merkle.leaf_hash(text.encode()).hex()


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
    owner._meta.model._default_manager.select_for_update(no_key=True).only("pk").get(pk=owner.pk)
    return owner.reference
