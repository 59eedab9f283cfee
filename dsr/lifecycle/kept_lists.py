"""What an erasure kept: its list, and the look each day at those of which a ground has ended."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from dsr import keys
from dsr.audit import log
from dsr.lifecycle import claim, files, recipients, rounds, transition
from dsr.lifecycle.pace import Pace
from dsr.models.erasure import Kept, KeptList
from dsr.models.request import DataRequest
from dsr.sources import base, registry

PURPOSE = "kept"
Clock = Callable[[], datetime]
Previews = list[tuple[base.Source, base.Preview]]


@dataclass(frozen=True, slots=True)
class Meant:
    """Whose rows a list is about, and in which sources; what is sealed in it."""

    identifiers: frozenset[base.Identifier]
    whole: bool
    scope: base.Scope

    def sealed(self, reference: str) -> bytes:
        """As the list holds it."""
        pairs = sorted([each.kind, each.value] for each in self.identifiers)
        text = json.dumps({"identifiers": pairs, "whole": self.whole, "scope": self.scope})
        return keys.seal(PURPOSE, text.encode(), tied_to=reference)

    @classmethod
    def of(cls, kept_list: KeptList) -> "Meant":
        """What the list holds."""
        said = json.loads(keys.unseal(PURPOSE, kept_list.sealed, tied_to=kept_list.reference))
        return cls(frozenset(base.Identifier(*pair) for pair in said["identifiers"]), said["whole"], said["scope"])


def write(data_request: DataRequest, found: Previews, *, subject: base.Subject, at: datetime) -> int:
    """Write the list anew, in the transaction that ends the erasure; returns how many lines it has."""
    data_request.kept.all().delete()
    meant = Meant(subject.identifiers, data_request.is_about_everything, data_request.scope)
    return _write(data_request.reference, data_request, found, meant, erased_at=at, on=timezone.localdate(at))


def write_again(reference: str, found: Previews, *, subject: base.Subject, erased_at: datetime, at: datetime) -> int:
    """Write the list of an erasure done again after a restore, of whose request the database may know nothing."""
    meant, on = Meant(subject.identifiers, whole=True, scope={}), timezone.localdate(at)
    data_request = DataRequest.objects.filter(reference=reference).first()
    return _write(reference, data_request, found, meant, erased_at=erased_at, on=on)


def _write(
    reference: str,
    data_request: DataRequest | None,
    found: Previews,
    meant: Meant,
    *,
    erased_at: datetime,
    on: date,
) -> int:
    KeptList.objects.filter(reference=reference).delete()
    if not any(preview.kept for _source, preview in found):
        return 0
    kept_list = KeptList.objects.create(
        reference=reference,
        data_request=data_request,
        sealed=meant.sealed(reference),
        erased_at=erased_at,
        look_on=_next_look(found, on=on),
    )
    return _write_lines(kept_list, found)


def purge(*, now: Clock) -> int:
    """Erase what no ground keeps any more, under the reference of its request; returns how many lists were looked at.

    Rows are judged again as at the erasure, so that where several grounds held one, what another still holds stays.
    """
    due = KeptList.objects.due(timezone.localdate(now()), now()).order_by("look_on", "pk")
    return rounds.over(due, partial(_look, now=now))


def _look(kept_list: KeptList, *, now: Clock) -> None:
    if not _take(kept_list, at=now()):
        return
    meant, on = Meant.of(kept_list), timezone.localdate(now())
    subject = base.Subject(meant.identifiers, whole=meant.whole, before=kept_list.erased_at)
    found: Previews = []
    for source in _sources(kept_list):
        rows = base.rows_in_scope(meant.scope, source.name)[1]
        _erase(kept_list, source, subject, rows, now)
        _hold(kept_list, now)
        found.append((source, source.plan(subject, on=on, rows=rows)))
    files.settle(kept_list.files_to_remove.all())
    with transaction.atomic():
        kept_list.data_request = _its_request(kept_list)
        _hold(kept_list, now)
        _end(kept_list, found, at=now())


def _its_request(kept_list: KeptList) -> DataRequest | None:
    """The request, held before the list, as who forgets it holds them; it may have been forgotten meanwhile."""
    with suppress(DataRequest.DoesNotExist):
        return kept_list.data_request and transition.lock(kept_list.data_request)
    return None


def _sources(kept_list: KeptList) -> list[base.Source]:
    """Those with a line of the list, in the order of the setting; a source that was taken out waits to be back."""
    named = set(kept_list.lines.values_list("source", flat=True))
    return [source for source in registry.sources() if source.name in named and not source.by_hand]


def _erase(kept_list: KeptList, source: base.Source, subject: base.Subject, rows: base.Rows, now: Clock) -> None:
    """In bounded transactions, each of which holds the list first; a remote source commits before its counts do."""
    cursor: base.Cursor | None = {}
    pace = Pace()
    while cursor is not None:
        on = timezone.localdate(now())
        work = partial(source.erase, subject, on=on, limit=pace.rows, cursor=cursor, rows=rows)
        with pace.timed():
            chunk = _one_chunk(kept_list, source, work, now)
        files.remove(kept_list.files_to_remove.all())
        cursor = chunk.cursor


def _one_chunk(kept_list: KeptList, source: base.Source, work: Callable[[], base.Chunk], now: Clock) -> base.Chunk:
    if source.remote:
        _hold(kept_list, now)
        chunk = files.foresee(source, work, kept_list=kept_list)
    with transaction.atomic():
        _hold(kept_list, now)
        if not source.remote:
            chunk = work()
        _count(kept_list, source, chunk)
    return chunk


def _count(kept_list: KeptList, source: base.Source, chunk: base.Chunk) -> None:
    kept_list.erased += chunk.erased
    kept_list.rewritten += chunk.rewritten
    if (chunk.erased or chunk.rewritten) and source.name not in kept_list.touched:
        kept_list.touched = [*kept_list.touched, source.name]
    kept_list.save(update_fields=["erased", "rewritten", "touched"])
    files.enlist(chunk.files, kept_list=kept_list)


def _end(kept_list: KeptList, found: Previews, *, at: datetime) -> None:
    """Write the lines as they stand now; with the last one go the list and the identifiers sealed in it.

    Whoever had received what went hears of it (GDPR Art. 19).
    """
    asked = [source.name for source, _preview in found]
    kept_list.lines.filter(source__in=asked).delete()
    _write_lines(kept_list, found)
    left = kept_list.lines.count()
    if kept_list.erased or kept_list.rewritten:
        facts: dict[str, log.Fact] = {"erased": kept_list.erased, "rewritten": kept_list.rewritten, "kept": left}
        log.record("kept.purged", about=kept_list.data_request or kept_list, by=log.SYSTEM, at=at, facts=facts)
        went = [source for source, _preview in found if source.name in kept_list.touched]
        recipients.tell_of_the_end(kept_list, went, identifiers=Meant.of(kept_list).identifiers, at=at)
    if not left:
        kept_list.delete()
        return
    kept_list.erased, kept_list.rewritten, kept_list.touched, kept_list.lease_until = 0, 0, [], None
    kept_list.look_on = _next_look(found, on=timezone.localdate(at))
    kept_list.save(update_fields=["erased", "rewritten", "touched", "lease_until", "look_on"])


def _write_lines(kept_list: KeptList, found: Previews) -> int:
    lines = [
        Kept(
            kept_list=kept_list,
            data_request=kept_list.data_request,
            source=source.name,
            ground=kept.ground,
            until=kept.until,
            rows=kept.rows,
        )
        for source, preview in found
        for kept in preview.kept
    ]
    Kept.objects.bulk_create(lines)
    return len(lines)


def _next_look(found: Previews, *, on: date) -> date:
    """The day after the first end; what is kept case by case, such as a running contract, is judged again each day."""
    tomorrow = on + timedelta(days=1)
    ends = [kept.until for _source, preview in found for kept in preview.kept]
    return max(tomorrow, min((tomorrow if end is None else end + timedelta(days=1) for end in ends), default=tomorrow))


def _take(kept_list: KeptList, *, at: datetime) -> bool:
    """Hold the list, or leave it to whoever does."""
    unheld = KeptList.objects.due(timezone.localdate(at), at).filter(pk=kept_list.pk)
    taken = unheld.update(attempts=F("attempts") + 1, lease_until=_lease(at))
    if taken:
        kept_list.refresh_from_db()
    return bool(taken)


def _hold(kept_list: KeptList, now: Clock) -> None:
    """Renew the lease while the token is still mine, or raise ``claim.Lost``."""
    mine = KeptList.objects.filter(pk=kept_list.pk, attempts=kept_list.attempts)
    if not mine.update(lease_until=_lease(now())):
        raise claim.Lost


def _lease(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.DSR_LEASE_SECONDS)
