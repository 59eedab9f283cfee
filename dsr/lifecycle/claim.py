"""Holding a step: one conditional update takes it, a lease keeps it, the fencing token makes a zombie write nothing."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from dsr.audit import log
from dsr.lifecycle import restoring, transition
from dsr.models.step import Action, Status, Step
from dsr.sources.base import SourceError

BACKOFF = timedelta(seconds=5)


class Lost(Exception):  # noqa: N818
    """Somebody else holds the step now; whoever reads this writes nothing more."""


def take(step_id: int, *, at: datetime) -> Step | None:
    """Claim a step that is due, or None: it is not due, somebody else has it, or the database was restored.

    An attempt that ends with its process leaves no error: failures are counted here and cleared by progress.
    """
    if restoring.is_pending():
        return None
    kind = Step.objects.filter(pk=step_id).values_list("data_request__kind", flat=True).first()
    if kind is None or not Step.objects.due(at, kind=kind).filter(pk=step_id).exists():
        return None
    unheld = Step.objects.unheld(at).filter(pk=step_id)
    if not unheld.update(attempts=F("attempts") + 1, failures=F("failures") + 1, lease_until=_lease(at)):
        return None
    step = Step.objects.select_related("data_request").get(pk=step_id)
    if step.failures > settings.DSR_MAX_ATTEMPTS:
        give_back(step, failure=step.failure or "worker lost", at=at)
        return None
    return step


def hold(step: Step, *, at: datetime) -> None:
    """Renew the lease where the token is still mine, or raise Lost; in a transaction it holds the row until the end."""
    if not _mine(step).update(lease_until=_lease(at)):
        raise Lost


def report(step: Step, *, at: datetime) -> None:
    """Renew the lease and say how far a long reading is; that alone is no progress. Raises Lost."""
    if not _mine(step).update(result=step.result, lease_until=_lease(at)):
        raise Lost


def save(step: Step, *, at: datetime) -> None:
    """Save cursor and result as progress; raises Lost."""
    step.failures = 0
    if not _mine(step).update(cursor=step.cursor, result=step.result, failures=0, failure="", lease_until=_lease(at)):
        raise Lost


def finish(step: Step, *, by: log.Actor, at: datetime) -> None:
    """The step is done; raises Lost."""
    done = {"status": Status.DONE, "finished_at": at, "finished_by": log.actor_reference(by), "lease_until": None}
    if not _mine(step).update(cursor=step.cursor, result=step.result, failures=0, failure="", **done):
        raise Lost
    step.status = Status.DONE
    log.record("step.done", about=step.data_request, by=by, at=at, facts=_facts(step))


def wait(step: Step) -> None:
    """The machine has done its part, and a person goes on; raises Lost."""
    waits = {"status": Status.WAITING, "lease_until": None}
    if not _mine(step).update(cursor=step.cursor, result=step.result, failures=0, failure="", **waits):
        raise Lost
    step.status = Status.WAITING


def put_back(step: Step) -> None:
    """The step is not due after all: an earlier one is done again first; raises Lost."""
    if not _mine(step).update(status=Status.PENDING, failures=0, failure="", lease_until=None):
        raise Lost


@transaction.atomic
def give_back(step: Step, *, failure: str, at: datetime, for_good: bool = False) -> None:
    """Let go after a failure: somebody tries again a little later, or staff must look; ``for_good``, at once.

    The request is locked first, as in every verb: a withdrawal that holds it and wants the step would wait for ever.
    """
    transition.lock(step.data_request)
    exhausted = for_good or step.failures >= settings.DSR_MAX_ATTEMPTS
    status = Status.NEEDS_ATTENTION if exhausted else Status.PENDING
    later = None if exhausted else at + BACKOFF * 2**step.failures
    if _mine(step).update(status=status, failure=failure[:200], lease_until=later) and exhausted:
        facts: dict[str, log.Fact] = {"source": step.source, "action": step.action, "attempts": step.attempts}
        log.record("step.failed", about=step.data_request, by=log.SYSTEM, at=at, facts=facts)


def leave(step: Step, *, failure: str, at: datetime) -> None:
    """The work is through and staff must look at what it could not do; a new try starts over. Raises Lost."""
    left = {"status": Status.NEEDS_ATTENTION, "failure": failure[:200], "lease_until": None}
    if not _mine(step).update(cursor={}, result=step.result, failures=0, **left):
        raise Lost
    facts: dict[str, log.Fact] = {"source": step.source, "action": step.action, "attempts": step.attempts}
    log.record("step.failed", about=step.data_request, by=log.SYSTEM, at=at, facts=facts)


def named(error: Exception) -> str:
    """What staff read of a failure: the sentence of a source, else the mere kind of error; never personal data."""
    return str(error) if isinstance(error, SourceError) else type(error).__name__


def _mine(step: Step) -> QuerySet[Step]:
    return Step.objects.filter(pk=step.pk, attempts=step.attempts, status__in=[Status.PENDING, Status.WAITING])


def _lease(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.DSR_LEASE_SECONDS)


def _facts(step: Step) -> dict[str, log.Fact]:
    counts = {name: step.result[name] for name in ("erased", "rewritten", "changed") if name in step.result}
    return {"source": step.source, "action": Action(step.action), **counts}
