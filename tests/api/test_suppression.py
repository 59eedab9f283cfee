"""The mailing tool's addresses: whom not to write to, who subscribed anew, and nobody's address in a URL or the log."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dsr import keys
from dsr.api import suppression
from dsr.lifecycle import suppressing
from dsr.models.audit import AuditEntry
from tests.api.conftest import assert_problem
from tests.conftest import ALICE, BOB, staff

pytestmark = pytest.mark.django_db
TOKEN = keys.suppression_token(ALICE)


@pytest.fixture
def tool(machine):
    """The mailing tool; its account is no staff of the desk."""
    person = staff("mailing", "mailing tools")
    person.is_staff = False
    person.save()
    return machine(person)


@pytest.fixture
def objected(db):
    """Alice objected yesterday."""
    return suppressing.record([TOKEN], at=timezone.now() - timedelta(days=1))


def test_the_tool_is_told_whom_not_to_write_to(tool, objected):
    answer = tool.post("/suppressed", {"addresses": [BOB, "Alice@Example.org"]})
    assert [each["suppressed"] for each in answer.json()["results"]] == [False, True]
    assert answer["Cache-Control"] == "no-store"


def test_the_token_of_an_address_is_found_again_in_the_pages(tool, objected):
    token = tool.post("/suppressed", {"addresses": [ALICE]}).json()["results"][0]["token"]
    listed = tool.get("/suppressed").json()
    assert [each["token"] for each in listed["results"]] == [token]
    assert listed["next"] is None


def test_pages_hold_each_objection_once(tool, monkeypatch):
    monkeypatch.setattr(suppression, "PAGE", 2)
    suppressing.record((keys.suppression_token(f"{n}@example.org") for n in range(5)), at=timezone.now())
    path, seen = "/suppressed", []
    while path:
        page = tool.get(path).json()
        seen += [each["token"] for each in page["results"]]
        path = page["next"] and page["next"].partition("/api/v1")[2]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=" + "9" * 30, "address=alice%40example.org"])
def test_a_page_that_is_none_is_refused_and_so_is_an_address_in_the_url(tool, query):
    document = assert_problem(tool.get(f"/suppressed?{query}"), 400, "invalid")
    assert [error["parameter"] for error in document["errors"]] == ["after"]


def test_a_fresh_subscription_lifts_the_objection(tool, objected):
    fresh = {"address": ALICE, "consented_at": timezone.now().isoformat()}
    assert tool.post("/suppressed/lifted", fresh).json() == {"lifted": True}
    assert tool.post("/suppressed/lifted", fresh).json() == {"lifted": False}
    assert tool.get("/suppressed").json()["results"] == []


def test_an_old_consent_lifts_nothing(tool, objected):
    old = {"address": ALICE, "consented_at": (timezone.now() - timedelta(days=2)).isoformat()}
    assert_problem(tool.post("/suppressed/lifted", old), 409, "not-a-fresh-consent")


def test_the_log_holds_counts_and_no_address(tool, objected):
    tool.post("/suppressed", {"addresses": [BOB, ALICE]})
    tool.get("/suppressed")
    entries = AuditEntry.objects.filter(event="suppression.consulted").order_by("pk")
    assert [entry.facts for entry in entries] == [{"addresses": 2, "results": 1}, {"results": 1}]
    assert "alice" not in "".join(entry.canonical for entry in entries)


def test_a_thousand_addresses_at_once_and_no_more(tool):
    many = [f"reader{n}@example.org" for n in range(1001)]
    assert len(tool.post("/suppressed", {"addresses": many[:1000]}).json()["results"]) == 1000
    assert_problem(tool.post("/suppressed", {"addresses": many}), 400, "invalid")


def test_nobody_else_asks(anyone, machine, olive, signed_in):
    assert_problem(anyone.get("/suppressed"), 401)
    assert_problem(machine(olive).get("/suppressed"), 403, "denied")
    assert_problem(machine(olive).post("/suppressed", {"addresses": [ALICE]}), 403, "denied")
    assert_problem(signed_in(olive).get("/suppressed"), 401)


def test_the_tool_sees_nothing_of_the_desk(tool):
    assert_problem(tool.get("/desk/requests"), 403, "denied")


def test_asking_is_rationed(tool, settings):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "suppressed": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    assert tool.get("/suppressed").status_code == 200
    assert_problem(tool.get("/suppressed"), 429)
