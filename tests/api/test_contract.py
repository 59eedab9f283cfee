"""A contract that runs, chosen about through the API by its reader, written down and seen by the desk."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from dsr.lifecycle import execution, triage
from dsr.models.step import Action
from dsr.notifications.writing import in_words
from dsr.sources.base import KeptRows, Preview
from dsr.states import Kind
from tests.api.conftest import assert_problem
from tests.api.shelf import Letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    """Now, for the doors look at the clock."""
    return timezone.now()


@pytest.fixture
def erasure(asks, proves, olive, work, monkeypatch, at):
    """Alice's erasure, its plan made, her letters kept for a contract that runs."""
    kept = Preview(erased=0, rewritten=0, kept=(KeptRows("CONTRAT-COURS", None, 2),), fingerprint="-")
    monkeypatch.setattr(Letters, "plan", lambda *_args, **_how: kept)
    data_request = triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=at)
    work()
    return data_request


def path(data_request, place=""):
    return f"/requests/{data_request.reference}{place}"


def test_the_reader_sees_the_choice_and_makes_it(bearer, erasure):
    caller = bearer(erasure)
    asked = caller.get(path(erasure)).json()["contract"]
    assert (asked["sources"], asked["ending"]) == (["letters"], "")
    assert asked["term"] == "Effacer le reste maintenant, et ceci au terme du contrat"
    chosen = caller.post(path(erasure, "/contract"), {"ending": "now"}).json()
    assert chosen["contract"]["ending"] == "now"
    assert chosen["timeline"][-1]["event"] == "contract.chosen"
    assert erasure.steps.filter(action=Action.TERMINATE).exists()


def test_another_word_is_refused(bearer, erasure):
    assert_problem(bearer(erasure).post(path(erasure, "/contract"), {"ending": "never"}), 400, "invalid")


def test_once_approved_there_is_no_choice(bearer, erasure, simone, at):
    plan = execution.current_plan(erasure)
    erasure.notices.filter(letter="contract").update(sent_at=at)
    execution.approve(erasure, fingerprint=plan.fingerprint, by=simone, at=at + timedelta(days=8))
    assert bearer(erasure).get(path(erasure)).json()["contract"] is None
    assert_problem(bearer(erasure).post(path(erasure, "/contract"), {"ending": "now"}), 409, "not-now")


def test_an_approval_while_the_reader_may_choose_is_refused_with_the_day(bearer, machine, simone, erasure):
    until = bearer(erasure).get(path(erasure)).json()["contract"]["until"]
    desk = f"/desk/requests/{erasure.reference}"
    plan = machine(simone).get(desk).json()["plan"]
    refused = machine(simone).post(f"{desk}/approve", {"fingerprint": plan["fingerprint"]})
    assert_problem(refused, 409, "contract-asked")
    assert f"jusqu’au {in_words(date.fromisoformat(until))}" in refused.json()["detail"]


def test_the_plan_of_the_desk_shows_the_choice_and_waits_for_the_end(machine, olive, simone, erasure):
    desk = f"/desk/requests/{erasure.reference}"
    assert machine(olive).post(f"{desk}/record_ending", {"ending": "now"}).status_code == 200
    plan = machine(simone).get(desk).json()["plan"]
    assert (plan["bound"], plan["ending"]) == (["letters"], "now")
    refused = machine(simone).post(f"{desk}/approve", {"fingerprint": plan["fingerprint"]})
    assert_problem(refused, 409, "contract-runs")
