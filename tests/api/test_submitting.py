"""Submitting a request through the API."""

import pytest

from dsr.models.notice import Notice
from dsr.models.request import Channel, DataRequest
from dsr.states import Kind, State
from tests.api.conftest import V1, assert_problem
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db

ASKED = {"kind": "access", "email": ALICE, "language": "fr"}


def errors(response, status=400, code="invalid"):
    return {error["pointer"]: error["code"] for error in assert_problem(response, status, code)["errors"]}


def test_a_request_is_accepted_and_its_page_named(anyone):
    response = anyone.post("/requests", {**ASKED, "message": "Tout ce que vous avez."})
    data_request = DataRequest.objects.get()
    assert response.status_code == 202
    assert response.json() == {
        "reference": data_request.reference,
        "follow_url": f"http://127.0.0.1:8000/demande/{data_request.reference}/",
        "together": [],
    }
    assert response["Location"] == f"{V1}/requests/{data_request.reference}"
    assert (data_request.channel, data_request.state) == (Channel.API, State.RECEIVED)
    assert data_request.message == "Tout ce que vous avez."
    assert Notice.objects.get().to == ALICE


def test_known_and_unknown_addresses_are_answered_alike(anyone):
    known, unknown = (anyone.post("/requests", {**ASKED, "email": email}) for email in (ALICE, "nobody@example.org"))
    assert known.status_code == unknown.status_code
    assert set(known.headers) == set(unknown.headers)
    blank = [
        response.content.decode().replace(response.json()["reference"], "DSR-????-????")
        for response in (known, unknown)
    ]
    assert blank[0] == blank[1]


def test_several_rights_are_several_linked_requests_and_one_letter(anyone):
    response = anyone.post("/requests", {**ASKED, "kinds": ["erasure", "access"]})
    first, second = DataRequest.objects.order_by("pk")
    assert (first.kind, second.kind, second.asked_with) == (Kind.ACCESS, Kind.ERASURE, first)
    assert response.json()["together"] == [second.reference]
    assert Notice.objects.count() == 1


def test_the_language_defaults_to_the_callers(anyone):
    anyone.post("/requests", {"kind": "access", "email": ALICE}, **{"Accept-Language": "en"})
    assert DataRequest.objects.get().language == "en"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"kind": "everything"}, "#/kind", "invalid_choice"),
        ({"kinds": ["access", "magic"]}, "#/kinds/1", "invalid_choice"),
        ({"language": "de"}, "#/language", "invalid_choice"),
        ({"email": ""}, "#/email", "blank"),
        ({"email": "not an address"}, "#/email", "invalid"),
        ({"email": ["alice@example.org"]}, "#/email", "invalid"),
        ({"email": "a\ud800@example.org"}, "#/email", "invalid"),
        ({"message": 12}, "#/message", "invalid"),
        ({"message": None}, "#/message", "null"),
        ({"message": "x\0y"}, "#/message", "null_characters_not_allowed"),
        ({"message": "x\ud800y"}, "#/message", "surrogate_characters_not_allowed"),
        ({"message": "x" * 5001}, "#/message", "max_length"),
        ({"minor": "yes"}, "#/minor", "invalid"),
        ({"about_article": "javascript:alert(1)"}, "#/about_article", "invalid"),
        ({"scope": ["letters"]}, "#/scope", "not_an_object"),
        ({"scope": {"letters": []}}, "#/scope", "not_an_object"),
        ({"scope": {"letters": ["1\0"]}}, "#/scope", "not_an_object"),
        ({"scope": {"let/ters\ud800": "*"}}, "#/scope", "not_an_object"),
        ({"scope": {"letters": [str(n) for n in range(10_001)]}}, "#/scope", "too_many"),
    ],
)
def test_what_cannot_be_accepted_is_named_field_by_field(anyone, changes, pointer, code):
    found = errors(anyone.post("/requests", {**ASKED, **changes}))
    assert found.get(pointer) == code
    assert not DataRequest.objects.exists()


def test_a_missing_field_is_told_in_the_callers_language(anyone):
    french, english = (
        assert_problem(anyone.post("/requests", {"kind": "access"}, **{"Accept-Language": each}), 400, "invalid")
        for each in ("fr", "en")
    )
    assert french["errors"] == [{"pointer": "#/email", "detail": "Ce champ est obligatoire.", "code": "required"}]
    assert english["errors"][0]["detail"] == "This field is required."


@pytest.mark.parametrize("address", ["alice@localhost", "alice@example.invalid", "alice@mail.local"])
def test_an_address_that_cannot_receive_mail_is_refused(anyone, address):
    response = anyone.post("/requests", {**ASKED, "email": address})
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["#/email"]
    assert not DataRequest.objects.exists()


def test_a_scope_names_sources_that_exist(anyone):
    assert anyone.post("/requests", {**ASKED, "scope": {"letters": "*"}}).status_code == 202
    refused = anyone.post("/requests", {**ASKED, "scope": {"stars": "*"}})
    assert errors(refused, 400, "unknown-source") == {"#/scope": "unknown-source"}


def test_the_sources_of_a_scope_are_listed(anyone):
    (source,) = anyone.get("/sources").json()
    assert source == {
        "name": "letters",
        "label": "Courriers",
        "description": "Les lettres que vous nous avez écrites.",
    }


def test_submissions_are_rationed(anyone, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"intake": "2/hour", "code": None}}
    statuses = [anyone.post("/requests", ASKED).status_code for _time in range(3)]
    refused = anyone.post("/requests", ASKED)
    assert statuses == [202, 202, 429]
    assert_problem(refused, 429)
    assert 0 < int(refused["Retry-After"]) <= 3600
