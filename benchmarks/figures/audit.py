"""One entry of the log against one plain row, and reading all of it again."""

from datetime import datetime
from time import perf_counter

from django.db import transaction
from django.utils import timezone

from benchmarks.one_database import Figures, officer
from dsr.audit import log
from dsr.audit.verifying import verify
from dsr.models.audit import AuditEntry
from dsr.models.staff import Staff

ENTRIES = 400


def measure() -> Figures:
    """Written in turns, each in a transaction of its own, so that both meet the same machine."""
    olive, at = officer(), timezone.now()
    appending = inserting = 0.0
    for n in range(1, ENTRIES + 1):
        began = perf_counter()
        _append(olive, at)
        between = perf_counter()
        _insert(n, at)
        appending, inserting = appending + between - began, inserting + perf_counter() - between
    AuditEntry.objects.filter(subject="PLAIN").delete()
    return {
        "audit.append_ms": 1000 * appending / ENTRIES,
        "audit.append_ratio": appending / inserting,
        "audit.verify_per_second": _verified_per_second(),
    }


@transaction.atomic
def _append(olive: Staff, at: datetime) -> None:
    log.record("log.viewed", by=olive, at=at)


@transaction.atomic
def _insert(n: int, at: datetime) -> None:
    AuditEntry(subject="PLAIN", n=n, event="log.viewed", at=at, actor="PLAIN", canonical="{}").save()


def _verified_per_second() -> float:
    entries, began = AuditEntry.objects.count(), perf_counter()
    if problems := list(verify()):
        raise RuntimeError(problems[0])
    return entries / (perf_counter() - began)
