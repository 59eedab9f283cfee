"""A contract that still runs is put to the reader's choice: end it now, or erase the rest and this at its term.

The question comes with the plan, and ``now`` is carried out before the second officer approves: what they approve is
the plan without that contract. Silence is the term.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from dsr import notifications, permissions
from dsr.audit import log
from dsr.lifecycle import execution, transition
from dsr.models.erasure import Plan
from dsr.models.request import DataRequest, Ending
from dsr.models.staff import Staff
from dsr.models.step import Action, Status
from dsr.permissions import NotNow
from dsr.states import State

LETTER = "contract"


@transaction.atomic
def choose(data_request: DataRequest, *, ending: str, at: datetime) -> DataRequest:
    """The proven reader chooses, or changes their mind, until the second officer approves."""
    return _keep(transition.lock(data_request), ending, by=log.READER, at=at)


@transaction.atomic
def record(data_request: DataRequest, *, ending: str, by: Staff, at: datetime) -> DataRequest:
    """An officer writes down what the reader chose by post or by telephone."""
    data_request = transition.lock(data_request)
    permissions.check("record_ending", by, data_request)
    return _keep(data_request, ending, by=by, at=at)


def asked(data_request: DataRequest) -> Plan | None:
    """The plan whose contract the reader may still choose about; None when there is nothing to choose."""
    plan = execution.current_plan(data_request) if data_request.state == State.APPROVAL else None
    planning = data_request.steps.unfinished().exclude(action=Action.TERMINATE)
    return plan if plan and plan.bound and not planning.exists() else None


def must_end_first(data_request: DataRequest, plan: Plan) -> bool:
    """Whether the reader wants a contract ended that runs on: no erasure leaves a live debit."""
    return data_request.ending == Ending.NOW and bool(plan.bound)


def look(data_request: DataRequest, plan: Plan, *, at: datetime) -> None:
    """Put the question, once; have the step wait that the plan and the choice call for, and no other."""
    if plan.bound and not data_request.notices.filter(letter=LETTER).exists():
        notifications.contract(data_request, sources=plan.bound, at=at)
    steps = data_request.steps.filter(action=Action.TERMINATE)
    if not must_end_first(data_request, plan):
        steps.filter(status=Status.WAITING).update(status=Status.CANCELLED)
    elif steps.filter(status=Status.DONE).exists():
        _give_back(data_request, at=at)
    elif not steps.filter(status=Status.WAITING).exists():
        data_request.steps.create(action=Action.TERMINATE, position=1, status=Status.WAITING, created_at=at)


def _keep(data_request: DataRequest, ending: str, *, by: log.Actor, at: datetime) -> DataRequest:
    plan = asked(data_request)
    if plan is None or ending not in Ending:
        raise NotNow
    facts: dict[str, log.Fact] = {"ending": ending}
    chosen = transition.amend(data_request, event="contract.chosen", by=by, at=at, facts=facts, ending=ending)
    look(chosen, plan, at=at)
    return chosen


def _give_back(data_request: DataRequest, *, at: datetime) -> None:
    """It was ticked, and the contract runs on: back to the officer."""
    failure = _("Le contrat court encore dans les données du journal : inscrivez-y sa fin, puis cochez à nouveau.")
    waits = {"status": Status.WAITING, "finished_at": None, "finished_by": "", "failure": failure}
    data_request.steps.filter(action=Action.TERMINATE, status=Status.DONE).update(**waits)
    log.record("contract.still_runs", about=data_request, by=log.SYSTEM, at=at)
