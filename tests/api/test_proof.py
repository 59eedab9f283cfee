"""The proof of an erasure by the API: mentions read and decided by officers, the certificate for its reader."""

import pytest

from dsr import keys
from dsr.lifecycle import certifying
from dsr.models.step import Action, Status, Step
from dsr.models.verification import Fate, Mention
from dsr.states import Kind, State
from tests.api.conftest import assert_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(asks, proves, at):
    """An erasure whose verification waits for two mentions to be decided."""
    data_request = proves(asks(Kind.ERASURE))
    type(data_request).objects.filter(pk=data_request.pk).update(state=State.EXECUTING)
    Step.objects.create(data_request=data_request, action=Action.VERIFY, status=Status.WAITING, created_at=at)
    passage = keys.seal("mentions", b"Demandez alice@example.org !", tied_to=data_request.reference)
    for row in ("1", "2"):
        Mention.objects.create(
            data_request=data_request, source="shelf", row_key=row, field="title", kinds="email",
            passage=passage, found_at=at,
        )  # fmt: skip
    return data_request


def test_an_officer_reads_them_and_leaves_them(waiting, machine, olive):
    path = f"/desk/requests/{waiting.reference}"
    seen = machine(olive).get(f"{path}/mentions").json()
    assert seen["next"] is None
    assert [each["row"] for each in seen["results"]] == ["1", "2"]
    numbers = [each["id"] for each in seen["results"]]
    assert machine(olive).get(f"{path}/mentions?after={numbers[0]}").json()["results"][0]["row"] == "2"
    left = machine(olive).post(f"{path}/leave_mentions", {"mentions": numbers, "reason": "expression"})
    assert left.status_code == 200
    assert set(waiting.mentions.values_list("decision", flat=True)) == {Fate.LEFT}


@pytest.mark.parametrize("body", [{"mentions": []}, {"mentions": [1]}, {"mentions": [1], "reason": "because"}])
def test_leaving_wants_a_mention_and_a_reason(waiting, machine, olive, body):
    assert_problem(machine(olive).post(f"/desk/requests/{waiting.reference}/leave_mentions", body), 400, "invalid")


def test_others_neither_read_nor_decide(waiting, machine, mallory, remi):
    path = f"/desk/requests/{waiting.reference}"
    assert_problem(machine(mallory).get(f"{path}/mentions"), 403, "denied")
    number = waiting.mentions.first().pk
    assert_problem(machine(remi).post(f"{path}/mask_mentions", {"mentions": [number]}), 403, "denied")


def test_the_certificate_is_given_to_its_reader_and_to_officers(waiting, bearer, machine, olive, at, monkeypatch):
    path = f"/requests/{waiting.reference}/certificate"
    assert_problem(bearer(waiting).get(path), 404)
    assert_problem(machine(olive).get(f"/desk{path}"), 404)
    monkeypatch.setattr(certifying, "_statement", lambda data_request, at: {"reference": data_request.reference})
    made = certifying.certify(waiting, at=at)
    for answer in (bearer(waiting).get(path), machine(olive).get(f"/desk{path}")):
        assert answer.json()["note"] == made.note
        assert answer.json()["certificate"] == {"reference": waiting.reference}
