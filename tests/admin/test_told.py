"""The recipients on the page of a request: who waits for whom, what finds the reader, and what was done."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from dsr.admin import pending
from dsr.lifecycle import execution
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.notifications import onward
from dsr.sources.activities import Recipient
from dsr.states import State
from tests.admin.conftest import act_of, fingerprint_of, page_of
from tests.conftest import ALICE
from tests.lifecycle import shelf

pytestmark = pytest.mark.django_db
CARRIER = Recipient("porteur", "Portage Exemple SARL", by_hand="Ouvrez l’extranet du porteur.")
BINDER = Recipient("relieur", "Reliure Exemple SA", email="donnees@relieur.example.org")


@pytest.fixture
def erased(monkeypatch, planned, worked, simone):
    """Alice's books are gone; a carrier is to be told by hand, a binder by letter."""
    monkeypatch.setattr(shelf.Shelf, "activity", replace(shelf.READING, recipients=(CARRIER, BINDER)))
    now = timezone.now()
    execution.approve(planned, fingerprint=fingerprint_of(planned), by=simone, at=now)
    return worked(planned)


@pytest.fixture
def carrier(erased):
    return erased.recipients.get(recipient="porteur")


def test_the_page_says_whom_the_answer_waits_for_and_what_to_do(desk, olive, erased):
    page = desk(olive).get(page_of(erased)).content.decode()
    assert "Portage Exemple SARL, Reliure Exemple SA" in page
    assert "Ouvrez l’extranet du porteur." in page
    assert "la lettre part" in page


def test_officers_see_what_finds_the_reader_unless_the_key_has_changed(desk, olive, erased, settings):
    assert "Adresse électronique" in desk(olive).get(page_of(erased)).content.decode()
    settings.DSR_SERVICE_KEY = "ab" * 32
    assert "la clé du service a changé" in desk(olive).get(page_of(erased)).content.decode()


def test_an_officer_ticks_a_recipient(desk, olive, erased, carrier):
    today = timezone.localdate().isoformat()
    answer = desk(olive).post(act_of(erased, "told", carrier), {"on": today, "how": "Bordereau 12"})
    assert answer.status_code == 302
    page = desk(olive).get(page_of(erased)).content.decode()
    assert "Bordereau 12" in page
    assert "Noter sa réponse" in page


def test_an_officer_says_why_one_cannot_be_told(desk, olive, erased, carrier):
    where = act_of(erased, "impossible", carrier)
    assert desk(olive).post(where, {"because": "gone"}).status_code == 422
    assert desk(olive).post(where, {"because": "gone", "explanation": "Liquidée en 2024."}).status_code == 302
    assert "Liquidée en 2024." in desk(olive).get(page_of(erased)).content.decode()


def test_a_closed_request_waits_on_the_desk_until_all_were_told(desk, olive, erased, carrier):
    now = timezone.now()
    closed = {"state": State.ANSWERED, "closed_at": now, "answer_sent_at": now}
    DataRequest.objects.filter(pk=erased.pk).update(**closed)
    assert [pending.counts(now)[view] for view in ("todo", "untold")] == [1, 1]
    today = timezone.localdate().isoformat()
    assert desk(olive).post(act_of(erased, "told", carrier), {"on": today}).status_code == 302
    assert [pending.counts(now)[view] for view in ("todo", "untold")] == [0, 0]


def test_a_letter_that_does_not_leave_is_a_persons_turn(desk, olive, erased):
    Notice.objects.filter(letter="recipient").update(needs_attention=True)
    page = desk(olive).get(page_of(erased)).content.decode()
    assert "La lettre n’est pas partie" in page


def test_the_queue_lists_those_to_tell_and_those_that_owe_a_reply(desk, olive, erased, carrier, settings):
    now = timezone.now()
    assert pending.counts(now)["untold"] == 1
    assert pending.counts(now)["silent"] == 0
    RecipientNotice.objects.update(settled_at=now, sealed=None, told_on=timezone.localdate() - timedelta(days=31))
    DataRequest.objects.update(state=State.ANSWERED, closed_at=now, answer_sent_at=now)
    assert (pending.counts(now)["untold"], pending.counts(now)["silent"]) == (0, 1)
    page = desk(olive).get("/admin/dsr/datarequest/", {"view": "silent"}).content.decode()
    assert erased.reference in page
    assert "prévenu, sans réponse" in desk(olive).get(page_of(erased)).content.decode()


def test_no_address_stands_in_clear_beside_the_task(erased, carrier):
    assert ALICE not in str(RecipientNotice.objects.values())
    assert ALICE in onward.opened(carrier)
