"""Holding a step: one conditional update takes it, a lease keeps it, the fencing token makes a zombie write nothing."""

from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from dsr import durable
from dsr.audit import log
from dsr.lifecycle import restoring, transition
from dsr.models import prepared
from dsr.models.address import frozen_since
from dsr.models.prepared import given
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status, Step
from dsr.sources.base import SourceError
from dsr.states import Kind

BACKOFF = timedelta(seconds=5)


def _due_step(kind: Kind) -> QuerySet[Step]:
    """A step, if it is due, of a request of that kind."""
    return Step.objects.due(given("at"), kind=kind, frozen_since=given("frozen_since")).filter(pk=given("step"))


_KIND = prepared.Columns(lambda: Step.objects.filter(pk=given("step")).values_list("data_request__kind"))
_DUE = {kind: prepared.Exists(partial(_due_step, kind)) for kind in Kind}
_STEP = prepared.Rows(lambda: Step.objects.filter(pk=given("step")))
_REQUEST = prepared.Rows(lambda: DataRequest.objects.filter(steps=given("step")))
_CLAIM = prepared.Update(
    lambda: Step.objects.unheld(given("at")).filter(pk=given("step")),
    attempts=F("attempts") + 1,
    failures=F("failures") + 1,
    lease_until=given("lease_until"),
)


class Lost(Exception):  # noqa: N818
    """Somebody else holds the step now; whoever reads this writes nothing more."""


def take(step_id: int, *, at: datetime) -> Step | None:
    """Claim a step that is due, or None: it is not due, somebody else has it, or the database was restored.

    An attempt that ends with its process leaves no error: failures are counted here and cleared by progress.
    """
    if restoring.is_pending():
        return None
    kinds = [kind for (kind,) in _KIND(step=step_id)]
    if not kinds or not _DUE[Kind(kinds[0])](step=step_id, at=at, frozen_since=frozen_since(at)):
        return None
    if not _CLAIM(step=step_id, at=at, lease_until=_lease(at)):
        return None
    step = _STEP.get(step=step_id)
    step.data_request = _REQUEST.get(step=step_id)
    if step.failures > settings.DSR_MAX_ATTEMPTS:
        give_back(step, failure=step.failure or "worker lost", at=at)
        return None
    return step


def hold(step: Step, *, at: datetime) -> None:
    """Renew the lease where the token is still mine, or raise Lost; in a transaction it holds the row until the end."""
    if not _write(step, lease_until=_lease(at)):
        raise Lost


def report(step: Step, *, at: datetime) -> None:
    """Renew the lease and say how far a long reading is; that alone is no progress. Raises Lost."""
    if not _write(step, result=step.result, lease_until=_lease(at)):
        raise Lost


def save(step: Step, *, at: datetime) -> None:
    """Save cursor and result as progress; raises Lost."""
    step.failures = 0
    if not _write(step, cursor=step.cursor, result=step.result, failures=0, failure="", lease_until=_lease(at)):
        raise Lost


def finish(step: Step, *, by: log.Actor, at: datetime) -> None:
    """The step is done; raises Lost."""
    done = {"status": Status.DONE, "finished_at": at, "finished_by": log.actor_reference(by), "lease_until": None}
    if not _write(step, cursor=step.cursor, result=step.result, failures=0, failure="", **done):
        raise Lost
    step.status = Status.DONE
    log.record("step.done", about=step.data_request, by=by, at=at, facts=_facts(step))


def wait(step: Step) -> None:
    """The machine has done its part, and a person goes on; raises Lost."""
    waits = {"status": Status.WAITING, "lease_until": None}
    if not _write(step, cursor=step.cursor, result=step.result, failures=0, failure="", **waits):
        raise Lost
    step.status = Status.WAITING


def put_back(step: Step) -> None:
    """The step is not due after all: an earlier one is done again first; raises Lost."""
    if not _write(step, status=Status.PENDING, failures=0, failure="", lease_until=None):
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
    if _write(step, status=status, failure=failure[:200], lease_until=later) and exhausted:
        facts: dict[str, log.Fact] = {"source": step.source, "action": step.action, "attempts": step.attempts}
        log.record("step.failed", about=step.data_request, by=log.SYSTEM, at=at, facts=facts)


def leave(step: Step, *, failure: str, at: datetime) -> None:
    """The work is through and staff must look at what it could not do; a new try starts over. Raises Lost."""
    left = {"status": Status.NEEDS_ATTENTION, "failure": failure[:200], "lease_until": None}
    if not _write(step, cursor={}, result=step.result, failures=0, **left):
        raise Lost
    facts: dict[str, log.Fact] = {"source": step.source, "action": step.action, "attempts": step.attempts}
    log.record("step.failed", about=step.data_request, by=log.SYSTEM, at=at, facts=facts)


def named(error: Exception) -> str:
    """What staff read of a failure: a sentence where there is one, else the mere kind of error; never personal data."""
    if durable.is_full(error):
        return _("Il n’y a plus de place sur le disque : l’étape s’est arrêtée. Libérez-en, puis relancez-la.")
    return str(error) if isinstance(error, SourceError) else type(error).__name__


def _write(step: Step, **changes: Any) -> int:
    """Write to the step as long as the token is still mine; how many steps that is."""
    return _writing(*changes)(step=step.pk, token=step.attempts, **changes)


@cache
def _writing(*columns: str) -> prepared.Update:
    """What writes these columns of a step that bears a token, unless somebody ended or cancelled it."""
    open_ = [Status.PENDING, Status.WAITING]
    return prepared.Update(
        lambda: Step.objects.filter(pk=given("step"), attempts=given("token"), status__in=open_),
        **{name: given(name) for name in columns},
    )


def _lease(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.DSR_LEASE_SECONDS)


def _facts(step: Step) -> dict[str, log.Fact]:
    counts = {name: step.result[name] for name in ("erased", "rewritten", "changed") if name in step.result}
    return {"source": step.source, "action": Action(step.action), **counts}
