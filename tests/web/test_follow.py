"""The page that follows a request, as its presenter words it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from dsr.lifecycle import triage
from dsr.models.request import DataRequest
from dsr.models.verification import Certificate
from dsr.packages import certificate
from dsr.states import Kind, Owner, State
from dsr.web import wording
from dsr.web.follow import follow
from tests.web.conftest import page, text_of

pytestmark = pytest.mark.django_db


def test_every_kind_state_and_owner_has_its_words():
    assert set(wording.TITLES) == set(Kind)
    assert set(wording.POSITIONS) == set(State)
    assert set(wording.TURNS) == set(Owner)


def test_the_last_day_is_said_in_words(asks, proves, at):
    with translation.override("fr"):
        shown = follow(proves(asks()), at=at)
        assert str(shown.due) == "Vous aurez notre réponse au plus tard le 16 octobre 2026."
        assert str(shown.turn) == "C’est à nous"


def test_an_extension_says_why(asks, proves, olive, at):
    extended = triage.extend(proves(asks()), because="complexity", by=olive, at=at)
    with translation.override("fr"):
        assert str(follow(extended, at=at).due) == (
            "Vous aurez notre réponse au plus tard le 16 décembre 2026. "
            "En raison de la complexité de votre demande, ce délai est prolongé."
        )


@pytest.mark.parametrize(("days", "words"), [(1, "1 jour de retard"), (3, "3 jours de retard")])
def test_a_late_answer_is_owned_up_to(asks, proves, at, days, words):
    data_request = proves(asks())
    late = timezone.make_aware(timezone.datetime(2026, 10, 16, 12)) + timedelta(days=days)
    with translation.override("fr"):
        assert words in str(follow(data_request, at=late).due)


def test_no_name_of_staff_is_on_the_page(alice, proven, olive):
    data_request = proven()
    triage.assign(data_request, to=olive, by=olive, at=timezone.now())
    triage.extend(data_request, because="complexity", by=olive, at=timezone.now())
    shown = text_of(alice.get(page(data_request)))
    assert "Le délai de réponse est prolongé" in shown
    assert olive.username not in shown
    assert olive.reference not in shown


def test_the_timeline_is_in_order_and_holds_only_what_is_public(alice, proven):
    data_request = proven()
    alice.act(data_request, "send-code")
    lines = follow(data_request, at=timezone.now()).timeline
    assert [str(line.text) for line in lines] == ["Votre demande nous est parvenue", "Votre adresse est confirmée"]


def test_letters_are_listed_once_they_left(alice, proven, work):
    data_request = proven()
    assert follow(data_request, at=timezone.now()).letters == []
    work()
    letters = follow(data_request, at=timezone.now()).letters
    assert data_request.reference in letters[0].subject
    assert str(letters[0].subject) in text_of(alice.get(page(data_request))).replace("&#x27;", "'")


def test_the_words_of_the_reader_are_inert(alice, proven):
    data_request = proven(message="<script>alert(1)</script>\n\n{% debug %}")
    shown = text_of(alice.get(page(data_request)))
    assert "<script>alert" not in shown
    assert "{% debug %}" in shown


def test_a_source_that_the_newspaper_removed_keeps_its_name(alice, proven):
    data_request = proven(about="sources", sources=["comments"])
    DataRequest.objects.update(scope={"gone": "*"})
    data_request.refresh_from_db()
    assert follow(data_request, at=timezone.now()).scope == ["gone"]


@pytest.fixture
def certified(proven, at):
    """A request of Alice's with a certificate."""
    data_request = proven(Kind.ERASURE)
    log = {"origin": "o", "n": 1, "leaf": "00", "size": 0, "root": ""}
    stated = dict.fromkeys(("approved_at", "erased_at", "verified_at", "made_at"), "2026-09-16T09:30:00Z")
    stated |= {"newspaper": "J", "reference": data_request.reference, "scope": "everything", "sources": [], "log": log}
    stated |= {"mentions": {"masked": 0, "left": []}, "verification": {"plan": "nothing-left", "values": None}}
    Certificate.objects.create(data_request=data_request, note=certificate.signed(stated), made_at=at)
    return data_request


@pytest.mark.parametrize(("form", "starts"), [("pdf", b"%PDF"), ("json", b"{")])
def test_the_proven_reader_downloads_the_certificate(alice, certified, form, starts):
    address = reverse("web:certificate", args=[certified.reference, form])
    assert address in alice.get(reverse("web:tracking", args=[certified.reference])).content.decode()
    answer = alice.get(address)
    assert answer.content.startswith(starts)
    assert answer["Content-Disposition"] == f'attachment; filename="certificat-{certified.reference}.{form}"'
    assert "no-store" in answer["Cache-Control"]


def test_who_has_proven_nothing_is_sent_to_prove_it(client, certified):
    for reference in (certified.reference, "DSR-2222-2222"):
        answer = client.get(reverse("web:certificate", args=[reference, "pdf"]))
        assert answer["Location"] == reverse("web:tracking", args=[reference])


def test_there_is_no_other_form_and_none_of_another_request(alice, certified, proven):
    assert alice.get(reverse("web:certificate", args=[certified.reference, "txt"])).status_code == 404
    assert alice.get(reverse("web:certificate", args=[proven().reference, "pdf"])).status_code == 404
