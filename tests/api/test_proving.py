"""Proving the mailbox, coming back, and who may open what."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dsr.models.identity import Purpose
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.states import Kind, State
from tests.api.conftest import Caller, assert_problem, code_for
from tests.conftest import ALICE, BOB

pytestmark = pytest.mark.django_db

ASKED = {"kind": "access", "email": ALICE, "language": "fr"}
UNKNOWN = "DSR-2222-2222"


@pytest.fixture
def alices(anyone):
    """A request of Alice's whose mailbox is not proven yet."""
    return DataRequest.objects.get(reference=anyone.post("/requests", ASKED).json()["reference"])


def confirm(caller, data_request, **proof):
    return caller.post(f"/requests/{data_request.reference}/confirm", proof)


def test_the_code_gives_a_token_that_follows_the_request(anyone, alices):
    answer = confirm(anyone, alices, code=code_for(alices, Purpose.CONFIRM))
    given = answer.json()
    assert answer.status_code == 200
    assert (given["reference"], given["state"], given["turn"]) == (alices.reference, "review", "officer")
    assert given["joined"] is False
    followed = Caller(f"Bearer {given['token']}").get(f"/requests/{alices.reference}")
    assert followed.status_code == 200
    assert followed.json()["confirmed"] is True


def test_the_link_token_proves_as_well_as_the_code(anyone, alices):
    token = alices.secrets.get(purpose=Purpose.CONFIRM).token
    assert confirm(anyone, alices, token=token).status_code == 200


def test_a_code_works_once(anyone, alices):
    code = code_for(alices, Purpose.CONFIRM)
    assert confirm(anyone, alices, code=code).status_code == 200
    assert_problem(confirm(anyone, alices, code=code), 400, "wrong-code")


def test_a_code_is_typed_as_it_comes(anyone, alices):
    assert confirm(anyone, alices, code=code_for(alices, Purpose.CONFIRM).lower().replace("-", " ")).status_code == 200


def test_five_wrong_codes_end_the_code(anyone, alices):
    for _time in range(5):
        assert_problem(confirm(anyone, alices, code="AAA-AAA-AAA"), 400, "wrong-code")
    assert_problem(confirm(anyone, alices, code=code_for(alices, Purpose.CONFIRM)), 400, "wrong-code")


def test_the_secret_of_one_request_does_not_open_another(anyone, alices, asks):
    bobs = asks(Kind.ACCESS, email=BOB)
    secret = bobs.secrets.get()
    assert_problem(confirm(anyone, alices, code=secret.code), 400, "wrong-code")
    assert_problem(confirm(anyone, alices, token=secret.token), 400, "wrong-code")


def test_an_unknown_reference_answers_like_a_wrong_code(anyone, alices):
    known, unknown = (
        anyone.post(f"/requests/{reference}/confirm", {"code": "AAA-AAA-AAA"})
        for reference in (alices.reference, UNKNOWN)
    )
    assert known.content == unknown.content
    assert dict(known.headers) == dict(unknown.headers)


@pytest.mark.parametrize("proof", [{}, {"code": ""}, {"code": "", "token": ""}])
def test_a_proof_holds_something(anyone, alices, proof):
    document = assert_problem(confirm(anyone, alices, **proof), 400, "invalid")
    assert document["errors"][0]["pointer"] == "#/code"


def test_a_second_request_joins_the_first_once_proven(anyone, alices):
    confirm(anyone, alices, code=code_for(alices, Purpose.CONFIRM))
    second = DataRequest.objects.get(reference=anyone.post("/requests", ASKED).json()["reference"])
    given = confirm(anyone, second, code=code_for(second, Purpose.CONFIRM)).json()
    assert (given["reference"], given["joined"]) == (alices.reference, True)
    assert Caller(f"Bearer {given['token']}").get(f"/requests/{alices.reference}").status_code == 200
    second.refresh_from_db()
    assert second.state == State.WITHDRAWN


def test_one_code_proves_all_rights_asked_together(anyone):
    given = anyone.post("/requests", {**ASKED, "kinds": ["erasure"]}).json()
    first = DataRequest.objects.get(reference=given["reference"])
    confirm(anyone, first, code=code_for(first, Purpose.CONFIRM))
    assert DataRequest.objects.get(reference=given["together"][0]).state == State.REVIEW


