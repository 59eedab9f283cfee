"""What the ledger is told: an erasure before its first row goes and after its last search, objections, consents."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction

from dsr.ledger import book, epochs
from dsr.ledger.book import Kind
from dsr.ledger.tokens import token
from dsr.models.ledger import LedgerEntry
from dsr.models.request import DataRequest
from dsr.sources.base import Subject
from dsr.states import Kind as RequestKind


def intend(data_request: DataRequest, subject: Subject, *, at: datetime) -> None:
    """Have it on a disk outside the database that this reader is about to be erased; raises OSError."""
    _remember(data_request, subject, Kind.INTENT, at=at)


def complete(data_request: DataRequest, subject: Subject, *, at: datetime) -> None:
    """Have it there that nothing of this reader is left: whoever comes back with the same address is somebody new."""
    _remember(data_request, subject, Kind.COMPLETION, at=at)


def objected(tokens: Iterable[str], *, reference: str, erased: bool, at: datetime) -> None:
    """Have the ledger know, once the transaction is committed, that tokens entered the suppression list."""
    _tell_later(_entry(reference, Kind.OBJECTION, at, suppressed=sorted(tokens), erased=erased))


def lifted(suppressed: str, *, at: datetime) -> None:
    """Have it know, likewise, that a token was lifted by a fresh subscription."""
    _tell_later(_entry("", Kind.LIFTED, at, suppressed=[suppressed]))


def write_again(entry: LedgerEntry) -> bool:
    """Write the record of an objection that the ledger lacks; of an erasure only the ledger had the tokens."""
    if entry.kind not in {Kind.OBJECTION, Kind.LIFTED}:
        return False
    _write(entry)
    return True


def _remember(data_request: DataRequest, subject: Subject, kind: Kind, *, at: datetime) -> None:
    """Only an erasure of everything is done again after a restore: of less, the reader is still ours."""
    if data_request.kind != RequestKind.ERASURE or not data_request.is_about_everything:
        return
    entry = LedgerEntry.objects.filter(reference=data_request.reference, kind=kind).first()
    entry = entry or _entry(data_request.reference, kind, at)
    key = epochs.current(entry.at)
    _write(entry, key=key.name, tokens=sorted(token(key, each) for each in subject.identifiers))


def _entry(reference: str, kind: Kind, at: datetime, **more: object) -> LedgerEntry:
    """The row comes first: a record that the ledger alone knows is younger than the database."""
    return LedgerEntry.objects.create(name=book.new_name(kind, at=at), kind=kind, reference=reference, at=at, **more)


def _tell_later(entry: LedgerEntry) -> None:
    """A ledger that does not answer delays no objection; the nightly comparison writes what it lacks."""
    transaction.on_commit(partial(_write, entry), robust=True)


def _write(entry: LedgerEntry, *, key: str = "", tokens: Iterable[str] = ()) -> None:
    book.write(
        book.Record(
            name=entry.name,
            kind=Kind(entry.kind),
            reference=entry.reference,
            at=entry.at,
            key=key,
            tokens=tuple(tokens),
            suppressed=tuple(entry.suppressed),
            erased=entry.erased,
        )
    )
