"""A contract that runs, as both officers see it: the choice, the step before the erasure, the approval."""

import pytest
from django.utils import timezone

from dsr.lifecycle import contracts, execution, triage
from dsr.models.step import Action, Status
from dsr.sources.base import KeptRows, Preview
from dsr.states import Kind, State
from tests.admin.conftest import act_of, page_of
from tests.lifecycle.shelf import Shelf

pytestmark = pytest.mark.django_db
BOUND = (KeptRows("CONTRAT-COURS", None, 1),)


@pytest.fixture
def held(monkeypatch):
    """The kept lines of the shelf; emptied, the contract has ended."""
    kept = [*BOUND]
    monkeypatch.setattr(Shelf, "plan", lambda *_a, **_k: Preview(erased=0, rewritten=0, kept=tuple(kept)))
    return kept


@pytest.fixture
def at():
    """Now, for the doors look at the clock."""
    return timezone.now()


@pytest.fixture
def erasure(held, examined, worked, olive, at):
    """Alice's erasure, its plan made."""
    return worked(triage.accept(examined(Kind.ERASURE), by=olive, at=at))


def offered(response):
    return {offer.verb for offer in response.context_data["offers"]}


def test_silence_is_said_beside_the_plan_and_in_the_approval(desk, simone, erasure):
    shown = desk(simone).get(page_of(erasure))
    assert shown.content.decode().count("Le lecteur n’a rien choisi") == 2
    assert shown.content.decode().count("Il peut choisir jusqu’au") == 2
    assert "approve" in offered(shown)


def test_an_approval_before_the_reader_has_had_the_time_is_refused_with_the_day(desk, simone, erasure):
    values = {"fingerprint": execution.current_plan(erasure).fingerprint}
    shown = desk(simone).post(act_of(erasure, "approve"), values, follow=True)
    assert "Le lecteur peut choisir jusqu’au" in shown.content.decode()
    erasure.refresh_from_db()
    assert erasure.state == State.APPROVAL


def test_now_waits_with_its_instructions_and_is_not_approved_before(desk, olive, simone, erasure, at):
    contracts.choose(erasure, ending="now", at=at)
    shown = desk(olive).get(page_of(erasure))
    assert "Arrêtez le prélèvement" in shown.content.decode()
    assert "Le lecteur met fin au contrat maintenant" in shown.content.decode()
    assert "approve" not in offered(desk(simone).get(page_of(erasure)))


def test_ticking_wants_no_file_and_the_choice_stays_in_sight_of_the_approval(
    desk, olive, simone, erasure, held, worked, at
):
    contracts.choose(erasure, ending="now", at=at)
    step = erasure.steps.get(action=Action.TERMINATE)
    held.clear()
    assert desk(olive).post(act_of(erasure, "complete_by_hand", step)).status_code == 302
    worked(erasure)
    step.refresh_from_db()
    assert (step.status, step.finished_by) == (Status.DONE, olive.reference)
    shown = desk(simone).get(page_of(erasure))
    assert "approve" in offered(shown)
    assert shown.content.decode().count("Le lecteur met fin au contrat maintenant") == 2


def test_a_contract_that_runs_on_comes_back_with_its_sentence(desk, olive, erasure, worked, at):
    contracts.choose(erasure, ending="now", at=at)
    execution.complete_by_hand(erasure.steps.get(action=Action.TERMINATE), by=olive, at=at)
    worked(erasure)
    assert "Le contrat court encore" in desk(olive).get(page_of(erasure)).content.decode()


def test_an_officer_notes_the_choice_of_a_reader_who_wrote(desk, olive, erasure):
    assert "record_ending" in offered(desk(olive).get(page_of(erasure)))
    assert desk(olive).post(act_of(erasure, "record_ending"), {"ending": "now"}).status_code == 302
    erasure.refresh_from_db()
    assert erasure.ending == "now"


def test_without_a_contract_the_page_says_nothing_of_one(desk, olive, erasure, held, worked):
    held.clear()
    worked(execution.replan(erasure, by=olive, at=timezone.now()))
    shown = desk(olive).get(page_of(erasure))
    assert "record_ending" not in offered(shown)
    assert "contrat" not in shown.context_data["plan"]["ending"]
