"""Who may see a request: whoever types its code or comes by its letter's link, in that browser, for half an hour."""

import re

import pytest
from django.utils import timezone

from dsr.lifecycle import identity, intake
from dsr.models.audit import AuditEntry
from dsr.models.identity import Purpose, Secret
from dsr.models.notice import Notice
from dsr.models.request import Channel, DataRequest
from dsr.states import Kind, State
from dsr.web import proof
from tests.conftest import BOB, MALLORY
from tests.web.conftest import Reader, code_for, page, text_of

pytestmark = pytest.mark.django_db

UNKNOWN = "/demande/DSR-7777-7777/"
SECRET_WORDS = "Ce que seule Alice a écrit"


def test_the_code_opens_the_page(alice):
    data_request = alice.ask(message=SECRET_WORDS)
    response = alice.prove(data_request)
    assert (response.status_code, response["Location"]) == (302, page(data_request))
    assert SECRET_WORDS in text_of(alice.get(page(data_request)))
    data_request.refresh_from_db()
    assert data_request.state == State.REVIEW


def test_the_token_of_the_link_opens_it_too(alice):
    data_request = alice.ask()
    assert alice.act(data_request, "confirm", token=data_request.secrets.get().token).status_code == 302


def test_a_code_may_be_typed_in_any_case_with_any_dashes(alice):
    data_request = alice.ask()
    typed = code_for(data_request, "confirm").lower().replace("-", " ")
    assert alice.act(data_request, "confirm", code=typed).status_code == 302


def test_a_mail_scanner_that_opens_the_link_does_nothing(alice):
    data_request = alice.ask()
    scanner = Reader()
    for method in (scanner.get, scanner.head, scanner.get):
        assert method(page(data_request), headers={"Purpose": "prefetch"}).status_code == 200
    data_request.refresh_from_db()
    assert data_request.state == State.RECEIVED
    assert data_request.secrets.get().used_at is None
    assert list(AuditEntry.objects.values_list("event", flat=True)) == ["request.received"]


def test_an_unproven_browser_is_told_nothing_not_even_whether_the_reference_exists(alice, proven, mallory_browses):
    data_request = proven(message=SECRET_WORDS)
    shown = [text_of(mallory_browses.get(path)) for path in (page(data_request), UNKNOWN)]
    assert SECRET_WORDS not in shown[0]
    assert _blank(shown[0]) == _blank(shown[1])


@pytest.mark.parametrize("fields", [{"do": "confirm", "code": "7K4-M2Q-XP9"}, {"do": "confirm", "token": "a" * 43}])
def test_a_wrong_code_is_answered_alike_for_every_reference(mallory_browses, alice, fields):
    data_request = alice.ask()
    responses = [mallory_browses.send(path, **fields) for path in (page(data_request), UNKNOWN)]
    assert [response.status_code for response in responses] == [400, 400]
    assert "n’est pas valable" in text_of(responses[0])
    assert _blank(text_of(responses[0])) == _blank(text_of(responses[1]))


def test_asking_for_a_code_is_answered_alike_for_every_reference(mallory_browses, alice):
    data_request = alice.ask()
    for path in (page(data_request), UNKNOWN):
        response = mallory_browses.send(path, do="send-code")
        assert (response.status_code, response["Location"]) == (302, path)
        assert "Si cette référence est bien" in text_of(mallory_browses.get(path))
    assert Notice.objects.filter(letter="code").count() == 1


@pytest.mark.parametrize("fields", [{"do": "send-code"}, {"do": "withdraw"}, {"do": "confirm", "code": "7K4-M2Q-XP9"}])
def test_no_header_tells_whether_a_reference_exists(alice, fields):
    paths = [page(alice.ask()), UNKNOWN]
    headers = [dict(Reader().send(path, **fields).headers) for path in paths]
    for each in headers:
        each.pop("Location", None)
        each.pop("Expires")
    assert headers[0] == headers[1]


def test_an_empty_code_is_asked_for_again(alice):
    response = alice.act(alice.ask(), "confirm", code=" ")
    assert response.status_code == 400
    assert "confirm-code_error" in text_of(response)


@pytest.mark.parametrize("code", ["x" * 65, "\0", "é" * 20, "' OR 1=1 --"])
def test_a_code_that_cannot_be_one_is_refused(alice, code):
    assert alice.act(alice.ask(), "confirm", code=code).status_code == 400


def test_a_code_serves_once(alice):
    data_request = alice.ask()
    code = code_for(data_request, "confirm")
    assert alice.act(data_request, "confirm", code=code).status_code == 302
    assert Reader().act(data_request, "confirm", code=code).status_code == 400


def test_an_expired_code_opens_nothing(alice):
    data_request = alice.ask()
    Secret.objects.update(expires_at=timezone.now())
    assert alice.prove(data_request).status_code == 400


def test_after_five_wrong_tries_the_right_code_opens_nothing_and_a_new_one_does(alice):
    data_request = alice.ask()
    for _try in range(5):
        assert alice.act(data_request, "confirm", code="7K4-M2Q-XP9").status_code == 400
    assert alice.prove(data_request).status_code == 400
    alice.act(data_request, "send-code")
    assert alice.prove(data_request).status_code == 302


