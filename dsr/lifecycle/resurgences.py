"""What is back of the erased, or may be: left to a person, once, and settled by one where no machine can."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dsr.audit import log
from dsr.ledger import book, epochs
from dsr.ledger.book import Kind, Record
from dsr.models.ledger import LedgerEntry, Resurgence
from dsr.models.staff import Staff
from dsr.permissions import DECIDE, Denied, Refusal

Why = Resurgence.Why


class ErasedByMachine(Refusal):
    """The ledger still says whose rows came back."""

    code = "erased-by-machine"
    sentence = _("Ces lignes s’effacent par « manage.py replay_erasures » : il n’y a rien à régler ici.")


class AlreadySettled(Refusal):
    """Another officer, or the machine, was quicker."""

    code = "already-settled"
    sentence = _("C’est déjà réglé.")


@transaction.atomic
def leave(reference: str, why: Why, *, at: datetime, source: str = "", rows: int = 0) -> bool:
    """Leave something to a person, once; returns whether it is new."""
    told, new = Resurgence.objects.pending().get_or_create(
        reference=reference, source=source, why=why, defaults={"noticed_at": at, "rows": rows}
    )
    if not new and told.rows != rows:
        told.rows = rows
        told.save(update_fields=["rows"])
    return new


@transaction.atomic
def settle(resurgence: Resurgence, *, by: Staff, at: datetime) -> Resurgence:
    """An officer dealt with what no machine can erase again or decide; raises ErasedByMachine and AlreadySettled."""
    if not by.has_perm(DECIDE):
        raise Denied
    pending = Resurgence.objects.pending().filter(pk=resurgence.pk)
    if not pending.exclude(why=Why.RETURNED).update(settled_at=at, settled_by=by):
        raise ErasedByMachine if pending.exists() else AlreadySettled
    resurgence.refresh_from_db()
    facts: dict[str, log.Fact] = {"reference": resurgence.reference, "why": resurgence.why}
    log.record("resurgence.settled", about=log.itself(), by=by, at=at, facts=facts)
    return resurgence


def returned() -> list[Record]:
    """The completions by which a machine erases again whoever came back; raises OSError."""
    pending = Resurgence.objects.pending().filter(why=Why.RETURNED).values("reference")
    written = LedgerEntry.objects.filter(kind=Kind.COMPLETION, reference__in=pending).values_list("name", flat=True)
    there, living = set(book.names()), {key.name for key in epochs.living()}
    return [record for record in _read(name for name in written if name in there) if record.key in living]


def hand_over() -> None:
    """Leave to a person what came back and the ledger cannot say any more of whom: its key or its record is gone."""
    told = {record.reference for record in returned()}
    for each in Resurgence.objects.pending().filter(why=Why.RETURNED).exclude(reference__in=told):
        with transaction.atomic():
            leave(each.reference, Why.FORGOTTEN, at=each.noticed_at, source=each.source, rows=each.rows)
            each.delete()


def erased_again(reference: str, *, at: datetime) -> None:
    """Whatever was back of that erasure is gone; in the transaction that says so."""
    back = Resurgence.objects.pending().filter(reference=reference, why__in=[Why.RETURNED, Why.FORGOTTEN])
    back.update(settled_at=at)


def _read(names: Iterator[str]) -> Iterator[Record]:
    for name in names:
        try:
            yield book.read(name)
        except book.Unreadable:
            continue
