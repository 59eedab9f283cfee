"""The page of the passages: who may see it, what it shows, what its forms do; and the reading of a package."""

import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsr.admin import passages
from dsr.lifecycle import persons, triage
from dsr.models.audit import AuditEntry
from dsr.models.passage import Decision
from dsr.models.step import Action, Status
from dsr.readers.models import Account, Comment
from dsr.states import Kind, State
from tests.admin.conftest import act_of, page_of, said
from tests.browser import overflow, problems
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db
TEXTS = ("Mon voisin, bob@example.org, le sait.", "Demandez à BOB@example.org ou au 07 55 66 77 88.")


@pytest.fixture(autouse=True)
def _newspaper(settings):
    """The newspaper's own comments and accounts."""
    settings.DSR_SOURCES = ["dsr.readers.sources.Comments", "dsr.readers.sources.Accounts"]


@pytest.fixture
def screened(examined, worked, olive, at):
    """Alice's copy, whose texts name others; it waits for Olive."""

    def screen(*texts):
        alice = Account.objects.create(email=ALICE, email_confirmed_at=at, created_at=at)
        place = {"article_url": "https://journal.example.org/a", "created_at": at}
        Comment.objects.bulk_create(Comment(account=alice, content=text, **place) for text in texts or TEXTS)
        data_request = examined(Kind.ACCESS)
        triage.accept(data_request, by=olive, at=at)
        return worked(data_request, unread=True)

    return screen


def address(data_request, name="passages"):
    return reverse(f"admin:dsr_datarequest_{name}", args=[data_request.pk])


def decisions(data_request, **more):
    return {f"decision-{each.pk}": Decision.MASK for each in data_request.passages.all()} | more


def test_each_passage_stands_in_its_sentence(screened, desk, olive):
    page = said(desk(olive).get(address(screened())))
    assert "Mon voisin, bob@example.org , le sait." in page
    assert "Commentaires Texte, ligne" in page
    assert "adresse électronique · 2 fois" in page
    assert "Enregistrer ces 3 décisions" in page


def test_that_it_was_looked_at_is_recorded(screened, desk, olive):
    data_request = screened()
    desk(olive).get(address(data_request))
    assert AuditEntry.objects.filter(subject=data_request.reference, event="request.viewed").count() == 1


@pytest.mark.parametrize("name", ["passages", "decide_passages", "mask_rest", "mark_passage", "read"])
def test_nobody_but_who_decides_comes_in(name, screened, desk, remi, mallory):
    data_request = screened()
    for person in (remi, mallory):
        browser = desk(person)
        send = browser.get if name == "passages" else browser.post
        assert send(address(data_request, name)).status_code == 403


def test_nothing_is_decided_or_read_by_looking(screened, desk, olive):
    data_request = screened()
    for name in ("decide_passages", "mask_rest", "mark_passage", "read"):
        assert desk(olive).get(address(data_request, name)).status_code == 405


def test_a_page_of_decisions_is_recorded_at_once(screened, desk, olive):
    data_request = screened()
    first, _second, third = data_request.passages.all()
    sent = {f"decision-{first.pk}": "mask", f"everywhere-{first.pk}": "on", f"decision-{third.pk}": "public"}
    assert desk(olive).post(address(data_request, "decide_passages"), sent).status_code == 302
    assert list(data_request.passages.values_list("decision", flat=True)) == ["mask", "mask", "public"]
    assert "Chaque passage a sa décision." in said(desk(olive).get(address(data_request)))
    assert desk(olive).post(act_of(data_request, "finish_screening")).status_code == 302
    assert data_request.steps.get(action=Action.SCREEN).status == Status.DONE


def test_a_decision_that_is_in_no_list_is_shown_again(screened, desk, olive):
    data_request = screened()
    first = data_request.passages.first()
    answer = desk(olive).post(address(data_request, "decide_passages"), {f"decision-{first.pk}": "because"})
    assert answer.status_code == 422
    assert not data_request.passages.exclude(decision="").exists()


def test_passages_of_another_request_are_not_decided_here(screened, examined, desk, olive):
    data_request = screened()
    other = examined(Kind.OTHER, email="bob@example.org")
    sent = decisions(data_request)
    assert desk(olive).post(address(other, "decide_passages"), sent).status_code in {302, 409}
    assert data_request.passages.undecided().count() == 3


def test_the_rest_is_masked_with_one_button(screened, desk, olive):
    data_request = screened()
    assert desk(olive).post(address(data_request, "mask_rest")).status_code == 302
    assert data_request.passages.masked().count() == 3


def test_words_are_marked_and_shown_with_how_often_they_were_found(screened, worked, desk, olive):
    data_request = screened()
    for text in ("voisin", "cousin"):
        desk(olive).post(address(data_request, "mark_passage"), {"text": text, "source": "comments"})
    worked(data_request, unread=True)
    page = said(desk(olive).get(address(data_request)))
    assert "« voisin » Commentaires trouvé 1 fois" in page
    assert "« cousin » Commentaires pas encore trouvé" in page


def test_five_hundred_passages_are_paged(screened, desk, olive):
    data_request = screened(*(f"Voyez n{number}@example.org" for number in range(500)))
    browser = desk(olive)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page = said(browser.get(address(data_request)))
    assert f"Enregistrer ces {passages.SIZE} décisions" in page
    assert len(few) < 40
    first = [each.pk for each in data_request.passages.all()[: passages.SIZE]]
    browser.post(address(data_request, "decide_passages"), {f"decision-{pk}": "mask" for pk in first})
    assert "n50@example.org" in said(browser.get(address(data_request)))
    following = f"{address(data_request)}?every=1&after={first[-1]}"
    assert "n50@example.org" in said(browser.get(following))


@pytest.fixture
def packed(screened, worked, olive, at):
    """A package that waits for an officer to read it."""
    data_request = screened()
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    return worked(data_request, unread=True)


def test_a_package_is_read_then_released(packed, desk, olive):
    page = said(desk(olive).get(page_of(packed)))
    assert "à relire avant sa remise" in page
    assert "À qui le tour Agent" in page
    assert desk(olive).post(act_of(packed, "release")).status_code == 409
    opened = desk(olive).post(address(packed, "read"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(opened.streaming_content)))
    assert "bob@example.org" not in archive.read("data/comments.csv").decode().lower()
    assert desk(olive).post(act_of(packed, "release")).status_code == 302
    packed.refresh_from_db()
    assert packed.state == State.ANSWERED


def test_the_desk_shows_what_waits_for_an_officer(packed, desk, olive):
    browser = desk(olive)
    assert packed.reference in said(browser.get("/admin/dsr/datarequest/?view=waiting"))
    assert "Attendent un agent" in said(browser.get("/admin/"))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True), (320, False)])
def test_the_page_is_accessible_and_whole(width, dark, seated, olive, screened):
    page = seated(olive, width=width, dark=dark)
    page.goto(address(screened()))
    page.wait_for_load_state("networkidle")
    assert problems(page) == ""
    assert overflow(page) == 0


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_passages_are_decided_by_keyboard_alone(seated, olive, screened):
    data_request = screened()
    page = seated(olive)
    page.goto(address(data_request))
    page.locator(".dk-deciding select").nth(0).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # everywhere
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("laisser : ce n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Chaque passage a sa décision.")
    assert sorted(data_request.passages.values_list("decision", flat=True)) == ["mask", "mask", "nobodys"]
