"""From the decision to the work: prepare its steps, plan → approve, look after them, settle when nothing is left."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.audit import log
from dsr.lifecycle import claim, closing, contracts, handed_in, old_values, rectifying, screening, transition
from dsr.models import prepared
from dsr.models.address import AddressChange
from dsr.models.erasure import Plan
from dsr.models.prepared import given
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest, DataRequestQuerySet
from dsr.models.staff import Staff
from dsr.models.step import Action, Status, Step, copies_awaited
from dsr.permissions import NotNow, Refusal
from dsr.sources import base, registry
from dsr.states import Kind, State

# What a person ends otherwise than by saying that it is done.
OWN_VERBS = frozenset({Action.ADDRESS, Action.SCREEN, Action.READ, Action.VERIFY})

_UNFINISHED = prepared.Exists(lambda: Step.objects.unfinished().filter(data_request=given("request")))


class PlanChanged(Refusal):
    """The plan on the screen is no longer the current one."""

    code = "plan-changed"
    sentence = _("Le plan a changé depuis l’affichage de cette page : relisez-le avant d’approuver.")


class NoPlanYet(Refusal):
    """The worker has not finished the plan."""

    code = "no-plan-yet"
    sentence = _("Le plan n’est pas encore prêt.")


class ContractRuns(Refusal):
    """The reader wants their contract ended now, and it has not been."""

    code = "contract-runs"
    sentence = _("Le lecteur met fin à son contrat : terminez-le et cochez l’étape avant d’approuver.")


class NotYetByHand(NotNow):
    """A manual source is erased after what comes before it: the plan, the copy that the same reader asked for."""

    sentence = _("Cette étape attend son tour : une étape précédente, ou une copie demandée par le même lecteur.")


def in_scope(data_request: DataRequest) -> list[tuple[base.Source, base.Rows]]:
    """The sources the request is about, in the order of the setting, each with the rows in scope."""
    return registry.in_scope(data_request.scope)


def prepare(data_request: DataRequest, *, at: datetime) -> None:
    """Write the steps a decision calls for, in its transaction; with nothing to do, the answer is due at once."""
    sources = [source for source, _rows in in_scope(data_request)]
    match Kind(data_request.kind):
        case Kind.ACCESS:
            prepare_copy(data_request, at=at)
        case Kind.RECTIFICATION:
            waits = AddressChange.objects.awaited(data_request)
            _add(data_request, Action.ADDRESS, [None] if waits else [], stage=0, at=at)
            _add(data_request, Action.RECTIFY, sources, stage=1, at=at)
        case Kind.OBJECTION:
            _add(data_request, Action.OBJECT, registry.marketing(), stage=0, at=at)
        case Kind.ERASURE:
            _add(data_request, Action.PLAN, [None], stage=0, at=at)
        case Kind.OTHER:
            raise NotNow
    settle(data_request, at=at)


def prepare_copy(data_request: DataRequest, *, at: datetime) -> None:
    """The steps that make a copy; of an access that was answered, they move nothing but the copy."""
    by_hand = [source for source, _rows in in_scope(data_request) if source.by_hand]
    steps = _steps(data_request, Action.COLLECT, by_hand, stage=0, at=at)
    for stage, action in enumerate((Action.SCREEN, Action.PACK, Action.READ), start=1):
        steps += _steps(data_request, action, [None], stage=stage, at=at)
    Step.objects.bulk_create(steps)


@transaction.atomic
def replan(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """Have the plan made anew: what stands in the database may have changed."""
    data_request = transition.lock(data_request)
    permissions.check("plan", by, data_request)
    _plan_anew(data_request, at=at)
    return data_request


@transaction.atomic
def approve(data_request: DataRequest, *, fingerprint: str, by: Staff, at: datetime) -> DataRequest:
    """A second officer approves the very plan they saw; it is checked once more before the first row goes."""
    data_request = transition.lock(data_request)
    permissions.check("approve", by, data_request)
    plan = current_plan(data_request)
    if data_request.steps.filter(action=Action.TERMINATE).unfinished().exists():
        raise ContractRuns
    if plan is None or data_request.steps.unfinished().exists():
        raise NoPlanYet
    sources = [source for source, _rows in in_scope(data_request)]
    if plan.fingerprint != fingerprint or not sources:  # none: the settings name the sources in scope no more
        raise PlanChanged
    contracts.check_chosen(data_request, plan, at=at)
    plan.approved_at, plan.approved_by = at, by
    plan.save(update_fields=["approved_at", "approved_by"])
    facts: dict[str, log.Fact] = {"plan": plan.pk, "fingerprint": fingerprint}
    moved = transition.move(data_request, to=State.EXECUTING, by=by, at=at, facts=facts)
    cancel_steps(moved)
    _add(moved, Action.PLAN, [None], stage=0, at=at)
    _add(moved, Action.ERASE, sources[:-1], stage=1, at=at)
    _add(moved, Action.ERASE, sources[-1:], stage=2, at=at)
    _add(moved, Action.VERIFY, [None], stage=3, at=at)
    return moved


@transaction.atomic
def send_back(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """The second officer does not approve: back to examination."""
    data_request = transition.lock(data_request)
    permissions.check("send_back", by, data_request)
    supersede_plan(data_request, at=at)
    cancel_steps(data_request)
    return transition.move(data_request, to=State.REVIEW, by=by, at=at, decided_at=None, decided_by=None)


@transaction.atomic
def retry(step: Step, *, by: Staff, at: datetime) -> Step:
    """Staff looked: the step is due again. Its fencing token only grows, so a zombie still writes nothing."""
    data_request = transition.lock(step.data_request)
    permissions.check("carry_out", by, data_request)
    attention = Step.objects.filter(pk=step.pk, status=Status.NEEDS_ATTENTION)
    if not attention.update(status=Status.PENDING, failures=0, failure="", lease_until=None):
        raise NotNow
    facts: dict[str, log.Fact] = {"source": step.source, "action": step.action}
    log.record("step.retried", about=data_request, by=by, at=at, facts=facts)
    step.refresh_from_db()
    return step


def complete_by_hand(step: Step, *, by: Staff, at: datetime, file: "UploadedFile[bytes] | None" = None) -> Step:
    """A person did what a manual source asks, and hands in what they found; nothing is answered before.

    Raises ``handed_in.UploadTooLarge`` and ``handed_in.WrongTypeOfFile``. The file is sealed outside the transaction.
    """
    permissions.check("carry_out", by, step.data_request)
    sealed = handed_in.seal(file, at=at) if file else None
    with transaction.atomic():
        data_request = transition.lock(step.data_request)
        permissions.check("carry_out", by, data_request)
        step = Step.objects.select_for_update().get(pk=step.pk)
        if step.action in OWN_VERBS:
            raise NotNow
        if not Step.objects.in_turn().filter(pk=step.pk, status=Status.WAITING).exists():
            raise NotYetByHand if step.status == Status.WAITING else NotNow
        if sealed:
            sealed.step = step
            sealed.save()
        claim.finish(step, by=by, at=at)
        if step.action == Action.TERMINATE:
            _plan_anew(data_request, at=at)
        if step.action == Action.RECTIFY:
            rectifying.made_by_hand(data_request)
        settle(data_request, at=at)
    step.refresh_from_db()
    return step


@transaction.atomic
def settle(data_request: DataRequest, *, at: datetime) -> None:
    """Answer once nothing is left to do; called when a step is finished, and when the last recipient was told.

    An access that was answered has steps again when its reader asked for a fresh copy.
    """
    data_request = transition.lock(data_request)
    copied_again = (data_request.kind, data_request.state) == (Kind.ACCESS, State.ANSWERED)
    if (data_request.state == State.EXECUTING or copied_again) and not _UNFINISHED(request=data_request.pk):
        closing.conclude(data_request, at=at)


@transaction.atomic
def take_back(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """Back to examination, when a step waits for a source that the settings no longer name, or cannot write a value.

    What is done stays done: the next plan, or the next package, is made of the sources there are, and of corrections
    those that did not come out are to be decided anew.
    """
    data_request = transition.lock(data_request)
    permissions.check("take_back", by, data_request)
    reason = "value-not-written" if permissions.gave_up_rectifying(data_request) else "source-gone"
    if data_request.kind == Kind.RECTIFICATION:
        rectifying.send_back_stale(data_request, at=at)
    supersede_plan(data_request, at=at)
    cancel_steps(data_request)
    undecided = {"decided_at": None, "decided_by": None}
    facts: dict[str, log.Fact] = {"reason": reason}
    return transition.move(data_request, to=State.REVIEW, by=by, at=at, facts=facts, **undecided)


def awaited_copies(data_request: DataRequest) -> list[DataRequest]:
    """The access requests that an erasure waits for, until their letter has left."""
    if data_request.kind != Kind.ERASURE or not data_request.is_open:
        return []
    first = data_request.asked_with_id or data_request.pk
    theirs = {"person": data_request.person, "postal_address": data_request.postal_address}
    return list(copies_awaited(pk=data_request.pk, asked_with=first, **theirs))


def settleable() -> DataRequestQuerySet:
    """Those whose last step is done and whose last recipient was told since: they only wait to be answered."""
    steps = Step.objects.unfinished().filter(data_request=OuterRef("pk"))
    untold = RecipientNotice.objects.waiting().filter(data_request=OuterRef("pk"))
    return DataRequest.objects.filter(~Exists(steps), ~Exists(untold), state=State.EXECUTING)


def current_plan(data_request: DataRequest) -> Plan | None:
    """The plan that waits for approval or was approved."""
    return data_request.plans.filter(superseded_at=None).first()


def supersede_plan(data_request: DataRequest, *, at: datetime) -> None:
    """The current plan no longer is."""
    data_request.plans.filter(superseded_at=None).update(superseded_at=at)


def cancel_steps(data_request: DataRequest) -> None:
    """Put the steps of an earlier plan aside; whoever holds one finds its lease gone. A contract ended stays ended."""
    screening.destroy(data_request)
    old_values.destroy(data_request)
    ended = Q(action=Action.TERMINATE, status=Status.DONE)
    data_request.steps.exclude(ended).update(status=Status.CANCELLED, lease_until=None)


def _plan_anew(data_request: DataRequest, *, at: datetime) -> None:
    cancel_steps(data_request)
    _add(data_request, Action.PLAN, [None], stage=0, at=at)


def _add(
    data_request: DataRequest, action: Action, sources: Sequence[base.Source | None], *, stage: int, at: datetime
) -> None:
    Step.objects.bulk_create(_steps(data_request, action, sources, stage=stage, at=at))


def _steps(
    data_request: DataRequest, action: Action, sources: Sequence[base.Source | None], *, stage: int, at: datetime
) -> list[Step]:
    """One step of an action for each source."""
    return [
        Step(
            data_request=data_request,
            action=action,
            source=source.name if source else "",
            stage=stage,
            position=position,
            status=Status.WAITING if action == Action.ADDRESS or (source and source.by_hand) else Status.PENDING,
            created_at=at,
        )
        for position, source in enumerate(sources)
    ]
