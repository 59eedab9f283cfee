"""Carrying a step out in a worker: claim → run → settle, chunk by chunk, each chunk one transaction."""

from collections.abc import Callable
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dsr.audit import log
from dsr.lifecycle import (
    claim,
    delivery,
    execution,
    files,
    identity,
    old_values,
    planning,
    reading,
    rectifying,
    remembering,
    restoring,
    screening,
    transition,
    verification,
)
from dsr.lifecycle.pace import Pace
from dsr.models.step import Action, FileToRemove, Step
from dsr.packages import masking
from dsr.sources import base, registry, snapshot

Clock = Callable[[], datetime]
Work = Callable[[base.Source, base.Subject, base.Cursor, int], base.Chunk]  # the last says how many rows at most


def run(step_id: int, *, now: Clock) -> bool:
    """Carry out one step if it is due and nobody holds it; returns whether it was finished here.

    Whatever goes wrong ends here: the step is given back with the kind of error, to be tried again or looked at.
    """
    step = claim.take(step_id, at=now())
    if step is None:
        return False
    try:
        RUNNERS[Action(step.action)](step, now)
    except claim.Lost:
        return False
    except Exception as error:  # noqa: BLE001 - a source may raise anything, and the other steps must still finish
        claim.give_back(step, failure=claim.named(error), at=now())
        return False
    return True


def _plan(step: Step, now: Clock) -> None:
    """Make the plan; or, once approved, see that it still is what would be done."""
    subject = identity.file_identifiers(step.data_request, at=now())
    made = planning.make(step.data_request, subject, on=timezone.localdate(now()), heartbeat=_heartbeat(step, now))
    old_values.keep(step.data_request, subject, heartbeat=lambda _rows: claim.report(step, at=now()))
    with transaction.atomic():
        _hold(step, now)
        claim.finish(step, by=log.SYSTEM, at=now())
        planning.keep(step.data_request, made, at=now())


def _screen(step: Step, now: Clock) -> None:
    """Look for other people in the free texts; with nothing to decide the step ends by itself."""
    subject = identity.file_identifiers(step.data_request, at=now())
    found = screening.find(step.data_request, subject, heartbeat=_heartbeat(step, now))
    while findings := screening.some(found):
        with transaction.atomic():
            _hold(step, now)
            screening.keep(step.data_request, findings, turn=step.attempts, at=now())
    with transaction.atomic():
        _hold(step, now)
        if screening.close_list(step.data_request, turn=step.attempts, at=now()):
            claim.wait(step)
            return
        claim.finish(step, by=log.SYSTEM, at=now())
        execution.settle(step.data_request, at=now())


def _read(step: Step, now: Clock) -> None:
    """An officer's turn, unless nobody has to read this package."""
    waived = reading.is_waived(step.data_request, identity.subject(step.data_request))
    with transaction.atomic():
        _hold(step, now)
        reading.pass_on(step, waived=waived, at=now())


def _pack(step: Step, now: Clock) -> None:
    """Pack everything under a fresh key and name; the row, written under the fence, is the only proof it exists.

    What is packed and what is counted is one instant of the databases; the lease is renewed beside it.
    """
    subject = identity.file_identifiers(step.data_request, at=now())
    try:
        with snapshot.of(chain.from_iterable(source.databases for source in registry.sources())):
            package, held = delivery.pack(step.data_request, subject, at=now(), heartbeat=_heartbeat(step, now))
    except (screening.Changed, masking.MovedError):
        _screen_again(step, now)
        return
    step.result["rows"] = held
    with transaction.atomic():
        _hold(step, now)
        delivery.keep(package, at=now())
        claim.finish(step, by=log.SYSTEM, at=now())
        execution.settle(step.data_request, at=now())


def _screen_again(step: Step, now: Clock) -> None:
    """The texts changed since the passages were decided: nothing is packed before they are read once more."""
    with transaction.atomic():
        _hold(step, now)
        screening.again(step.data_request)
        claim.put_back(step)


def _rectify(step: Step, now: Clock) -> None:
    identity.file_identifiers(step.data_request, at=now())
    _in_chunks(step, now, rectifying.Rectification(step))


def _object(step: Step, now: Clock) -> None:
    identity.file_identifiers(step.data_request, at=now())

    def work(source: base.Source, subject: base.Subject, cursor: base.Cursor, limit: int) -> base.Chunk:
        return source.stop_messages(subject, at=now(), limit=limit, cursor=cursor)

    _in_chunks(step, now, work)


def _erase(step: Step, now: Clock) -> None:
    rows = base.rows_in_scope(step.data_request.scope, step.source)[1]
    _remember_intent(step, now)

    def work(source: base.Source, subject: base.Subject, cursor: base.Cursor, limit: int) -> base.Chunk:
        on = timezone.localdate(now())
        return source.erase(subject, on=on, limit=limit, cursor=cursor, rows=rows)

    _in_chunks(step, now, work)


def _remember_intent(step: Step, now: Clock) -> None:
    """Before the first row goes, the ledger has it on a disk; and no restored database destroys anything."""
    if restoring.look(at=now()):
        raise restoring.Restored
    remembering.intend(step.data_request, identity.subject(step.data_request), at=now())


