"""Two people, two workers, two clicks at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections, transaction

from dsr.audit import log
from dsr.audit.verifying import verify
from dsr.lifecycle import claim, execution, identity, intake, triage
from dsr.models.audit import AuditEntry
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status
from dsr.permissions import Refusal
from dsr.states import Kind, State
from tests.groups import give_groups_back

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shelves", "groups")]
THREADS = 4


@pytest.fixture
def groups(transactional_db):
    """A flushed database has lost what migrations put in it."""
    give_groups_back()


def at_once(act: Callable[[], object], times: int = THREADS) -> list[object]:
    """Do the same thing in several threads, started together; a refusal is a result."""
    start = Barrier(times)

    def run() -> object:
        start.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _each in range(times)]]


def test_the_same_request_confirmed_several_times_at_once_is_one(asks):
    """Four submissions of the same person, proven at the same moment: one opens, the others join it."""
    waiting = [asks(Kind.ERASURE) for _each in range(THREADS)]
    secrets = {each.pk: each.secrets.get().code for each in waiting}
    pending = iter(waiting)

    def confirm():
        data_request = next(pending)
        return intake.confirm(data_request, code=secrets[data_request.pk], at=data_request.received_at)

    carried = at_once(confirm)
    assert len({each.pk for each in carried}) == 1
    states = sorted(DataRequest.objects.values_list("state", flat=True))
    assert states == [State.REVIEW, *[State.WITHDRAWN] * (THREADS - 1)]


def test_a_code_presented_at_once_works_once(asks, at):
    data_request = asks(Kind.ACCESS)
    code = data_request.secrets.get().code
    results = at_once(lambda: intake.confirm(data_request, code=code, at=at))
    assert sum(isinstance(result, identity.WrongCode) for result in results) == THREADS - 1


def test_a_step_is_claimed_by_one_worker(asks, proves, olive, at):
    data_request = proves(asks(Kind.ERASURE))
    triage.accept(data_request, by=olive, at=at)
    step = data_request.steps.get()
    taken = at_once(lambda: claim.take(step.pk, at=at))
    assert sum(each is not None for each in taken) == 1
    step.refresh_from_db()
    assert step.attempts == 1


def test_a_double_click_accepts_once(asks, proves, olive, at):
    data_request = proves(asks(Kind.ACCESS))
    results = at_once(lambda: triage.accept(data_request, by=olive, at=at))
    assert sum(isinstance(result, DataRequest) for result in results) == 1
    assert data_request.steps.filter(action=Action.PACK).count() == 1


def test_an_erasure_is_approved_once(asks, proves, olive, simone, works, at):
    data_request = proves(asks(Kind.ERASURE))
    triage.accept(data_request, by=olive, at=at)
    works(data_request)
    fingerprint = execution.current_plan(data_request).fingerprint
    results = at_once(lambda: execution.approve(data_request, fingerprint=fingerprint, by=simone, at=at))
    assert sum(isinstance(result, DataRequest) for result in results) == 1
    assert data_request.steps.filter(action=Action.VERIFY).exclude(status=Status.CANCELLED).count() == 1


def test_writers_of_one_chain_take_consecutive_places(asks, at):
    data_request = asks(Kind.ACCESS)

    def view():
        for _time in range(5):
            with transaction.atomic():
                log.record("request.viewed", about=data_request, by=log.SYSTEM, at=at)

    at_once(view)
    places = AuditEntry.objects.filter(subject=data_request.reference).order_by("n").values_list("n", flat=True)
    assert list(places) == list(range(1, 2 + 5 * THREADS))
    assert list(verify()) == []
