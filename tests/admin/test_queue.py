"""The queue: its order, its marks, its views, its search, and how little it asks of the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dsr.admin import pending
from dsr.lifecycle import identity, triage
from dsr.models.audit import AuditEntry
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.models.step import Status
from dsr.states import Kind, State
from tests.admin.conftest import page_of

pytestmark = pytest.mark.django_db

QUEUE = "/admin/dsr/datarequest/"
SEARCH = "/admin/dsr/datarequest/search/"


@pytest.fixture
def received(asks):
    """``received(days, "bob@example.org")``: a request received that many days ago."""
    return lambda days, email="bob@example.org", **more: asks(
        email=email, at=timezone.now() - timedelta(days=days), **more
    )


def shown(response):
    return [each.reference for each in response.context_data["cl"].result_list]


def test_late_ones_first_then_minors_then_by_due_date_and_suspended_ones_last(desk, olive, received, proves):
    soon, late, minor, later = received(20), received(60), received(1, minor=True), received(2)
    suspended = received(3, email="carol@example.org")
    proves(suspended, at=timezone.now())
    identity.doubt(suspended, reason="Homonyme", by=olive, at=timezone.now())
    expected = [each.reference for each in (late, minor, soon, later, suspended)]
    assert shown(desk(olive).get(QUEUE)) == expected


def test_a_late_request_says_so_in_words(desk, olive, received):
    received(60)
    page = desk(olive).get(QUEUE).content.decode()
    assert "en retard de" in page


def test_a_decided_request_whose_letter_has_not_left_stays_and_says_so(desk, olive, examined, at):
    triage.refuse(examined(), because="identity", by=olive, at=at)
    assert "décidée, non envoyée" in desk(olive).get(QUEUE).content.decode()


def test_once_its_letter_left_a_request_is_closed(desk, olive, examined, at):
    data_request = examined()
    triage.refuse(data_request, because="identity", by=olive, at=at)
    DataRequest.objects.update(answer_sent_at=at)
    assert shown(desk(olive).get(QUEUE)) == []
    assert shown(desk(olive).get(QUEUE, {"view": "closed"})) == [data_request.reference]


@pytest.fixture
def one_of_each(examined, received, planned, olive, at):
    """The requests that the views are about, by view."""
    undelivered = examined(Kind.OTHER)
    triage.refuse(undelivered, because="identity", by=olive, at=at)
    stuck = received(2, email="dave@example.org")
    Notice.objects.filter(data_request=stuck).update(needs_attention=True)
    soon = received(25, email="erin@example.org")
    return {"approval": planned, "undelivered": undelivered, "attention": stuck, "soon": soon}


@pytest.mark.parametrize("view", ["approval", "undelivered", "attention", "soon"])
def test_each_view_holds_its_own(view, one_of_each, desk, olive):
    found = shown(desk(olive).get(QUEUE, {"view": view}))
    assert found == [one_of_each[view].reference]


def test_a_step_that_needs_attention_is_in_the_view_and_marked(desk, olive, planned):
    planned.steps.update(status=Status.NEEDS_ATTENTION)
    response = desk(olive).get(QUEUE, {"view": "attention"})
    assert shown(response) == [planned.reference]
    assert "à regarder" in response.content.decode()


@pytest.mark.parametrize("status", [Status.WAITING, Status.NEEDS_ATTENTION])
def test_a_fresh_copy_that_waits_for_a_person_is_to_do(desk, olive, examined, at, status):
    data_request = triage.accept(examined(), by=olive, at=at)
    DataRequest.objects.update(state=State.ANSWERED, closed_at=at, answer_sent_at=at)
    assert pending.counts(at)["todo"] == 0
    data_request.steps.update(status=status)
    assert (pending.counts(at)["todo"], pending.counts(at)["attention"]) == (1, int(status == Status.NEEDS_ATTENTION))
    assert data_request.reference in shown(desk(olive).get(QUEUE))


def test_the_counts_agree_with_the_views(one_of_each):
    now = timezone.now()
    totals = pending.counts(now)
    held = {view: DataRequest.objects.filter(pending.condition(view, now)).count() for view in totals}
    assert totals == held
    assert set(totals) == {
        "todo",
        "late",
        "soon",
        "approval",
        "undelivered",
        "attention",
        "untold",
        "silent",
        "waiting",
    }


def test_filters_by_kind_state_and_assignment(desk, olive, simone, examined, at):
    access, other = examined(Kind.ACCESS), examined(Kind.OTHER)
    triage.assign(access, to=olive, by=olive, at=at)
    client = desk(olive)
    assert shown(client.get(QUEUE, {"kind": "other"})) == [other.reference]
    assert shown(client.get(QUEUE, {"state": "approval"})) == []
    assert shown(client.get(QUEUE, {"assigned": "me"})) == [access.reference]
    assert shown(client.get(QUEUE, {"assigned": "nobody"})) == [other.reference]


@pytest.mark.parametrize("query", [{"view": "x"}, {"kind": "x"}, {"state": "x"}, {"assigned": "x"}, {"p": "9"}])
def test_a_filter_nobody_offered_does_no_harm(query, desk, olive, examined):
    examined()
    assert desk(olive).get(QUEUE, query).status_code in {200, 302}


@pytest.mark.parametrize("lookup", ["email", "email__startswith", "message__contains", "identifiers__value"])
def test_nobody_is_looked_up_by_address_in_a_url(lookup, desk, olive, examined):
    examined()
    assert desk(olive).get(QUEUE, {lookup: "alice@example.org"}).status_code == 400


def test_a_search_finds_an_exact_address_whatever_its_case_and_leads_to_the_page(desk, olive, examined):
    data_request = examined()
    response = desk(olive).post(SEARCH, {"words": " Alice@EXAMPLE.org "})
    assert response.url == page_of(data_request)


def test_a_search_finds_a_proven_identifier(desk, olive, simone, examined, at):
    data_request = examined()
    identity.vouch(data_request, kind="email", value="Old@example.org", by=olive, at=at)
    assert desk(olive).post(SEARCH, {"words": "old@example.org"}).url == page_of(data_request)


@pytest.mark.parametrize("change", [str.lower, lambda text: text.replace("-", ""), lambda text: text[4:]])
def test_a_search_finds_a_reference_however_it_is_typed(change, desk, olive, examined):
    data_request = examined()
    assert desk(olive).post(SEARCH, {"words": change(data_request.reference)}).url == page_of(data_request)


@pytest.mark.parametrize("words", ["alice", "alice@example", "%", "", "@", "DSR-", "'; --", "a\x00@b"])
def test_a_search_finds_nobody_by_half(words, desk, olive, examined):
    examined()
    client = desk(olive)
    response = client.post(SEARCH, {"words": words}, follow=True)
    assert shown(response) == []
    assert "doit être exacte" in response.content.decode()


def test_several_results_are_a_list_of_all_states(desk, olive, examined, at):
    first, second = examined(Kind.ACCESS), examined(Kind.OTHER)
    triage.refuse(first, because="identity", by=olive, at=at)
    DataRequest.objects.filter(pk=first.pk).update(answer_sent_at=at)
    response = desk(olive).post(SEARCH, {"words": "alice@example.org"}, follow=True)
    assert set(shown(response)) == {first.reference, second.reference}


def test_a_search_is_recorded_without_its_words(desk, olive, examined):
    examined()
    desk(olive).post(SEARCH, {"words": "alice@example.org"})
    entry = AuditEntry.objects.get(event="desk.searched")
    assert (entry.actor, entry.facts) == (olive.reference, {"results": 1})
    assert "alice" not in entry.canonical


def test_a_search_is_not_a_link(desk, olive):
    assert desk(olive).get(SEARCH, {"words": "alice@example.org"}).status_code == 405


def test_the_queue_asks_as_little_for_fifty_rows_as_for_five(desk, olive, simone):
    client = desk(olive)

    def queries(rows):
        now = timezone.now()
        DataRequest.objects.bulk_create(
            DataRequest(
                kind=Kind.ACCESS,
                state=State.REVIEW,
                channel="form",
                email=f"reader-{rows}-{number}@example.org",
                received_at=now,
                entered_at=now,
                due_on=now.date() + timedelta(days=number),
                assigned_to=simone if number % 2 else None,
            )
            for number in range(rows)
        )
        with CaptureQueriesContext(connection) as captured:
            client.get(QUEUE)
        return len(captured)

    few = queries(5)
    assert queries(45) == few
    assert few < 12


def test_the_first_page_counts_what_waits_and_leads_there(desk, olive, planned):
    page = desk(olive).get(reverse("admin:index")).content.decode()
    assert "?view=approval" in page
    assert "À approuver" in page