def test_a_reader_comes_back_with_a_new_code(anyone, alices, proves):
    proves(alices)
    sent = anyone.post(f"/requests/{alices.reference}/code")
    assert (sent.status_code, sent.content) == (202, b"")
    given = confirm(anyone, alices, code=code_for(alices, Purpose.FOLLOW))
    assert given.status_code == 200
    assert given.json()["token"]
    assert_problem(confirm(anyone, alices, code=code_for(alices, Purpose.FOLLOW)), 400, "wrong-code")


def test_a_new_code_is_sent_while_the_mailbox_is_silent(anyone, alices):
    old = code_for(alices, Purpose.CONFIRM)
    anyone.post(f"/requests/{alices.reference}/code", {})
    assert_problem(confirm(anyone, alices, code=old), 400, "wrong-code")
    assert confirm(anyone, alices, code=code_for(alices, Purpose.CONFIRM)).status_code == 200


def test_asking_for_a_code_never_says_whether_there_is_a_request(anyone, alices):
    known, unknown = (anyone.post(f"/requests/{reference}/code") for reference in (alices.reference, UNKNOWN))
    assert known.status_code == unknown.status_code
    assert known.content == unknown.content
    assert dict(known.headers) == dict(unknown.headers)


def test_a_mailbox_is_not_flooded(anyone, alices, settings):
    statuses = {anyone.post(f"/requests/{alices.reference}/code").status_code for _time in range(10)}
    assert statuses == {202}
    assert Notice.objects.count() == settings.DSR_CONFIRMATION_LETTERS_A_DAY


def test_codes_are_rationed(anyone, alices, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"code": "3/hour"}}
    statuses = [confirm(anyone, alices, code="AAA-AAA-AAA").status_code for _time in range(3)]
    refused = anyone.post(f"/requests/{alices.reference}/code")
    assert statuses == [400, 400, 400]
    assert_problem(refused, 429)
    assert int(refused["Retry-After"]) > 0


def test_an_ipv6_household_is_one_caller(settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"code": "1/hour"}}
    statuses = []
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"):
        caller = Caller()
        caller.client.defaults["REMOTE_ADDR"] = address
        statuses.append(caller.post(f"/requests/{UNKNOWN}/code").status_code)
    assert statuses == [202, 429, 202]


def test_a_claimed_address_does_not_escape_the_ration(settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"code": "1/hour"}}
    callers = [Caller(**{"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(2)]
    assert [caller.post(f"/requests/{UNKNOWN}/code").status_code for caller in callers] == [202, 429]


PLACES = ["", "/withdraw", "/reply", "/scope", "/corrections", "/package"]


@pytest.mark.parametrize("place", PLACES)
def test_nobody_opens_a_request_without_its_own_token(place, alices, asks, proves, bearer):
    """No token, a wrong one, another request's and an unknown reference: one answer."""
    stranger = bearer(proves(asks(Kind.ACCESS, email=BOB)))
    bodies = {"/reply": {"answer": "x"}, "/scope": {"scope": {}}, "/corrections": {"wishes": []}}

    def call(caller, reference):
        path = f"/requests/{reference}{place}"
        return caller.post(path, bodies.get(place)) if place else caller.get(path)

    answers = [
        call(caller, reference)
        for caller in (Caller(), stranger, Caller("Bearer nonsense"), Caller("Bearer"), Caller("Bearer é\xff a b"))
        for reference in (alices.reference, UNKNOWN)
    ]
    for answer in answers:
        assert_problem(answer, 401)
        assert answer["WWW-Authenticate"] == 'Bearer realm="dsr"'
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


def test_a_token_expires(alices, proves, bearer, monkeypatch):
    caller = bearer(proves(alices))
    path = f"/requests/{alices.reference}"
    assert caller.get(path).status_code == 200
    later = timezone.now() + timedelta(days=31)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert_problem(caller.get(path), 401)


def test_the_token_of_a_confirmation_letter_is_no_bearer(alices):
    caller = Caller(f"Bearer {alices.secrets.get().token}")
    assert_problem(caller.get(f"/requests/{alices.reference}"), 401)