def test_a_follow_code_brings_the_reader_back(alice, proven):
    data_request = proven()
    elsewhere = Reader()
    elsewhere.act(data_request, "send-code")
    assert elsewhere.prove(data_request, "follow").status_code == 302
    assert data_request.reference in text_of(elsewhere.get(page(data_request)))


def test_the_code_of_one_request_opens_no_other(alice, mallory_browses):
    hers, his = alice.ask(message=SECRET_WORDS), mallory_browses.ask(email=MALLORY, nonce="his")
    assert mallory_browses.act(hers, "confirm", code=code_for(his, "confirm")).status_code == 400
    assert mallory_browses.prove(his).status_code == 302
    assert SECRET_WORDS not in text_of(mallory_browses.get(page(hers)))
    for do in ("withdraw", "reply", "scope", "wish", "download", "package-code"):
        assert mallory_browses.act(hers, do, answer="x", code="x").status_code == 403
    hers.refresh_from_db()
    assert hers.state == State.RECEIVED


def test_another_request_of_the_same_mailbox_wants_its_own_code(alice, proven):
    first, second = proven(), proven(Kind.ERASURE, message=SECRET_WORDS)
    elsewhere = Reader()
    elsewhere.act(first, "send-code")
    elsewhere.prove(first, "follow")
    assert "Votre demande d’accès" in text_of(elsewhere.get(page(first)))
    assert SECRET_WORDS not in text_of(elsewhere.get(page(second)))


def test_one_code_opens_all_that_was_asked_together(alice):
    first = alice.ask(kinds=["access", "erasure"])
    alice.prove(first)
    other = first.asked_together.get()
    assert "Votre demande d’effacement" in text_of(alice.get(page(other)))
    assert "Demandé en même temps" in text_of(alice.get(page(first)))


def test_a_request_asked_twice_leads_to_the_first(alice, proven):
    first = proven()
    second = alice.ask(nonce="again")
    assert alice.prove(second)["Location"] == page(first)
    shown = text_of(alice.get(page(second)))
    assert "a rejoint la première" in shown
    assert f'href="{page(first)}"' in shown


def test_a_request_typed_in_by_staff_is_proven_by_its_letter(alice, olive):
    now = timezone.now()
    data_request = intake.enter(
        by=olive, kind=Kind.ACCESS, channel=Channel.POST, received_at=now, language="fr", at=now, email=BOB
    )
    assert alice.prove(data_request).status_code == 302
    assert "Votre demande d’accès" in text_of(alice.get(page(data_request)))


def test_a_proof_is_forgotten_after_half_an_hour_and_typed_words_are_given_back(alice, proven):
    data_request = proven()
    _let_pass(alice, proof.IDLE * 2)
    response = alice.act(data_request, "reply", answer="Ma longue réponse")
    assert response.status_code == 403
    assert "Ma longue réponse" in text_of(response)
    assert "Une demi-heure" in text_of(response) or "demi-heure" in text_of(response)
    assert "Est-ce bien vous" in text_of(alice.get(page(data_request)))


def test_use_keeps_the_proof_and_a_script_that_waits_does_not(alice, proven):
    data_request = proven()
    for address, kept in ((page(data_request), True), (f"{page(data_request)}?attente", False)):
        _let_pass(alice, proof.IDLE * 0.6)
        used = alice.session[proof.USED]
        alice.get(address)
        assert (alice.session[proof.USED] != used) is kept


def test_the_session_key_changes_at_the_proof(alice, proven):
    proven()
    before = alice.session.session_key
    alice.prove(alice.ask(kinds=["erasure"], nonce="more"))
    assert alice.session.session_key != before


def test_leaving_forgets_the_proof(alice, proven):
    data_request = proven()
    assert alice.act(data_request, "leave")["Location"] == "/"
    assert "Est-ce bien vous" in text_of(alice.get(page(data_request)))


def test_no_page_of_a_request_is_stored_anywhere(alice, proven, mallory_browses):
    data_request = proven()
    for response in (alice.get(page(data_request)), mallory_browses.get(page(data_request)), alice.get(UNKNOWN)):
        assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))


def test_a_bearer_token_of_the_api_opens_no_page(alice, proven):
    data_request = proven()
    token = identity.issue_bearer(data_request, at=timezone.now())
    assert Reader().act(data_request, "confirm", token=token).status_code == 400


def test_codes_are_drawn_for_what_they_serve(alice, proven):
    data_request = alice.ask()
    alice.act(data_request, "send-code")
    alice.prove(data_request)
    alice.act(data_request, "send-code")
    purposes = set(data_request.secrets.values_list("purpose", flat=True))
    assert purposes == {Purpose.CONFIRM, Purpose.FOLLOW}
    assert DataRequest.objects.count() == 1


def _let_pass(reader, time):
    """As if the last use lay further back."""
    session = reader.session
    session[proof.USED] = (timezone.now() - time).isoformat()
    session.save()


def _blank(shown):
    """A page without what is random in it."""
    shown = re.sub(r"DSR-\w{4}-\w{4}", "DSR-…", shown)
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", shown)
