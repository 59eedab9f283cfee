"""The copy in Chromium: opened with its code, read page by page, saved, closed; by keyboard, and on a telephone."""

import re
import zipfile

import pytest
from django.utils import timezone

from dsr.lifecycle import triage
from tests.browser import overflow, problems
from tests.conftest import ALICE
from tests.web.conftest import code_for
from tests.web.conftest import page as page_of
from tests.web.shelf import Comments
from tests.web.test_in_the_browser import proven

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(browse, olive, work):
    """``opened(width=390)`` is a browser at Alice's copy, whose comments fill several pages."""

    def open_copy(**more):
        Comments.held[:] = [
            {"key": str(number), "email": ALICE, "text": f"<script>document.title='no'</script> {number}"}
            for number in range(500)
        ]
        page = browse(**more)
        data_request = proven(page)
        triage.accept(data_request, by=olive, at=timezone.now())
        work()
        page.goto(page_of(data_request))
        page.fill("#download-code", code_for(data_request, "download"))
        page.press("#download-code", "Enter")
        page.wait_for_url(re.compile("/telechargement/"))
        return page

    return open_copy


@pytest.mark.parametrize(("language", "width", "dark"), [("fr", 320, False), ("fr", 1280, True)])
def test_the_page_of_the_copy_is_no_barrier(opened, language, width, dark):
    page = opened(language=language, width=width, dark=dark)
    assert problems(page) == ""
    assert overflow(page) == 0


def test_it_is_read_page_by_page_by_keyboard_on_a_telephone(opened):
    page = opened(width=390)
    copy = page.url
    page.press("a.button >> nth=0", "Enter")
    page.wait_for_url(f"{copy}lire/index.html")
    assert "500" in page.inner_text("main")
    page.get_by_role("link", name="page 2", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/lire/pages/comments-2.html$"))
    assert page.inner_text("main").count("<script>document.title='no'</script>") > 100
    page.get_by_role("link", name="Page suivante").first.click()
    page.wait_for_url(re.compile("/lire/pages/comments-3.html$"))
    page.get_by_role("link", name=re.compile("Retour à l’accueil")).first.click()
    page.wait_for_url(re.compile(r"/lire/index.html#source-comments$"))
    assert page.title() != "no"
    seen = page.context.new_page()  # the policy of the page itself lets no script run, axe's neither
    seen.set_content(page.content())
    assert problems(seen) == ""
    assert overflow(seen) == 0
    page.get_by_role("link", name="Revenir à la page de votre copie").press("Enter")
    page.wait_for_url(copy)


def test_one_file_is_saved_from_the_page_it_stands_on(opened, tmp_path):
    page = opened()
    page.get_by_role("link", name="Lire", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="comments.csv").click()
    download.value.save_as(tmp_path / "comments.csv")
    assert (tmp_path / "comments.csv").read_bytes().count(b"\r\n") >= 500
    assert "/lire/index.html" in page.url


def test_everything_is_saved_then_the_copy_is_closed(opened, tmp_path):
    page = opened()
    copy = page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger", exact=True).click()
    download.value.save_as(tmp_path / "copy.zip")
    assert zipfile.ZipFile(tmp_path / "copy.zip").testzip() is None
    page.get_by_role("button", name="Refermer maintenant").click()
    page.wait_for_url(re.compile("/demande/"))
    page.goto(f"{copy}lire/index.html")
    assert "Il faut un code" in page.inner_text("h1")
    assert page.evaluate("document.cookie").count("copie") == 0
