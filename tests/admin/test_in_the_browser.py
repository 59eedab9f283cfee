"""The desk in Chromium: accessible, whole on a telephone, usable by keyboard, one click is one act."""

import re

import pytest
from django.db import connection

from dsr.audit import checkpoints, guards, sequencer
from dsr.lifecycle import triage
from dsr.models.audit import AuditEntry
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.models.step import Status
from dsr.notifications import onward
from dsr.states import Kind, State
from tests.admin.conftest import page_of
from tests.browser import overflow, problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUEUE = "/admin/dsr/datarequest/"
LOG = "/admin/dsr/auditentry/"


@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_of_the_desk_are_accessible(dark, seated, simone, planned, examined):
    planned.steps.update(status=Status.NEEDS_ATTENTION, failure="ConnectionError")
    page = seated(simone, dark=dark)
    for address in ("/admin/", QUEUE, page_of(planned), page_of(examined(email="bob@example.org")), f"{QUEUE}add/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert problems(page) == "", address


def pages_of_the_log():
    """The list, the list with filters that are not understood, and one entry."""
    return LOG, f"{LOG}?since=hier&about=%2A&by=staff", f"{LOG}{AuditEntry.objects.order_by('pk')[0].pk}/change/"


@pytest.fixture
def sealed(examined, at):
    """A log with its places and a checkpoint."""
    data_request = examined()
    sequencer.run()
    checkpoints.publish(at=at)
    return data_request


@pytest.mark.parametrize("dark", [False, True])
def test_the_log_is_accessible(dark, seated, remi, sealed):
    page = seated(remi, dark=dark)
    for address in pages_of_the_log():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert problems(page) == "", address


def test_a_changed_entry_stands_out_accessibly(seated, remi, sealed):
    guards.lift(connection)
    AuditEntry.objects.filter(event="request.confirmed").update(canonical="{}")
    guards.install(connection)
    page = seated(remi)
    page.goto(LOG)
    assert page.locator(".dk-log-bad").count() == 1
    assert problems(page) == ""
    page.locator(".dk-log-bad a").click()
    page.wait_for_selector("text=Son texte n’est pas celui que tient l’arbre.")
    assert problems(page) == ""


def test_the_log_is_filtered_by_keyboard_alone(seated, remi, sealed):
    page = seated(remi)
    page.goto(LOG)
    page.get_by_label("Événement").focus()
    page.keyboard.type("Code acc")
    for _field in ("Auteur", "Référence d’un agent", "Référence d’une demande"):
        page.keyboard.press("Tab")
    page.keyboard.type(sealed.reference.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("event=code.used"))
    assert page.locator(".dk-log li").count() == 1
    assert page.get_by_label("Référence d’une demande").input_value() == sealed.reference.lower()


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


def test_the_reasons_of_a_plan_have_room_on_a_small_screen(seated, simone, planned):
    page = seated(simone, width=1280)
    page.goto(page_of(planned))
    assert page.locator(".dk-main").bounding_box()["width"] >= 600


def test_the_queue_on_a_telephone_says_its_columns_as_on_a_screen(seated, olive, examined):
    examined()
    page = seated(olive, width=360)
    page.goto(QUEUE)
    styled = "e => [e.dataset.label, getComputedStyle(e, '::before').textTransform]"
    assert page.locator(".dk-queue .field-looked_after_by").first.evaluate(styled) == ["Suivie par", "none"]


def test_the_log_is_no_wider_than_a_telephone(seated, remi, sealed):
    page = seated(remi, width=320)
    for address in pages_of_the_log():
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


@pytest.mark.parametrize("dark", [False, True])
def test_the_recipients_to_tell_are_accessible_and_whole_on_a_telephone(dark, seated, olive, planned, at):
    DataRequest.objects.filter(pk=planned.pk).update(state=State.EXECUTING)
    for recipient, settled in (
        ("portage", {}),
        ("banque", {"settled_at": at, "untold": "gone", "explanation": "Vendue."}),
    ):
        task = RecipientNotice(data_request=planned, recipient=recipient, created_at=at, **settled)
        if not settled:
            onward.seal(task, "Adresse électronique : une.adresse.tres.longue.pour.un.telephone@journal.example.org")
        task.save()
    page = seated(olive, dark=dark)
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(page_of(planned))
    page.locator("#dk-recipients").scroll_into_view_if_needed()
    for summary in page.locator("section:has(#dk-recipients) summary").all():
        summary.click()
    assert problems(page) == ""
    assert overflow(page) <= 0
