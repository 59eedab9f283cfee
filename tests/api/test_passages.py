"""The passages of a copy through the API: listed, decided, marked, and the package released."""

import pytest

from dsr.lifecycle import triage
from dsr.models.audit import AuditEntry
from dsr.models.step import Action, Status
from dsr.readers.models import Account, Comment
from dsr.states import Kind
from tests.api.conftest import assert_problem
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def screened(settings, asks, proves, olive, work, at):
    """Alice's copy, in whose only comment two others are named."""
    settings.DSR_SOURCES = ["dsr.readers.sources.Comments", "dsr.readers.sources.Accounts"]
    alice = Account.objects.create(email=ALICE, email_confirmed_at=at, created_at=at)
    text = "Voyez bob@example.org et carol@example.org, dit Durand."
    Comment.objects.create(account=alice, content=text, article_url="/", created_at=at)
    data_request = proves(asks(Kind.ACCESS))
    triage.accept(data_request, by=olive, at=at)
    work()
    return data_request


def path(data_request, verb=""):
    return f"/desk/requests/{data_request.reference}/{verb or 'passages'}"


def test_each_passage_is_listed_in_its_sentence(screened, machine, olive):
    body = machine(olive).get(path(screened)).json()
    first, second = body["results"]
    assert body["next"] is None
    said = (first["before"], first["value"], first["after"])
    assert said == ("Voyez ", "bob@example.org", " et carol@example.org, dit Durand.")
    assert (second["source"], second["field"], second["nature"], second["decision"]) == (
        "comments",
        "content",
        "email",
        "",
    )
    assert AuditEntry.objects.filter(subject=screened.reference, event="request.viewed").count() == 1


def test_the_list_goes_on_after_a_number(screened, machine, olive):
    first, second = screened.passages.all()
    listed = machine(olive).get(f"{path(screened)}?after={first.pk}&undecided=true").json()["results"]
    assert [each["id"] for each in listed] == [second.pk]
    assert_problem(machine(olive).get(f"{path(screened)}?after=x"), 400, "invalid")


def test_only_who_decides_sees_them(screened, anyone, machine, remi, mallory):
    assert_problem(anyone.get(path(screened)), 401)
    for person in (remi, mallory):
        assert_problem(machine(person).get(path(screened)), 403, "denied")


def test_they_are_decided_and_the_package_is_composed(screened, machine, olive):
    caller, (first, second) = machine(olive), screened.passages.all()
    assert_problem(caller.post(path(screened, "finish_screening")), 409, "passages-undecided")
    wrong = {"decisions": [{"id": first.pk, "decision": "because"}]}
    assert_problem(caller.post(path(screened, "decide_passages"), wrong), 400, "invalid")
    decided = [{"id": first.pk, "decision": "mask", "everywhere": True}, {"id": second.pk, "decision": "public"}]
    answer = caller.post(path(screened, "decide_passages"), {"decisions": decided})
    assert "finish_screening" in answer.json()["verbs"]
    assert caller.post(path(screened, "finish_screening")).status_code == 200
    assert screened.steps.get(action=Action.SCREEN).status == Status.DONE


def test_words_are_marked_and_masked(screened, machine, olive, work):
    caller = machine(olive)
    assert_problem(
        caller.post(path(screened, "mark_passage"), {"source": "nowhere", "text": "x"}), 400, "nothing-to-mark"
    )
    caller.post(path(screened, "mark_passage"), {"source": "comments", "text": "Durand"})
    work()
    assert screened.passages.masked().get().nature == "marked"


def test_no_package_is_released_unread(screened, machine, olive):
    caller = machine(olive)
    assert_problem(caller.post(path(screened, "release")), 409, "not-now")
