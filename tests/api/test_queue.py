"""The desk's queue: filters and pages."""

import base64
from datetime import date, timedelta

import pytest
from django.utils import timezone

from dsr.api import filters
from dsr.lifecycle import closing, triage
from dsr.models.request import DataRequest
from dsr.states import Kind
from tests.api.conftest import assert_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(machine, olive):
    """The references of one page."""
    caller = machine(olive)

    def page(query=""):
        response = caller.get(f"/desk/requests{query}")
        assert response.status_code == 200, response.content
        return [row["reference"] for row in response.json()["results"]]

    return page


def made(count, **facts):
    """Requests saved as they are, without their letters."""
    now = timezone.now()
    base = {"kind": "access", "channel": "form", "state": "review", "received_at": now, "entered_at": now}
    return [DataRequest.objects.create(**{**base, **facts}) for _n in range(count)]


def test_the_most_urgent_comes_first_and_what_has_no_date_last(queue):
    (later,) = made(1, due_on=date(2026, 12, 2))
    (without,) = made(1, due_on=None)
    (sooner,) = made(1, due_on=date(2026, 12, 1))
    assert queue() == [sooner.reference, later.reference, without.reference]


def test_a_row_says_nothing_of_the_reader(machine, olive, asks, proves):
    proves(asks(message="Je suis très malade."))
    text = machine(olive).get("/desk/requests").content.decode()
    assert "alice" not in text
    assert "malade" not in text


def test_pages_hold_each_request_once(machine, olive, monkeypatch):
    monkeypatch.setattr(filters, "PAGE", 3)
    expected = [
        *made(4, due_on=date(2026, 12, 1)),
        *made(4, due_on=date(2026, 12, 2)),
        *made(3, due_on=None),
    ]
    caller, path, seen = machine(olive), "/desk/requests?kind=access", []
    while path and len(seen) <= len(expected):
        page = caller.get(path).json()
        seen += [row["reference"] for row in page["results"]]
        path = page["next"] and page["next"].partition("/api/v1")[2]
    assert seen == [data_request.reference for data_request in expected]


@pytest.mark.parametrize("cursor", ["x", "é", "%00", "MjAyNi0xMi0wMQ==", "OTk5OS05OS05OS4x", "Lg==", "a" * 3000])
def test_a_cursor_we_did_not_give_is_refused(machine, olive, cursor):
    document = assert_problem(machine(olive).get(f"/desk/requests?cursor={cursor}"), 400, "invalid")
    assert [error["parameter"] for error in document["errors"]] == ["cursor"]


def test_a_cursor_with_a_huge_number_finds_nothing_or_is_refused(machine, olive):
    cursor = base64.urlsafe_b64encode(b"2026-12-01." + b"9" * 40).decode()
    assert machine(olive).get(f"/desk/requests?cursor={cursor}").status_code in {200, 400}


def test_the_queue_is_narrowed_by_kind_and_state(queue):
    (access,) = made(1)
    (erasure,) = made(1, kind="erasure", state="approval")
    assert queue("?kind=erasure") == [erasure.reference]
    assert queue("?state=review") == [access.reference]
    assert queue("?kind=erasure&state=review") == []


def test_the_queue_is_narrowed_by_due_date(queue):
    first, second = (made(1, due_on=date(2026, 12, day))[0].reference for day in (1, 2))
    assert queue("?due_before=2026-12-02") == [first]
    assert queue("?due_after=2026-12-01") == [second]


def test_the_queue_is_narrowed_to_ones_own(queue, olive, simone, asks, proves, at):
    mine, hers = proves(asks(Kind.ACCESS)), proves(asks(Kind.ERASURE))
    triage.assign(mine, to=olive, by=olive, at=at)
    triage.assign(hers, to=simone, by=olive, at=at)
    assert queue("?assigned_to_me=true") == [mine.reference]
    assert queue("?assigned_to_me=false") == [hers.reference]


def test_late_is_what_the_law_still_waits_for_after_its_day(queue, asks, proves, olive):
    then = timezone.now() - timedelta(days=60)
    late, withdrawn = (proves(asks(kind, at=then), at=then) for kind in (Kind.ACCESS, Kind.ERASURE))
    closing.withdraw(withdrawn, at=then)
    in_time = proves(asks(Kind.RECTIFICATION, at=timezone.now()), at=timezone.now())
    decided = proves(asks(Kind.OTHER, at=then), at=then)
    triage.refuse(decided, because="right-not-applicable", by=olive, at=then)
    assert set(queue("?late=true")) == {late.reference, decided.reference}
    assert set(queue("?late=false")) == {withdrawn.reference, in_time.reference}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("kind=magic", "kind"),
        ("state=%00", "state"),
        ("due_before=01/12/2026", "due_before"),
        ("due_before=2026-13-01", "due_before"),
        ("due_before=", "due_before"),
        ("due_after=99999-01-01", "due_after"),
        ("late=perhaps", "late"),
        ("assigned_to_me=1", "assigned_to_me"),
    ],
)
def test_a_filter_that_means_nothing_is_named(machine, olive, query, parameter):
    document = assert_problem(machine(olive).get(f"/desk/requests?{query}"), 400, "invalid")
    assert [error["parameter"] for error in document["errors"]] == [parameter]
