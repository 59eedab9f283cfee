"""What a reader sees of a request, and what they may say."""

import pytest

from dsr.lifecycle import identity, triage
from dsr.models.notice import Notice
from dsr.states import Kind
from tests.api.conftest import assert_problem
from tests.api.shelf import Letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def proven(asks, proves):
    """A proven request of Alice's, of any kind."""
    return lambda kind=Kind.ACCESS, **more: proves(asks(kind, **more))


def path(data_request, place=""):
    return f"/requests/{data_request.reference}{place}"


def test_a_reader_sees_the_position_the_clock_and_the_timeline(proven, bearer):
    data_request = proven(message="Tout.")
    response = bearer(data_request).get(path(data_request))
    seen = response.json()
    assert response["Cache-Control"] == "no-store"
    assert {"Authorization", "Accept-Language"} <= {each.strip() for each in response["Vary"].split(",")}
    assert (seen["kind"], seen["state"], seen["turn"]) == ("access", "review", "officer")
    assert (seen["due_on"], seen["extended"], seen["suspended"]) == ("2026-10-16", False, False)
    assert seen["kind_label"] == "accès à mes données"
    assert seen["message"] == "Tout."
    assert (seen["question"], seen["package"], seen["corrections"], seen["kept"]) == (None, None, [], [])
    assert [line["event"] for line in seen["timeline"]] == ["request.received", "request.confirmed"]
    assert {line["by"] for line in seen["timeline"]} == {"reader"}


def test_staff_are_not_named_and_their_looking_is_not_told(proven, bearer, machine, olive, at):
    data_request = proven()
    machine(olive).get(f"/desk/requests/{data_request.reference}")
    triage.assign(data_request, to=olive, by=olive, at=at)
    triage.extend(data_request, because="complexity", by=olive, at=at)
    response = bearer(data_request).get(path(data_request))
    assert olive.reference not in response.content.decode()
    assert [line["event"] for line in response.json()["timeline"]][-1] == "request.extended"
    assert response.json()["timeline"][-1]["by"] == "newspaper"
    assert response.json()["extended"] is True


def test_a_letter_with_a_secret_comes_without_its_text(proven, bearer):
    data_request = proven()
    letters = bearer(data_request).get(path(data_request)).json()["letters"]
    texts = {letter["letter"]: letter["text"] for letter in letters}
    assert texts["acknowledgement"] == ""
    assert data_request.reference in texts["confirmed"]
    assert Notice.objects.count() == len(letters)


def test_a_reader_withdraws(proven, bearer):
    data_request = proven()
    caller = bearer(data_request)
    assert caller.post(path(data_request, "/withdraw")).json()["state"] == "withdrawn"
    assert_problem(caller.post(path(data_request, "/withdraw")), 409, "not-now")


def test_a_reader_answers_the_question(proven, bearer, olive, at):
    data_request = proven()
    identity.doubt(data_request, reason="Deux comptes portent ce nom.", by=olive, at=at)
    caller = bearer(data_request)
    seen = caller.get(path(data_request)).json()
    assert seen["question"]["reason"] == "Deux comptes portent ce nom."
    assert (seen["turn"], seen["suspended"], seen["due_on"]) == ("reader", True, None)
    replied = caller.post(path(data_request, "/reply"), {"answer": "Abonné 1234."}).json()
    assert (replied["state"], replied["question"]) == ("review", None)
    assert_problem(caller.post(path(data_request, "/reply"), {"answer": "Encore."}), 409, "no-open-question")


@pytest.mark.parametrize("answer", ["", "   ", "x" * 5001, 12, None])
def test_an_answer_has_words(proven, bearer, olive, at, answer):
    data_request = proven()
    triage.ask(data_request, question="Quel compte ?", by=olive, at=at)
    assert_problem(bearer(data_request).post(path(data_request, "/reply"), {"answer": answer}), 400, "invalid")


def test_a_reader_ticks_rows(proven, bearer):
    data_request = proven(Kind.ERASURE)
    caller = bearer(data_request)
    (choices,) = caller.get(path(data_request, "/scope")).json()
    assert (choices["source"], choices["label"]) == ("letters", "Courriers")
    assert [row["key"] for row in choices["rows"]] == ["1", "2"]
    chosen = caller.post(path(data_request, "/scope"), {"scope": {"letters": ["2"]}})
    assert chosen.json()["scope"] == {"letters": ["2"]}


