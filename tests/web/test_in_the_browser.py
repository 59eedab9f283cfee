"""The pages in Chromium: the secret in the fragment, the impatient, the keyboard, both languages, day and night."""

import re

import pytest
from django.utils import timezone

from dsr.lifecycle import triage, wishes
from dsr.models.audit import AuditEntry
from dsr.models.request import DataRequest
from dsr.models.step import Status, Step
from dsr.states import State
from tests.browser import overflow, problems
from tests.conftest import ALICE
from tests.web.conftest import page as page_of
from tests.web.shelf import Comments

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEND, CONFIRM, RESEND = "form.sheet button", "[data-linked] button", "form:has([value=send-code]) button"


def ask(page, *, kinds=("access",), email=ALICE):
    """Fill the form in and send it."""
    page.goto("/demande/")
    for kind in kinds:
        page.check(f"input[value={kind}]")
    page.fill("#id_email", email)
    page.click(SEND)
    page.wait_for_url(re.compile("/demande/DSR-"))
    return DataRequest.objects.filter(asked_with=None).latest("pk")


def come_by_the_link(page, data_request):
    """Open the link of the letter, as from a mailbox."""
    page.goto("about:blank")
    page.goto(f"{page_of(data_request)}#{data_request.secrets.latest('pk').token}")


def proven(page, **more):
    """Ask, and confirm by the link."""
    data_request = ask(page, **more)
    come_by_the_link(page, data_request)
    page.click(CONFIRM)
    page.wait_for_selector("#position")
    data_request.refresh_from_db()
    return data_request


def test_the_link_of_the_letter_shows_one_button_and_changes_nothing_until_it_is_pressed(browse):
    page = browse()
    data_request = ask(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url + str(request.post_data)))
    come_by_the_link(page, data_request)
    assert page.is_visible(CONFIRM)
    assert not page.is_visible("#confirm-code")
    token = data_request.secrets.get().token
    assert token not in "".join(asked)
    data_request.refresh_from_db()
    assert data_request.state == State.RECEIVED
    page.click(CONFIRM)
    page.wait_for_selector("#position")
    assert token not in page.url
    data_request.refresh_from_db()
    assert data_request.state == State.REVIEW


def test_changing_the_language_does_not_lose_the_link(browse):
    page = browse()
    data_request = ask(page)
    come_by_the_link(page, data_request)
    page.click("button[value=en]")
    page.wait_for_selector("html[lang=en]")
    assert page.is_visible(CONFIRM)


def test_without_scripts_the_code_is_typed(browse):
    page = browse(scripts=False)
    data_request = ask(page)
    come_by_the_link(page, data_request)
    assert not page.is_visible(CONFIRM)
    page.fill("#confirm-code", data_request.secrets.get().code.lower())
    page.press("#confirm-code", "Enter")
    page.wait_for_selector("#position")


def test_a_double_click_sends_once(browse):
    page = browse()
    page.goto("/demande/")
    page.check("input[value=access]")
    page.fill("#id_email", ALICE)
    page.dblclick(SEND)
    page.wait_for_url(re.compile("/demande/DSR-"))
    assert DataRequest.objects.count() == 1
    page.dblclick(RESEND)
    page.wait_for_selector(".message.info")
    assert AuditEntry.objects.filter(event="code.sent").count() == 1


def test_a_form_sent_back_is_announced_and_each_error_leads_to_its_field(browse):
    page = browse()
    page.goto("/demande/")
    page.fill("#id_message", "À ne pas perdre")
    page.click(SEND)
    page.wait_for_selector(".summary")
    assert page.evaluate("document.activeElement.className") == "summary"
    assert page.title().startswith("Erreur")
    page.click(".summary a >> nth=1")
    assert page.evaluate("document.activeElement.id") == "id_email"
    assert page.input_value("#id_message") == "À ne pas perdre"


def test_everything_is_reached_by_keyboard(browse):
    page = browse(width=320)
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.goto("/demande/")
    page.focus("input[value=access]")
    page.keyboard.press("Space")
    page.focus("#id_email")
    page.keyboard.type(ALICE)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/demande/DSR-"))


