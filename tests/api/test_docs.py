"""The API's description and its page."""

import pytest

from tests.api.conftest import Caller


@pytest.mark.parametrize("accept", ["*/*", "application/vnd.oai.openapi", "application/vnd.oai.openapi+json"])
def test_the_description_is_served_in_yaml_and_json(accept):
    response = Caller().client.get("/api/schema/", headers={"Accept": accept})
    assert response.status_code == 200
    assert b"/api/v1/requests/{reference}/confirm" in response.content


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Token nonsense"}, {"Authorization": "Bearer nonsense"}])
def test_the_description_is_open_to_all(path, headers):
    assert Caller().client.get(path, headers=headers).status_code == 200


def test_the_page_allows_no_inline_script():
    policy = Caller().client.get("/api/docs/")["Content-Security-Policy"]
    scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert "unsafe" not in scripts
    assert "http" not in policy


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_renders_without_an_error_or_a_request_elsewhere(browse, settings):
    settings.DEBUG = True  # static files are found where they lie
    page = browse()
    page.goto("/api/docs/")
    page.get_by_text("Déposer une demande").wait_for()
    page.get_by_text("Déposer une demande").click()
    page.get_by_text("La réponse est la même que l’adresse nous soit connue ou non.").wait_for()
    assert page.locator(".opblock").count() > 25