def _verify(step: Step, now: Clock) -> None:
    """Nothing of theirs is left outside the kept list, or the source in question is erased again; nor their values.

    The values are searched when everything was asked for: a part of it may go while the rest still bears them.
    """
    files.settle(FileToRemove.objects.filter(step__data_request=step.data_request))
    subject, on = identity.subject(step.data_request), timezone.localdate(now())
    previews = planning.previews(step.data_request, subject, on=on, heartbeat=_heartbeat(step, now))
    left = [source.name for source, preview in previews if preview.erased or preview.rewritten]
    everything = not left and step.data_request.is_about_everything
    found = verification.Search(step, subject, on=on, now=now).run() if everything else None
    if found and not found.left:
        remembering.complete(step.data_request, subject, at=now())
    with transaction.atomic():
        _hold(step, now)
        if left:
            _erase_again(step, left, at=now())
            return
        if found and not _is_proven(step, found, at=now()):
            return
        planning.keep_kept(step.data_request, previews, at=now())
        claim.finish(step, by=log.SYSTEM, at=now())
        execution.settle(step.data_request, at=now())


def _is_proven(step: Step, found: verification.Outcome, *, at: datetime) -> bool:
    """Whether nothing is left and every mention is decided; else staff look, or an officer decides."""
    step.cursor = {}
    step.result |= {"tables": found.tables, "values": found.values}
    facts: dict[str, log.Fact] = {
        "tables": found.tables,
        "mentions": found.mentions,
        "remaining": sum(found.left.values()),
    }
    log.record("erasure.searched", about=step.data_request, by=log.SYSTEM, at=at, facts=facts)
    if found.left:
        Step.objects.filter(pk=step.pk).update(cursor={}, result=step.result)
        claim.give_back(step, failure=verification.sentence(found.left), at=at, for_good=True)
        return False
    if step.data_request.mentions.undecided().exists():
        claim.wait(step)
        return False
    return True


def _erase_again(step: Step, sources: list[str], *, at: datetime) -> None:
    """Rows came in behind the cursor: their sources start over; a verification that fails for ever needs attention."""
    again = Step.objects.filter(data_request=step.data_request, action=Action.ERASE, source__in=sources)
    again.exclude(status="cancelled").update(
        status="pending", cursor={}, finished_at=None, lease_until=None, failures=0
    )
    claim.give_back(step, failure=_("Il reste des données dans : %(sources)s") % {"sources": ", ".join(sources)}, at=at)


RUNNERS: dict[Action, Callable[[Step, Clock], None]] = {
    Action.PLAN: _plan,
    Action.SCREEN: _screen,
    Action.PACK: _pack,
    Action.READ: _read,
    Action.RECTIFY: _rectify,
    Action.OBJECT: _object,
    Action.ERASE: _erase,
    Action.VERIFY: _verify,
}


def _in_chunks(step: Step, now: Clock, work: Work) -> None:
    """Ask the source for one bounded piece of work after another until its cursor ends."""
    source, subject = registry.source(step.source), identity.subject(step.data_request)
    finished, pace = False, Pace()
    while not finished:
        with pace.timed():
            finished = _one_chunk(step, source, lambda: work(source, subject, step.cursor, pace.rows), now)
        files.remove(step.files_to_remove.all())


def _one_chunk(step: Step, source: base.Source, work: Callable[[], base.Chunk], now: Clock) -> bool:
    """Renew the lease, do the work, save the cursor: together, except for a remote source, whose work commits first."""
    if source.remote:
        claim.hold(step, at=now())
        chunk = files.foresee(source, lambda: _shaped(source, work()), step=step)
        with transaction.atomic():
            _hold(step, now)
            return _save_chunk(step, chunk, now)
    with transaction.atomic():
        _hold(step, now)
        return _save_chunk(step, _shaped(source, work()), now)


def _hold(step: Step, now: Clock) -> None:
    """Lock the request before the step, as every verb does, so that two transactions never wait for each other."""
    transition.lock(step.data_request)
    claim.hold(step, at=now())


def _save_chunk(step: Step, chunk: base.Chunk, now: Clock) -> bool:
    for name in ("erased", "rewritten", "changed"):
        step.result[name] = step.result.get(name, 0) + getattr(chunk, name)
    if chunk.files:
        step.result["files"] = step.result.get("files", 0) + len(chunk.files)
    files.enlist(chunk.files, step=step)
    for label, rows in chunk.refused.items():
        refused = step.result.setdefault("refused", {})
        refused[label] = refused.get(label, 0) + rows
    step.cursor = chunk.cursor or {}
    if chunk.cursor is not None:
        claim.save(step, at=now())
        return False
    if refused := step.result.pop("refused", {}):
        claim.leave(step, failure=rectifying.refused_in_words(refused), at=now())
        return True
    claim.finish(step, by=log.SYSTEM, at=now())
    execution.settle(step.data_request, at=now())
    return True


def _shaped(source: base.Source, chunk: Any) -> base.Chunk:
    """Results are strictly shaped; another shape is an error that names the source."""
    if not isinstance(chunk, base.Chunk):
        raise base.SourceError(_("La source « %(source)s » a rendu un résultat mal formé.") % {"source": source.name})
    return chunk


def _heartbeat(step: Step, now: Clock) -> Callable[[int], None]:
    """Renew the lease while something long is read; the rows read so far are the progress staff see."""

    def beat(rows: int) -> None:
        step.result["rows"] = rows
        claim.report(step, at=now())

    return beat
