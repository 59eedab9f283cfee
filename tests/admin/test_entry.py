"""Typing in a request that came by post, telephone, counter or e-mail to the newsroom."""

import pytest
from django.utils import timezone

from dsr.models.request import DataRequest
from tests.admin.conftest import page_of

pytestmark = pytest.mark.django_db

ADD = "/admin/dsr/datarequest/add/"


@pytest.fixture
def typed():
    """A letter that arrived on a Monday morning."""
    return {
        "kind": "access",
        "channel": "post",
        "received_at": "2026-09-14T09:30",
        "language": "fr",
        "email": "",
        "postal_address": "Alice\n1 rue de l’Exemple\n75000 Paris",
        "message": "Une copie de mes données, s’il vous plaît.",
        "about_article": "",
    }


def test_a_letter_is_registered_with_its_true_receipt_date(desk, olive, typed):
    response = desk(olive).post(ADD, typed)
    data_request = DataRequest.objects.get()
    assert response.url == page_of(data_request)
    assert (data_request.state, data_request.entered_by) == ("review", olive)
    assert timezone.localtime(data_request.received_at).isoformat() == "2026-09-14T09:30:00+02:00"
    assert data_request.due_on.isoformat() == "2026-10-14"


def test_the_sources_ticked_become_the_scope(desk, olive, typed):
    desk(olive).post(ADD, {**typed, "scope": ["shelf"]})
    assert DataRequest.objects.get().scope == {"shelf": "*"}


def test_nothing_ticked_is_everything(desk, olive, typed):
    desk(olive).post(ADD, typed)
    assert DataRequest.objects.get().is_about_everything


def test_a_minor_and_an_article_are_noted(desk, olive, typed):
    desk(olive).post(ADD, {**typed, "minor": "on", "about_article": "https://example.org/a"})
    data_request = DataRequest.objects.get()
    assert data_request.minor
    assert data_request.about_article == "https://example.org/a"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("received_at", "2099-01-01T00:00", "ne peut pas être dans l’avenir"),
        ("received_at", "0001-01-01T00:00", "25 mai 2018"),
        ("received_at", "2018-05-24T23:59", "25 mai 2018"),
        ("received_at", "", "obligatoire"),
        ("received_at", "hier", "valide"),
        ("postal_address", " ", "Indiquez une adresse électronique ou postale"),
        ("email", "alice@example.invalid", "ne peut pas recevoir de courriel"),
        ("email", "alice", "valide"),
        ("kind", "revenge", "choix valide"),
        ("channel", "form", "choix valide"),
        ("scope", "attic", "choix valide"),
        ("about_article", "javascript:alert(1)", "valide"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(field, value, sentence, desk, olive, typed):
    response = desk(olive).post(ADD, {**typed, field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Une copie de mes données" in page
    assert not DataRequest.objects.exists()


def test_the_message_of_a_reader_stays_text(desk, olive, typed):
    page = desk(olive).post(ADD, {**typed, "kind": "", "message": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