@pytest.mark.parametrize("scope", [{"stars": "*"}, {"letters": ["3"]}])
def test_nobody_ticks_what_is_not_there_or_not_theirs(proven, bearer, scope):
    data_request = proven(Kind.ERASURE)
    refused = bearer(data_request).post(path(data_request, "/scope"), {"scope": scope})
    assert_problem(refused, 400, "unknown-source")


def test_a_reader_asks_for_corrections(proven, bearer):
    data_request = proven(Kind.RECTIFICATION)
    caller = bearer(data_request)
    assert caller.get(path(data_request, "/corrections")).json() == [
        {"concept": "family_name", "label": "Nom de famille", "value": "Martin"}
    ]
    wishes = [{"concept": "family_name", "old": "Martin", "new": "Martin-Roy", "explanation": "Mariage."}]
    (wished,) = caller.post(path(data_request, "/corrections"), {"wishes": wishes}).json()["corrections"]
    assert (wished["old"], wished["new"], wished["decision"]) == ("Martin", "Martin-Roy", "pending")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"concept": "shoe_size"}, 400, "not-correctable"),
        ({"old": "Marti"}, 409, "stale-value"),
        ({"new": "x" * 51}, 400, "unacceptable-value"),
    ],
)
def test_a_correction_that_cannot_be_made_says_which(proven, bearer, change, status, code):
    data_request = proven(Kind.RECTIFICATION)
    wish = {"concept": "family_name", "old": "Martin", "new": "Roy", **change}
    refused = bearer(data_request).post(path(data_request, "/corrections"), {"wishes": [wish]})
    (error,) = assert_problem(refused, status, code)["errors"]
    assert (error["pointer"], error["concept"]) == ("#/wishes", wish["concept"])
    assert not data_request.corrections.exists()


@pytest.mark.parametrize(
    ("wishes", "pointer"),
    [
        ([], "#/wishes"),
        ("all", "#/wishes"),
        ([{"concept": "family_name", "old": "Martin"}], "#/wishes/0/new"),
        ([{"concept": "x\0", "old": "", "new": ""}], "#/wishes/0/concept"),
        ([12], "#/wishes/0"),
    ],
)
def test_a_malformed_wish_is_pointed_to(proven, bearer, wishes, pointer):
    data_request = proven(Kind.RECTIFICATION)
    refused = bearer(data_request).post(path(data_request, "/corrections"), {"wishes": wishes})
    assert [error["pointer"] for error in assert_problem(refused, 400, "invalid")["errors"]] == [pointer]


def test_corrections_belong_to_a_rectification(proven, bearer):
    data_request = proven(Kind.ACCESS)
    wishes = [{"concept": "family_name", "old": "Martin", "new": "Roy"}]
    refused = bearer(data_request).post(path(data_request, "/corrections"), {"wishes": wishes})
    assert_problem(refused, 409, "not-now")


def test_what_was_kept_is_told_with_its_ground(proven, bearer, machine, olive, simone, work):
    data_request = proven(Kind.ERASURE)
    machine(olive).post(f"/desk/requests/{data_request.reference}/accept")
    work()
    plan = machine(simone).get(f"/desk/requests/{data_request.reference}").json()["plan"]
    machine(simone).post(f"/desk/requests/{data_request.reference}/approve", {"fingerprint": plan["fingerprint"]})
    work()
    seen = bearer(data_request).get(path(data_request)).json()
    assert seen["state"] == "answered"
    assert [row["email"] for row in Letters.held] == ["bob@example.org"]
    (kept,) = seen["kept"]
    assert (kept["source"], kept["rows"], kept["ground"], kept["until"]) == ("letters", 1, "LITIGE-5", "2031-08-31")
    assert "2224" in kept["reference"]


def test_a_refusal_gives_its_ground_and_article(proven, bearer, olive, at):
    data_request = proven()
    triage.refuse(data_request, because="rights-of-others", by=olive, at=at)
    seen = bearer(data_request).get(path(data_request)).json()
    assert seen["state"] == "refused"
    assert "15.4" in seen["refusal"]


def test_a_scope_another_open_request_already_has_is_refused_not_a_fault(proven, bearer):
    proven(Kind.ERASURE, scope={"letters": "*"})
    everything = proven(Kind.ERASURE)
    refused = bearer(everything).post(path(everything, "/scope"), {"scope": {"letters": "*"}})
    assert_problem(refused, 409, "not-now")