def test_choosing_everything_unticks_what_was_chosen(browse):
    page = browse()
    page.goto("/demande/")
    assert not page.is_visible("input[name=sources]")
    page.check("[value=sources]")
    page.check("input[name=sources] >> nth=0")
    page.check("[value=everything]")
    assert not page.is_visible("input[name=sources]")
    page.check("[value=sources]")
    assert not page.is_checked("input[name=sources] >> nth=0")


def test_the_page_that_waits_follows_the_work(browse, olive, work):
    page = browse()
    data_request = proven(page, kinds=["rectification"])
    wishes.wish(data_request, wishes=[wishes.Wish("family_name", "Martn", "Martin")], at=timezone.now())
    triage.decide_correction(data_request.corrections.get(), accepted=True, by=olive, at=timezone.now())
    triage.accept(data_request, by=olive, at=timezone.now())
    page.reload()
    assert page.inner_text(".progress label") == "0 étapes sur 2"
    Step.objects.filter(source="comments").update(status=Status.DONE)
    page.wait_for_selector("progress[value='1']")
    work()
    page.wait_for_selector("[data-state=answered]")
    assert "Vos données sont corrigées." in page.inner_text("#position")


def test_a_copy_is_downloaded_by_the_link_of_its_letter(browse, olive, work, tmp_path):
    page = browse()
    data_request = proven(page)
    triage.accept(data_request, by=olive, at=timezone.now())
    work()
    come_by_the_link(page, data_request)
    assert not page.is_visible("#download-code")
    page.click("form:has([value=download]) button")
    with page.expect_download() as download:
        page.get_by_text("Télécharger", exact=True).click()
    assert download.value.suggested_filename == f"{data_request.reference}.zip"
    download.value.save_as(tmp_path / "copy.zip")
    assert (tmp_path / "copy.zip").read_bytes().startswith(b"PK")


def states(page, olive):
    """Every page a reader may meet, one after the other; the names say which."""
    for path in ("/", "/?reference=x", "/demande/", "/confidentialite/", "/nulle-part/", "/demande/DSR-7777-7777/"):
        page.goto(path)
        yield path
    page.goto("/demande/")
    page.check("[value=sources]")
    page.click(SEND)
    yield "the form sent back"
    other = ask(page, kinds=["rectification", "access"])
    yield "after the form"
    page.fill("#confirm-code", "x")
    page.press("#confirm-code", "Enter")
    yield "a wrong code"
    come_by_the_link(page, other)
    yield "the link"
    page.click(CONFIRM)
    page.wait_for_selector("#position")
    page.goto(page_of(other.asked_together.get()))
    yield "corrections"
    page.click("form:has([value=wish]) .button")
    yield "no correction"
    page.goto(page_of(other))
    page.click(".scope-choice summary")
    page.click(".withdraw summary")
    yield "rows to tick"
    triage.ask(other, question="Lequel ?", by=olive, at=timezone.now())
    page.reload()
    yield "a question"
    page.click("form:has([value=reply]) .button")
    yield "no answer"


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("fr", 320, False), ("fr", 1280, True), ("en", 320, True), ("en", 1280, False)]
)
def test_no_page_is_a_barrier_and_none_is_wider_than_its_window(browse, olive, language, width, dark):
    page = browse(language=language, width=width, dark=dark)
    for name in states(page, olive):
        assert page.get_attribute("html", "lang") == language
        assert problems(page) == "", name
        assert overflow(page) == 0, name


def test_a_word_without_end_is_broken_where_rows_are_ticked(browse):
    page = browse(width=320)
    Comments.held.append({"key": "77", "email": ALICE, "text": "a" * 200})
    proven(page)
    page.click(".scope-choice summary")
    page.wait_for_selector(".scope-choice .choice label")
    assert overflow(page) == 0


def test_pages_stand_at_twice_their_size(browse, olive):
    page = browse(width=640)
    for name in states(page, olive):
        page.evaluate("document.documentElement.style.fontSize = '225%'")
        assert overflow(page) == 0, name
