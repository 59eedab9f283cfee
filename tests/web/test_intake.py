"""The form: what it takes, what it sends back, and that nothing typed is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr.models.notice import Notice
from dsr.models.request import Channel, DataRequest
from dsr.states import Kind, State
from dsr.web import once
from dsr.web.forms import RequestForm
from tests.conftest import ALICE
from tests.web.conftest import FORM, Reader, page, text_of

pytestmark = pytest.mark.django_db


def test_a_request_leads_to_its_page(alice):
    response = alice.send("/demande/", **FORM, message="Tout,\r\ns’il vous plaît")
    data_request = DataRequest.objects.get()
    assert (response.status_code, response["Location"]) == (302, page(data_request))
    assert (data_request.kind, data_request.channel, data_request.language) == (Kind.ACCESS, Channel.FORM, "fr")
    assert (data_request.state, data_request.scope) == (State.RECEIVED, {})
    assert data_request.message == "Tout,\ns’il vous plaît"
    assert Notice.objects.get().to == ALICE


def test_the_language_is_that_of_the_page(db):
    Reader("en").ask()
    assert DataRequest.objects.get().language == "en"


def test_several_rights_are_linked_requests(alice):
    first = alice.ask(kinds=["access", "erasure", "objection"])
    assert set(first.asked_together.values_list("kind", flat=True)) == {Kind.ERASURE, Kind.OBJECTION}


def test_named_sources_are_the_scope(alice):
    assert alice.ask(about="sources", sources=["comments"]).scope == {"comments": "*"}


def test_a_minor_and_an_article_are_said(alice):
    data_request = alice.ask(minor="on", about_article="journal.example.org/a?b=1")
    assert data_request.minor
    assert data_request.about_article == "https://journal.example.org/a?b=1"


def test_posting_the_same_form_twice_makes_one_request(alice):
    first, second = (alice.send("/demande/", **FORM) for _click in range(2))
    assert first["Location"] == second["Location"]
    assert DataRequest.objects.count() == Notice.objects.count() == 1


def test_going_back_and_asking_something_else_makes_another_request(alice):
    first, second = alice.ask(), alice.ask(message="Et aussi ceci")
    assert first != second


def test_two_people_who_type_the_same_make_two_requests(alice):
    assert alice.ask(nonce="hers") != alice.ask(nonce="his")


@pytest.mark.django_db(transaction=True)
def test_a_claim_whose_transaction_fails_is_free_again(at):
    with transaction.atomic():
        once.claim({"nonce": "x"}, at=at)
        transaction.set_rollback(True)
    with transaction.atomic():
        once.settle(once.claim({"nonce": "x"}, at=at), "DSR-7K4M-2QXP")
    with pytest.raises(once.PostedBefore) as before, transaction.atomic():
        once.claim({"nonce": "x"}, at=at)
    assert before.value.reference == "DSR-7K4M-2QXP"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_posts_of_the_same_form_make_one_request():
    if connection.vendor != "postgresql":
        pytest.skip("two transactions at once need PostgreSQL")
    readers, start = [Reader() for _browser in range(4)], threading.Barrier(4)

    def post(reader):
        start.wait()
        try:
            return reader.send("/demande/", **FORM)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as browsers:
        assert len(set(browsers.map(post, readers))) == 1
    assert DataRequest.objects.count() == 1


def test_the_memory_of_a_form_holds_a_reference_and_nothing_else(alice):
    data_request = alice.ask()
    (memory,) = [row for row in Session.objects.all() if "reference" in row.get_decoded()]
    assert memory.get_decoded() == {"reference": data_request.reference}


def test_known_and_unknown_addresses_are_answered_alike(alice, mallory_browses, proven):
    proven()
    pages = []
    for email in (ALICE, "nobody@example.org"):
        response = mallory_browses.send("/demande/", **{**FORM, "nonce": email, "email": email})
        assert response.status_code == 302
        reference = response["Location"].split("/")[2]
        shown = text_of(mallory_browses.get(response["Location"]))
        pages.append(_without_tokens(shown.replace(reference, "DSR-…")))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"kinds": []}, "kinds", "Cochez au moins une case."),
        ({"kinds": ["everything"]}, "kinds", "Ce choix n’existe pas."),
        ({"email": ""}, "email", "Écrivez votre adresse"),
        ({"email": "alice"}, "email", "Cette adresse est incomplète."),
        ({"email": "alice@journal.invalid"}, "email", "ne peut pas recevoir de courriel"),
        ({"email": f"{'a' * 250}@example.org"}, "email", ""),
        ({"about": ""}, "about", "Dites si votre demande"),
        ({"about": "sources"}, "sources", "Cochez au moins une ligne"),
        ({"about": "sources", "sources": ["passwords"]}, "sources", "Ce choix n’existe pas."),
        ({"about": "everything", "sources": ["comments"]}, "about", "Vous avez aussi coché"),
        ({"kinds": ["other"]}, "message", "Dites-nous en quelques mots"),
        ({"message": "é" * 5001}, "message", "trop long : 5001 caractères, pour 5000"),
        ({"message": "a\0b"}, "message", "caractère"),
        ({"email": "a\0@example.org"}, "email", ""),
        ({"about_article": "pas une adresse"}, "about_article", "n’est pas complète"),
        ({"about_article": "javascript:alert(1)"}, "about_article", "n’est pas complète"),
        ({"about_article": "https://example.org/" + "a" * 200}, "about_article", "trop long"),
    ],
)
def test_a_bad_answer_is_explained_beside_its_field_and_everything_typed_is_kept(alice, changes, field, sentence):
    typed = {**FORM, "message": "Ce que j’ai écrit", **changes}
    typed["message"] = "" if typed["kinds"] == ["other"] else typed["message"]
    response = alice.send("/demande/", **typed)
    shown = text_of(response)
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in shown
    assert f"id_{field}_error" in shown.partition("aria-describedby")[2]
    assert sentence in " ".join(response.context["form"].errors[field]).replace("\u00a0", " ")
    assert f'href="#id_{field}' in shown
    assert DataRequest.objects.count() == 0
    for name in ("email", "message", "about_article"):
        assert response.context["form"][name].value() == typed.get(name)


def test_line_breaks_count_once(alice):
    assert alice.ask(message="a\r\n" * 2500).message.count("\n") == 2499


def test_hostile_text_comes_back_inert(alice):
    hostile = '"><script>alert(1)</script>{{ 7*7 }}'
    shown = text_of(alice.send("/demande/", **{**FORM, "email": hostile, "message": hostile, "about_article": hostile}))
    assert "<script>alert" not in shown
    assert shown.count("&lt;script&gt;alert(1)") == 3


def test_a_post_too_large_is_refused_in_words(alice):
    response = alice.send("/demande/", **FORM, message="a" * 3_000_000)
    assert response.status_code == 400
    assert "trop gros" in text_of(response)


def test_a_post_without_the_token_of_its_page_is_refused_in_words(alice):
    response = alice.post("/demande/", FORM)
    assert response.status_code == 403
    assert "rechargez-la" in text_of(response)
    assert DataRequest.objects.count() == 0


def test_reading_the_form_registers_nothing(alice):
    alice.get("/demande/")
    alice.head("/demande/")
    assert DataRequest.objects.count() == Session.objects.count() == 0


def test_no_copy_of_the_form_is_kept_on_the_way(alice):
    assert "no-store" in alice.get("/demande/")["Cache-Control"]


def test_it_never_asks_for_identity_papers():
    assert {
        field.widget.input_type for field in RequestForm().fields.values() if hasattr(field.widget, "input_type")
    } <= {
        "checkbox",
        "email",
        "hidden",
        "radio",
        "text",
    }


texts = st.one_of(st.none(), st.text(max_size=300), st.lists(st.text(max_size=20), max_size=3))


@given(fields=st.dictionaries(st.sampled_from([*FORM, "sources", "message", "about_article", "minor"]), texts))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_posted_is_taken_or_sent_back_with_a_sentence(alice, fields):
    posted = {name: value for name, value in fields.items() if value is not None}
    assert alice.send("/demande/", **{**FORM, **posted}).status_code in {302, 422}


def _without_tokens(shown):
    return [line for line in shown.splitlines() if "csrfmiddlewaretoken" not in line]


def test_two_forms_without_a_nonce_are_two_requests(alice):
    for _each in range(2):
        alice.send("/demande/", **{**FORM, "nonce": ""})
    assert DataRequest.objects.count() == 2
