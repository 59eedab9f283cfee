"""The rights, the privacy page, the errors, and what every page has in common."""

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from dsr.models.request import DataRequest
from dsr.web.views import errors
from dsr.web.views.rights import tidy
from tests.web.conftest import FORM, Reader, page, text_of

pytestmark = pytest.mark.django_db

ENGLISH = Reader
PAGES = ["/", "/demande/", "/confidentialite/", "/demande/DSR-7777-7777/"]


def test_the_rights_say_what_article_38_means_and_where_to_complain(client):
    shown = text_of(client.get("/"))
    for words in ("Article 38", "31 mai 2019", "pièce d’identité", "Un mois au plus", "www.cnil.fr/plaintes"):
        assert words in shown


@pytest.mark.parametrize("typed", ["DSR-7K4M-2QXP", "dsr 7k4m 2qxp", " 7K4M2QXP ", "dsr7k4m2qxp"])
def test_a_reference_leads_to_its_page_however_it_is_typed(client, typed):
    assert client.get("/", {"reference": typed})["Location"] == "/demande/DSR-7K4M-2QXP/"


@pytest.mark.parametrize("typed", ["", "DSR", "DSR-0000-0000", "DSR-7K4M-2QXP-9", "é", "\0", "../admin", '"><script>'])
def test_what_is_not_a_reference_is_explained_beside_its_field(client, typed):
    response = client.get("/", {"reference": typed})
    assert response.status_code == 400
    assert 'id="reference_error"' in text_of(response)
    assert '"><script>' not in text_of(response)


def test_tidying_is_stable():
    assert tidy(tidy("7k4m-2qxp")) == "DSR-7K4M-2QXP"


def test_the_privacy_page_says_everything_of_each_activity(client):
    shown = text_of(client.get("/confidentialite/"))
    for words in ("Publier ce que les lecteurs écrivent.", "L’hébergeur Exemple", "Cinq ans.", "Commentaires"):
        assert words in shown
    assert shown.count("sans objet") == 4
    assert "dpo@example.org" in shown


def test_pages_stand_without_any_source(client, settings):
    settings.DSR_SOURCES = []
    for path in PAGES:
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_the_page_says_its_language(path):
    for language in ("fr", "en"):
        response = Client(headers={"Accept-Language": language}).get(path)
        assert f'<html lang="{language}">' in text_of(response)
        assert response["Content-Language"] == language


def test_the_reader_changes_the_language_and_stays_on_the_page(alice):
    response = alice.send("/langue/", language="en", next="/demande/")
    assert (response.status_code, response["Location"]) == (302, "/demande/")
    assert '<html lang="en">' in text_of(alice.get("/demande/"))


@pytest.mark.parametrize("language", ["xx", "../../etc", "", "\0", "fr-" * 200])
def test_a_language_we_do_not_speak_changes_nothing(alice, language):
    assert alice.send("/langue/", language=language, next="/").status_code == 302
    assert '<html lang="fr">' in text_of(alice.get("/"))
    assert Client(headers={"Accept-Language": language.replace("\0", "")}).get("/").status_code == 200


def test_changing_the_language_leads_to_no_other_site(alice):
    assert alice.send("/langue/", language="en", next="https://mallory.example.org/")["Location"] == "/"


@pytest.mark.parametrize("path", ["/nulle-part/", "/demande/DSR-0000-0000/", "/demande/x/", "/demande/%00/"])
def test_a_page_that_does_not_exist_says_so_in_words(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "Cette page n’existe pas" in text_of(response)


@pytest.mark.parametrize("path", PAGES)
def test_a_method_that_is_not_for_the_page_is_refused_in_words(alice, path):
    alice.get("/")
    token = {"X-CSRFToken": alice.cookies["csrftoken"].value}
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        response = alice.generic(method, path, headers=token)
        assert response.status_code == 405
        assert "GET" in response["Allow"]
        assert "Rien n’a été fait" in text_of(response)


def test_a_fault_of_ours_needs_neither_database_nor_context(django_assert_num_queries):
    with django_assert_num_queries(0):
        shown = render_to_string("500.html")
    assert "Une panne de notre côté" in shown
    assert "A fault on our side" in shown


def test_what_is_forbidden_says_so_in_words():
    response = errors.expired_form(RequestFactory().get("/demande/"))
    assert response.status_code == 403
    assert b"rechargez-la" in response.content


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_inline_script_or_style_and_the_policy_forbids_them(client, path):
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    shown = text_of(response)
    assert "style=" not in shown
    assert "<style" not in shown
    assert shown.count("<script") == shown.count("<script src=") == 1


def test_looking_at_pages_leaves_no_session_behind(client):
    for path in PAGES:
        client.get(path)
    assert "sessionid" not in client.cookies


def test_a_reference_may_be_typed_in_small_letters(alice):
    data_request = alice.ask()
    assert alice.get(page(data_request).lower()).status_code == 200
    assert DataRequest.objects.count() == len([FORM])
