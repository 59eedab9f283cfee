"""Erasing again after a restored backup whoever was erased since: idempotent, recorded, never guessing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from dsr.alone import alone
from dsr.audit import checkpoints, log, sequencer
from dsr.ledger import book, epochs
from dsr.ledger.book import Kind, Record
from dsr.ledger.matching import matches
from dsr.lifecycle import files, kept_lists, restoring, resurgences, suppressing
from dsr.lifecycle.pace import Pace
from dsr.models.ledger import LedgerEntry, Restoration, Resurgence
from dsr.models.request import DataRequest
from dsr.models.step import FileToRemove
from dsr.sources import base, registry

Why = Resurgence.Why
Progress = Callable[[str], object]


@dataclass(slots=True)
class Done:
    """What a replay did: references of the erased, rows, suppressions, and what it leaves to a person."""

    replayed: list[str] = field(default_factory=list)
    erased: int = 0
    rewritten: int = 0
    suppressions: int = 0
    left: list[tuple[str, Why]] = field(default_factory=list)
    checkpoints: int = 0


def replay(*, at: datetime, progress: Progress = str) -> Done:
    """Erase again, in the order of the ledger, whoever it says was erased and is here; a second run finds nothing.

    Each erasure is work of its own: what a crash leaves undone the next run does. An erasure that was interrupted is
    told, never guessed. At the end the log goes on, and steps are carried out again. Raises OSError when the ledger
    does not answer, and whatever a source raises that does not: nothing was erased then. A second one waits for the
    first, and then finds out what it left.
    """
    with alone("replay"):
        return _replay(at=at, progress=progress)


def _replay(*, at: datetime, progress: Progress) -> Done:
    done = Done()
    files.settle(FileToRemove.objects.filter(step=None, kept_list=None))  # of a replay that was cut off
    fresh = list(_readable(restoring.unknown_records(), done, at=at))
    resurgences.hand_over()
    completions = (each for each in fresh if each.kind == Kind.COMPLETION)
    erasures = sorted({*completions, *resurgences.returned()}, key=lambda each: each.at)
    found = matches(erasures)
    for record in erasures:
        progress(record.reference)
        _erase_again(record, found.get(record.name, set()), done, at=at)
    for record in fresh:
        with transaction.atomic():
            done.suppressions += _restore_suppressions(record)
            _tell_interrupted(record, done, at=at)
            _know(record.name, record.kind, record.reference, record.at)
    _go_on(done, at=at)
    return done


def _readable(names: list[str], done: Done, *, at: datetime) -> Iterator[Record]:
    """Those that can be read; of the others a person has to find out."""
    living = {key.name for key in epochs.living()}
    for name in names:
        try:
            record = book.read(name)
        except book.Unreadable:
            resurgences.leave(_stamp(name), Why.UNREADABLE, at=at)
            done.left.append((name, Why.UNREADABLE))
            _know(name, "unreadable", "", at)
            continue
        if record.tokens and record.key not in living:
            resurgences.leave(record.reference, Why.UNREADABLE, at=at)
            done.left.append((record.reference, Why.UNREADABLE))
            _know(name, record.kind, record.reference, record.at)
            continue
        yield record


def _stamp(name: str) -> str:
    """What is left to call an erasure by whose record names no reference any more: when it was written."""
    return name.rpartition("/")[2].partition("-")[0]


def _erase_again(record: Record, identifiers: set[base.Identifier], done: Done, *, at: datetime) -> None:
    """All sources in their order, as an erasure goes; whoever came back since is another reader.

    A source kept by hand is in a tool that no restored database brings back.
    """
    subject, on = registry.expand(frozenset(identifiers), before=record.at), timezone.localdate(at)
    sources = [source for source in registry.sources() if identifiers and not source.by_hand]
    chunks = [chunk for source in sources for chunk in _erase_in(source, subject, on=on)]
    erased, rewritten = sum(chunk.erased for chunk in chunks), sum(chunk.rewritten for chunk in chunks)
    found = [(source, source.plan(subject, on=on)) for source in sources]
    with transaction.atomic():
        kept = kept_lists.write_again(record.reference, found, subject=subject, erased_at=record.at, at=at)
        resurgences.erased_again(record.reference, at=at)
        _know(record.name, record.kind, record.reference, record.at)
        about = DataRequest.objects.filter(reference=record.reference).first() or log.itself()
        facts: dict[str, log.Fact] = {
            "reference": record.reference,
            "erased": erased,
            "rewritten": rewritten,
            "kept": kept,
        }
        log.record("erasure.replayed", about=about, by=log.SYSTEM, at=at, facts=facts)
    done.replayed.append(record.reference)
    done.erased += erased
    done.rewritten += rewritten


def _erase_in(source: base.Source, subject: base.Subject, *, on: date) -> Iterator[base.Chunk]:
    """One source, chunk by chunk, each in a transaction of its own; its files go once it is committed."""
    cursor: base.Cursor | None = {}
    pace = Pace()
    while cursor is not None:
        with pace.timed():
            chunk = _one_chunk(source, partial(source.erase, subject, on=on, limit=pace.rows, cursor=cursor))
        files.remove(FileToRemove.objects.filter(step=None, kept_list=None))
        yield chunk
        cursor = chunk.cursor


def _one_chunk(source: base.Source, work: Callable[[], base.Chunk]) -> base.Chunk:
    if source.remote:
        chunk = files.foresee(source, work)
    with transaction.atomic():
        if not source.remote:
            chunk = work()
        files.enlist(chunk.files, step=None, kept_list=None)
    return chunk


def _restore_suppressions(record: Record) -> int:
    """What the restored suppression list lacks; returns how many tokens there were."""
    if record.kind == Kind.LIFTED:
        suppressing.lift_again(record.suppressed, consented_at=record.at)
        return 0
    return suppressing.record(record.suppressed, at=record.at, erased=record.erased)


def _tell_interrupted(record: Record, done: Done, *, at: datetime) -> None:
    """An intent without its completion, which is known by then: what went and what stayed nobody knows."""
    completed = LedgerEntry.objects.filter(kind=Kind.COMPLETION, reference=record.reference)
    if record.kind != Kind.INTENT or completed.exists():
        return
    resurgences.leave(record.reference, Why.INTERRUPTED, at=at)
    done.left.append((record.reference, Why.INTERRUPTED))
    facts: dict[str, log.Fact] = {"reference": record.reference}
    log.record("erasure.interrupted", about=log.itself(), by=log.SYSTEM, at=at, facts=facts)


def _know(name: str, kind: str, reference: str, at: datetime) -> None:
    """From now on the database knows the record."""
    LedgerEntry.objects.get_or_create(name=name, defaults={"kind": kind, "reference": reference, "at": at})


def _go_on(done: Done, *, at: datetime) -> None:
    """Record what was done; the log goes on after what was published of it, which says so for good."""
    restored = Restoration.objects.pending()
    sequencer.run()
    if restored.filter(sign=Restoration.Sign.LOG).exists():
        done.checkpoints = checkpoints.go_on(at=at)
    with transaction.atomic():
        if not restored.update(replayed_at=at) and not done.replayed:
            return
        facts: dict[str, log.Fact] = {
            "replayed": len(done.replayed),
            "left": len(done.left),
            "suppressions": done.suppressions,
            "checkpoints": done.checkpoints,
        }
        log.record("restore.replayed", about=log.itself(), by=log.SYSTEM, at=at, facts=facts)
