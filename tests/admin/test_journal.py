"""The log as an auditor reads it."""

from datetime import UTC, datetime

import pytest

from dsr.audit.events import EVENTS
from dsr.audit.verifying import verify
from dsr.models.audit import AuditEntry
from dsr.states import Kind

pytestmark = pytest.mark.django_db

LOG = "/admin/dsr/auditentry/"


def listed(response):
    return [entry.event for entry in response.context_data["cl"].result_list]


def test_entries_are_told_in_words(desk, remi, examined, db):
    examined()
    page = desk(remi).get(LOG).content.decode()
    for said in (
        "Demande reçue",
        "Boîte aux lettres prouvée",
        "moyen\u00a0: contrôle de la boîte aux lettres",
        "lecteur",
    ):
        assert said in page


def test_no_reader_is_named_anywhere(desk, remi, examined):
    examined(Kind.OTHER, message="Alice Secret")
    client = desk(remi)
    entry = AuditEntry.objects.first()
    for page in (client.get(LOG), client.get(f"{LOG}{entry.pk}/change/"), client.get("/admin/")):
        assert "alice" not in page.content.decode().lower()


def test_looking_at_the_log_is_recorded_in_it(desk, remi):
    client = desk(remi)
    client.get(LOG)
    client.get(f"{LOG}{AuditEntry.objects.first().pk}/change/")
    entries = AuditEntry.objects.filter(event="log.viewed")
    assert [entry.subject for entry in entries] == [remi.reference] * 2


def test_a_refused_look_is_no_look(desk, olive):
    assert desk(olive).get(LOG).status_code == 403
    assert not AuditEntry.objects.filter(event="log.viewed").exists()


def test_an_entry_shows_the_very_text_that_is_hashed(desk, remi, examined):
    examined()
    entry = AuditEntry.objects.filter(event="request.received").get()
    page = desk(remi).get(f"{LOG}{entry.pk}/change/").content.decode()
    assert "request.received" in page
    assert "&quot;canonical" not in page
    assert entry.canonical.replace('"', "&quot;") in page


def test_filters_by_event_actor_and_subject(desk, remi, examined):
    data_request = examined()
    client = desk(remi)
    assert listed(client.get(LOG, {"event": "request.received"})) == ["request.received"]
    assert "log.viewed" not in listed(client.get(LOG, {"by": "reader"}))
    assert set(listed(client.get(LOG, {"by": "staff"}))) == {"log.viewed"}
    assert listed(client.get(LOG, {"q": data_request.reference}))[-1] == "request.received"
    assert set(listed(client.get(LOG, {"q": remi.reference}))) == {"log.viewed"}


@pytest.mark.parametrize(
    ("since", "until", "seen"), [("2026-09-17", "", 0), ("2026-09-16", "2026-09-16", 1), ("", "2026-09-15", 0)]
)
def test_filters_by_day_of_paris(since, until, seen, desk, remi, asks):
    asks(at=datetime(2026, 9, 15, 22, 30, tzinfo=UTC))
    query = {"event": "request.received", "since": since, "until": until}
    assert len(listed(desk(remi).get(LOG, query))) == seen


@pytest.mark.parametrize("query", [{"since": "hier"}, {"until": "2026-13-40"}, {"event": "x"}, {"by": "x"}, {"q": "%"}])
def test_a_filter_nobody_offered_does_no_harm(query, desk, remi):
    assert desk(remi).get(LOG, query).status_code == 200


def test_an_event_that_left_the_list_is_still_told(unguarded, desk, remi, examined):
    examined()
    AuditEntry.objects.filter(event="request.received").update(event="request.ancient")
    assert "request.ancient" in desk(remi).get(LOG).content.decode()


def test_the_log_verifies_after_it_was_looked_at(desk, remi, examined):
    examined()
    desk(remi).get(LOG)
    assert list(verify()) == []


def test_every_event_can_be_chosen(desk, remi):
    page = desk(remi).get(LOG).content.decode()
    assert all(f'value="{code}"' in page for code in EVENTS)


@pytest.mark.parametrize("query", ["since=0001-01-01", "until=9999-12-31", "since=2026-02-30", "until=x"])
def test_a_day_that_cannot_be_filters_nothing(desk, remi, query):
    response = desk(remi).get(f"{LOG}?{query}")
    assert response.status_code == 200
    assert listed(response)
