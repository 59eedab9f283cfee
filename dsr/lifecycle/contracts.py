"""A contract that still runs is put to the reader's choice: end it now, or erase the rest and this at its term.

The question comes with the plan, and ``now`` is carried out before the second officer approves: what they approve is
the plan without that contract. Silence is the term, once the reader has had the time to answer (docs/adr/0016).
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsr import deadlines, notifications, permissions
from dsr.audit import log
from dsr.lifecycle import transition
from dsr.models.erasure import Plan
from dsr.models.request import DataRequest, Ending
from dsr.models.staff import Staff
from dsr.models.step import Action, Status
from dsr.notifications.writing import in_words
from dsr.permissions import NotNow, Refusal
from dsr.states import State

LETTER = "contract"
DAY = timedelta(days=1)


class StillChoosing(Refusal):
    """The reader was asked what becomes of their contract, and may still answer."""

    code = "contract-asked"
    sentence = gettext_lazy(
        "Le lecteur peut choisir jusqu’au %(day)s ce que devient son contrat : approuvez ensuite, ou notez le choix "
        "qu’il vous a dit."
    )

    def __init__(self, until: date) -> None:
        super().__init__(str(self.sentence) % {"day": in_words(until)})


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
    plan = data_request.plans.filter(superseded_at=None).first() if data_request.state == State.APPROVAL else None
    planning = data_request.steps.unfinished().exclude(action=Action.TERMINATE)
    return plan if plan and plan.bound and not planning.exists() else None


def choosing_until(data_request: DataRequest, plan: Plan, *, at: datetime) -> date | None:
    """The last day on which the reader's silence is no choice yet; None once they chose, or none is awaited any more.

    It counts from the day on which the question left, and ends on the eve of the due date: the answer is owed by then.
    """
    if data_request.ending or not plan.bound or data_request.state != State.APPROVAL:
        return None
    today = deadlines.receipt_day(at)
    left = data_request.notices.filter(letter=LETTER, sent_at__isnull=False).order_by("sent_at").first()
    asked_on = deadlines.receipt_day(left.sent_at) if left and left.sent_at else today
    last = asked_on + timedelta(days=settings.DSR_CONTRACT_CHOICE_DAYS)
    until = min(last, (data_request.due_on or data_request.unsuspended_due_on) - DAY)
    return until if today <= until else None


def check_chosen(data_request: DataRequest, plan: Plan, *, at: datetime) -> None:
    """Raise StillChoosing while the reader may answer and has not."""
    if until := choosing_until(data_request, plan, at=at):
        raise StillChoosing(until)


def must_end_first(data_request: DataRequest, plan: Plan) -> bool:
    """Whether the reader wants a contract ended that runs on: no erasure leaves a live debit."""
    return data_request.ending == Ending.NOW and bool(plan.bound)


def look(data_request: DataRequest, plan: Plan, *, at: datetime) -> None:
    """Put the question, once; have the step wait that the plan and the choice call for, and no other."""
    if plan.bound and not data_request.notices.filter(letter=LETTER).exists():
        until = choosing_until(data_request, plan, at=at)
        notifications.contract(data_request, sources=plan.bound, until=until, at=at)
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
