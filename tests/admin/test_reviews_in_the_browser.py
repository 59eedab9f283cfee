"""The reviews of the log in Chromium: accessible, whole on a telephone, done by keyboard and without scripts."""

import pytest
from django.utils import timezone

from dsr.models.audit import AuditEntry
from dsr.models.review import Finding, Mark
from dsr.oversight import reviews
from tests.admin.conftest import page_of
from tests.browser import overflow, problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/admin/dsr/review/"


@pytest.fixture
def half_marked(review, remi, rosa, at):
    """A review with one finding marked, the note a single word of four hundred letters."""
    first = review.findings.exclude(actor=remi.reference).first()
    reviews.mark(first, mark=Mark.FOLLOW_UP, note="x" * 400, by=rosa, at=at)
    return review


@pytest.fixture
def signed(review, remi, rosa, at):
    """A review that Rosa marked, and Rémi signed."""
    for finding in review.findings.all():
        reviews.mark(finding, mark=Mark.EXPLAINED, note="Vu.", by=rosa, at=at)
    return reviews.sign(review, by=remi, at=at)


@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_of_an_open_review_are_accessible(dark, seated, remi, half_marked):
    page = seated(remi, dark=dark)
    for address in ("/admin/", LIST, page_of(half_marked)):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert problems(page) == "", address


@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_of_a_signed_review_are_accessible(dark, seated, remi, signed):
    page = seated(remi, dark=dark)
    for address in ("/admin/", LIST, page_of(signed)):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert problems(page) == "", address


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_is_wider_than_the_window(width, seated, remi, half_marked):
    page = seated(remi, width=width)
    for address in ("/admin/", LIST, page_of(half_marked)):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert overflow(page) <= 0, address


def test_a_refused_mark_is_accessible_and_keeps_what_was_typed(seated, remi, review):
    page = seated(remi)
    page.goto(page_of(review))
    form = page.locator("form.dk-marking").first
    form.get_by_label("à suivre").check()
    page.evaluate("document.querySelectorAll('form.dk-marking').forEach(each => each.noValidate = true)")
    form.get_by_role("button", name="Apprécier").click()
    page.wait_for_selector("text=Dites en quelques mots ce que vous avez vu.")
    assert page.locator("form.dk-marking").first.get_by_label("à suivre").is_checked()
    assert problems(page) == ""


def test_a_review_is_marked_and_signed_by_keyboard_alone(seated, rosa, review):
    page = seated(rosa)
    page.goto(page_of(review))
    for _finding in range(review.findings.count()):
        page.wait_for_selector("form.dk-marking button:has-text('Apprécier')")
        page.locator("details[open] form.dk-marking input[type=radio]").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.type("Vu avec l’équipe.")
        page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.get_by_role("button", name="Signer la relecture").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Relecture signée.")
    assert not Finding.objects.exclude(mark=Mark.EXPLAINED).exists()
    assert AuditEntry.objects.filter(event="review.signed").count() == 1


@pytest.fixture
def by_day(monkeypatch):
    """It is noon in Paris: whoever looks into the log at night has a finding of their own, which another one marks."""
    today = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: today.replace(hour=11))


@pytest.mark.usefixtures("by_day")
def test_a_review_is_opened_marked_and_signed_without_scripts(seated, rosa, writes, asks, olive):
    writes("request.refused", asks(), by=olive, ground="identity")
    page = seated(rosa, scripts=False)
    page.goto(LIST)
    with page.expect_navigation():
        page.get_by_role("button", name="Ouvrir une relecture maintenant").click()
    while (form := page.locator("details[open] form.dk-marking")).count():
        form.first.get_by_label("expliqué").check()
        form.first.locator("textarea").fill("Vu.")
        with page.expect_navigation():
            form.first.locator("button").click()
    page.get_by_role("button", name="Signer la relecture").click()
    page.wait_for_selector("text=Signée par")
    assert AuditEntry.objects.filter(event="review.signed").count() == 1


def test_after_a_mark_the_next_finding_is_in_sight(seated, rosa, review):
    for n in range(40):
        Finding.objects.create(review=review, rule="refusals", actor=f"S-{n:06d}", count=1, entries=[1])
    page = seated(rosa)
    page.goto(page_of(review))
    last = review.findings.get(actor="S-000037")
    form = page.locator(f"#finding-{last.pk} form")
    form.get_by_label("expliqué").check()
    form.locator("textarea").fill("Vu.")
    with page.expect_navigation():
        form.locator("button").click()
    following = page.locator(f"#finding-{review.findings.get(actor='S-000038').pk}")
    box = following.bounding_box()
    assert 0 <= box["y"] < 900
