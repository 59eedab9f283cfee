"""The running request is among the reader's own requests, and by it alone nobody is known to us."""

import io
import json
import zipfile

import pytest

from dsr.lifecycle import delivery, execution, triage
from dsr.states import Kind, State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sources(shelves, settings):
    """The requests themselves, then the shelves."""
    settings.DSR_SOURCES = ["dsr.sources.past_requests.PastRequests", *settings.DSR_SOURCES]


@pytest.fixture
def answered(asks, proves, olive, simone, works, at):
    """A request of some reader's, carried out."""

    def answer(kind, email):
        data_request = proves(asks(kind, email=email))
        if kind != Kind.OBJECTION:
            triage.accept(data_request, by=olive, at=at)
        if kind == Kind.ERASURE:
            works(data_request)
            plan = execution.current_plan(data_request)
            execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)
        return works(data_request)

    return answer


def opened(data_request):
    return zipfile.ZipFile(io.BytesIO(b"".join(delivery.content(data_request.packages.get()))))


def answering(data_request):
    return data_request.notices.get(answers=True).text


def test_the_copy_holds_the_request_it_answers_and_those_before(answered):
    first = answered(Kind.OBJECTION, "alice@example.org")
    second = answered(Kind.ACCESS, "alice@example.org")
    told = json.loads(opened(second).read("data/past_requests.json"))
    assert [each["reference"] for each in told] == [first.reference, second.reference]
    assert told[0]["letters"]


def test_who_only_asks_is_told_that_we_hold_nothing_else(answered):
    data_request = answered(Kind.ACCESS, "nobody@example.org")
    assert "nous ne détenons aucune donnée sur vous" in answering(data_request)
    index = opened(data_request).read("index.html").decode()
    assert "Nous ne détenons sur vous que vos demandes elles-mêmes" in index


def test_an_erasure_runs_as_planned_and_keeps_them_with_their_end(answered):
    answered(Kind.OBJECTION, "alice@example.org")
    erasure = answered(Kind.ERASURE, "alice@example.org")
    assert (erasure.state, erasure.plans.count()) == (State.ANSWERED, 1)
    assert [(each.source, each.rows) for each in erasure.kept.filter(ground="DSR")] == [("past_requests", 2)]
    assert "cette demande comprise" in answering(erasure)
    assert answering(erasure).count("5.2") == 1


def test_an_erasure_of_nothing_says_that_nothing_was_found(answered):
    assert "nous ne détenions aucune donnée sur vous" in answering(answered(Kind.ERASURE, "nobody@example.org"))
