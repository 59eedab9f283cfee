"""A contract that runs is put to the reader's choice on the page of the erasure, in the words of its source."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dsr.lifecycle import contracts, execution, triage
from dsr.models.step import Action, Status
from dsr.notifications.writing import in_words
from dsr.sources.base import KeptRows, Preview
from dsr.sources.contracts import ContractWords
from dsr.states import Kind, State
from tests.browser import overflow, problems
from tests.web.conftest import page, text_of
from tests.web.shelf import Accounts

WORDS = ContractWords(now="Finir mon abonnement", at_term="Le laisser aller à son terme", to_end="Arrêtez tout.")
FORM = "form:has([value=contract])"


@pytest.fixture
def erasure(proven, olive, work, monkeypatch):
    """Alice's erasure, its plan made, her account kept for a contract that runs."""
    monkeypatch.setattr(Accounts, "contract", WORDS)
    kept = Preview(erased=0, rewritten=0, kept=(KeptRows("CONTRAT-COURS", None, 1),), fingerprint="-")
    monkeypatch.setattr(Accounts, "plan", lambda *_args, **_how: kept)
    data_request = triage.accept(proven(Kind.ERASURE), by=olive, at=timezone.now())
    work()
    return data_request


@pytest.mark.django_db
def test_the_page_asks_in_the_words_of_the_source_and_says_what_silence_means(alice, erasure):
    shown = text_of(alice.get(page(erasure)))
    assert "Finir mon abonnement" in shown
    assert "Le laisser aller à son terme" in shown
    until = timezone.localdate() + timedelta(days=7)
    assert f"Sans réponse de votre part le {in_words(until)} au soir, nous ferons le second choix." in shown


@pytest.mark.django_db
def test_the_reader_chooses_and_changes_their_mind(alice, erasure):
    for ending in ("now", "term", "now"):
        assert alice.act(erasure, "contract", ending=ending).status_code == 302
        erasure.refresh_from_db()
        assert erasure.ending == ending
        assert alice.get(page(erasure)).context["forms"]["contract"]["ending"].value() == ending
    assert "Vous avez choisi ce que devient votre contrat en cours" in text_of(alice.get(page(erasure)))
    assert erasure.steps.get(action=Action.TERMINATE, status=Status.WAITING)


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["", "never"])
def test_a_choice_that_is_none_is_explained_in_its_place(alice, erasure, ending):
    response = alice.act(erasure, "contract", ending=ending)
    assert response.status_code == 422
    assert response.context["forms"]["contract"]["ending"].errors
    assert not erasure.steps.filter(action=Action.TERMINATE).exists()


@pytest.mark.django_db
def test_the_second_officer_waits_for_the_choice_that_is_made_on_the_page(alice, erasure, simone):
    def approve():
        plan = execution.current_plan(erasure)
        return execution.approve(erasure, fingerprint=plan.fingerprint, by=simone, at=timezone.now())

    with pytest.raises(contracts.StillChoosing):
        approve()
    alice.act(erasure, "contract", ending="term")
    assert "Sans réponse de votre part" not in text_of(alice.get(page(erasure)))
    assert approve().state == State.EXECUTING


@pytest.mark.django_db
def test_once_approved_there_is_nothing_left_to_choose(alice, erasure, simone):
    plan = execution.current_plan(erasure)
    erasure.notices.filter(letter="contract").update(sent_at=timezone.now())
    execution.approve(erasure, fingerprint=plan.fingerprint, by=simone, at=timezone.now() + timedelta(days=8))
    assert "contract" not in alice.get(page(erasure)).context["forms"]
    assert alice.act(erasure, "contract", ending="now").status_code in {409, 422}
    erasure.refresh_from_db()
    assert erasure.ending == ""


@pytest.mark.django_db
def test_an_erasure_without_a_contract_asks_nothing(alice, proven, olive, work):
    data_request = triage.accept(proven(Kind.ERASURE), by=olive, at=timezone.now())
    work()
    assert "contract" not in alice.get(page(data_request)).context["forms"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_choice_is_made_by_keyboard_at_any_width(browse, erasure, alice, width, live_server):
    shown = browse(width=width)
    session = alice.cookies["sessionid"].value
    shown.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    shown.goto(page(erasure))
    assert problems(shown) == ""
    assert overflow(shown) == 0
    shown.focus(f"{FORM} input[value=now]")
    shown.keyboard.press("Space")
    shown.keyboard.press("Enter")
    shown.wait_for_selector(f"{FORM} input[value=now]:checked")
    erasure.refresh_from_db()
    assert erasure.ending == "now"
