"""Each night the ledger is compared with every source: whoever was erased and has rows from before is found."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.utils import timezone

from dsr.audit import log
from dsr.ledger import book, epochs
from dsr.ledger.book import Kind, Record
from dsr.ledger.matching import matches
from dsr.lifecycle import remembering, resurgences, rounds
from dsr.models.ledger import LedgerEntry, Resurgence
from dsr.models.paging import paged
from dsr.sources import base, registry

logger = structlog.get_logger(__name__)

Why = Resurgence.Why
BEING_WRITTEN: Final = timedelta(hours=1)  # a row that is younger may have its record still before it


def compare(*, at: datetime) -> int:
    """Note the erased who have rows from before their erasure, and return how many; ``replay_erasures`` erases them.

    What a ground kept until yesterday is the daily purge's, so the plan asked for is that of the day before.
    """
    living = [record for record in _records(at=at) if record.kind == Kind.COMPLETION]
    found, on = matches(living, of_all=False), timezone.localdate(at) - timedelta(days=1)
    returned = sum(_has_returned(record, found[record.name], on=on, at=at) for record in living if record.name in found)
    with transaction.atomic():
        facts: dict[str, log.Fact] = {"records": len(living), "returned": returned}
        log.record("ledger.compared", about=log.itself(), by=log.SYSTEM, at=at, facts=facts)
    return returned


def forget(*, at: datetime) -> int:
    """Destroy the keys of the months whose last backup has expired, then their records; returns how many months."""
    on = timezone.localdate(at)
    written = LedgerEntry.objects.values_list("name", flat=True).iterator()
    epochs_known = {*book.folders(), *(name[:7] for name in epochs.names()), *(name[:7] for name in written)}
    over = sorted(epoch for epoch in epochs_known if epochs.is_over(epoch, on=on))
    try:
        return rounds.over(over, lambda epoch: _forget(epoch, at=at))
    finally:
        resurgences.hand_over()


def _records(*, at: datetime) -> Iterator[Record]:
    """Those that the database wrote and the ledger still has; one that it has no more is left to a person."""
    there = set(book.names())
    for entry in paged(LedgerEntry.objects.all(), by="name"):
        try:
            if entry.name in there:
                yield book.read(entry.name)
            elif not remembering.write_again(entry) and entry.at < at - BEING_WRITTEN:
                resurgences.leave(entry.reference, Why.LOST, at=at)
        except book.Unreadable:
            resurgences.leave(entry.reference, Why.UNREADABLE, at=at)


def _has_returned(record: Record, identifiers: set[base.Identifier], *, on: date, at: datetime) -> bool:
    """Whether a source has something to erase of them again; each one that has is noted."""
    subject = registry.expand(frozenset(identifiers), before=record.at)
    returned = False
    for source in registry.sources():
        try:
            preview = source.plan(subject, on=on)
        except Exception as error:  # noqa: BLE001 - a source that does not answer keeps no other waiting
            logger.error("source_not_compared", source=source.name, error=type(error).__name__)  # noqa: TRY400
            continue
        if rows := preview.erased + preview.rewritten:
            resurgences.leave(record.reference, Why.RETURNED, at=at, source=source.name, rows=rows)
            returned = True
    return returned


def _forget(epoch: str, *, at: datetime) -> None:
    """The key first: without it the records say nothing."""
    for name in [name for name in epochs.names() if name.startswith(epoch)]:
        epochs.destroy(name)
    for name in [name for name in book.names() if name.startswith(f"{epoch}/")]:
        book.remove(name)
    with transaction.atomic():
        removed, _models = LedgerEntry.objects.filter(name__startswith=f"{epoch}/").delete()
        if removed:
            facts: dict[str, log.Fact] = {"epoch": epoch, "records": removed}
            log.record("ledger.forgotten", about=log.itself(), by=log.SYSTEM, at=at, facts=facts)
