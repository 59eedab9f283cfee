"""The desk in Chromium: accessible, whole on a telephone, usable by keyboard, one click is one act."""

import re

import pytest

from dsr.lifecycle import triage
from dsr.models.audit import AuditEntry
from dsr.models.step import Status
from dsr.states import Kind, State
from tests.admin.conftest import page_of
from tests.browser import overflow, problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUEUE = "/admin/dsr/datarequest/"


@pytest.fixture
def seated(browse, desk, live_server):
    """A browser in which a member of staff is signed in."""

    def seat(person, **options):
        page = browse(**options)
        session = desk(person).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return page

    return seat


@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_of_the_desk_are_accessible(dark, seated, simone, planned, examined):
    planned.steps.update(status=Status.NEEDS_ATTENTION, failure="ConnectionError")
    page = seated(simone, dark=dark)
    for address in ("/admin/", QUEUE, page_of(planned), page_of(examined(email="bob@example.org")), f"{QUEUE}add/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert problems(page) == "", address


def test_the_log_is_accessible(seated, remi, examined):
    examined()
    page = seated(remi)
    page.goto("/admin/dsr/auditentry/")
    page.wait_for_load_state("networkidle")
    assert problems(page) == ""


def test_the_sign_in_pages_are_accessible(browse, olive):
    page = browse()
    page.goto("/accounts/login/")
    assert problems(page) == ""
    page.get_by_label("Nom d'utilisateur").fill("olive")
    page.get_by_label("Mot de passe").fill("olive-has-a-long-password")
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(re.compile("/accounts/2fa/"))
    assert problems(page) == ""


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(width, seated, simone, planned):
    page = seated(simone, width=width)
    for address in ("/admin/", QUEUE, page_of(planned), f"{QUEUE}add/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert overflow(page) <= 0, address


def test_the_log_is_no_wider_than_a_telephone(seated, remi, examined):
    examined()
    page = seated(remi, width=320)
    for address in ("/admin/dsr/auditentry/", f"/admin/dsr/auditentry/{AuditEntry.objects.first().pk}/change/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert overflow(page) <= 0, address


def test_a_request_is_refused_by_keyboard_alone(seated, olive, examined):
    data_request = examined()
    page = seated(olive)
    page.goto(page_of(data_request))
    page.locator("summary", has_text="Refuser").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Demande refusée")
    data_request.refresh_from_db()
    assert data_request.state == State.REFUSED


def test_a_double_click_is_one_act(seated, olive, examined):
    data_request = examined()
    page = seated(olive)
    page.goto(page_of(data_request))
    page.locator("summary", has_text="Accepter").click()
    page.get_by_role("button", name="Accepter").dblclick()
    page.wait_for_selector("text=Demande acceptée.")
    assert AuditEntry.objects.filter(event="request.accepted").count() == 1


def test_what_a_hostile_reader_writes_runs_nothing(seated, olive, examined):
    page = seated(olive)
    page.goto(
        page_of(examined(Kind.OTHER, message="<img src=x onerror=\"document.title='hacked'\"><script>1</script>"))
    )
    page.wait_for_load_state("networkidle")
    assert page.title() != "hacked"
    assert page.locator(".dk-words img").count() == 0


def test_a_person_is_found_and_no_address_stands_in_a_url(seated, olive, examined, at):
    first = examined(Kind.ACCESS)
    triage.refuse(first, because="identity", by=olive, at=at)
    examined(Kind.OTHER)
    page = seated(olive)
    page.goto(QUEUE)
    page.get_by_label("Référence ou adresse électronique exacte").fill("alice@example.org")
    page.get_by_role("button", name="Chercher").click()
    page.wait_for_selector("text=2 demandes trouvées")
    assert "alice" not in page.url
