"""A real browser opens the extracted archive from the disk: accessible, quiet, readable on a telephone and on paper."""

from pathlib import Path

import pytest

from dsr.packages.inventory import Omission
from dsr.sources.base import Column
from tests.browser import overflow, problems
from tests.packages.library import BILLING, Shelf, packed
from tests.packages.test_archive import HOSTILE

pytestmark = pytest.mark.browser

FIELDS = ("number", "text", "at", "status", "ip")
WIDE = tuple(Column(name, f"Rubrique {name}") for name in FIELDS)
NARROW = (Column("at", "Lu le"), Column("title", "Titre de l’article"))
LONG_ADDRESS = "https://journal.example.org/" + "tres-long-chemin" * 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The extracted archive of a reader who left something everywhere, some of it hostile."""
    comments = [
        {"number": n, "text": text, "at": "2026-07-01T09:05:00Z", "status": LONG_ADDRESS, "ip": "203.0.113.7"}
        for n, text in enumerate([*HOSTILE, *["Bonjour"] * 60])
    ]
    asked = {**dict.fromkeys(FIELDS, "x"), "ip": [{"text": text, "at": LONG_ADDRESS} for text in HOSTILE[:6]]}
    inner = Column("ip", "Courriers", (Column("text", "Texte"), Column("at", "Écrit le")))
    read = [{"at": "2026-11-02", "title": text} for text in [LONG_ADDRESS, *HOSTILE[:6], *["Article"] * 40]]
    package = packed(
        Shelf("comments", label="Commentaires", rows=comments, columns=WIDE),
        Shelf("articles", label="Articles lus", rows=read, columns=NARROW, activity=BILLING),
        Shelf("support", label="Courriers", files={"très long nom " * 8 + ".pdf": b"x", "perdu.pdf": None}),
        Shelf("requests", label="Demandes", rows=[asked], columns=(*WIDE[:4], inner)),
        Shelf("bans", label="Exclusions"),
        Shelf("consents", label="Consentements"),
        scope=dict.fromkeys(("comments", "articles", "support", "requests", "bans"), "*"),
        omissions=(Omission("", "Les noms des modérateurs", "Ils concernent d’autres personnes."),),
    )
    extracted = tmp_path_factory.mktemp("archive")
    package.extractall(extracted)
    return extracted


def opened(chromium, path: Path, *, width: int = 1280, scheme: str = "light"):
    """A page, with what it asked for and what it said on the console."""
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.asked, page.said = [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("console", lambda said: page.said.append(said.text))
    page.on("dialog", lambda dialog: page.said.append("dialog"))
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("name", ["index.html", "pages/comments-2.html", "pages/articles-2.html"])
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_axe_finds_nothing_and_nothing_overflows(chromium, folder, name, width, scheme):
    page = opened(chromium, folder / name, width=width, scheme=scheme)
    assert problems(page) == ""
    assert overflow(page) == 0
    page.close()


def test_it_opens_offline_and_nothing_hostile_runs(chromium, folder):
    page = opened(chromium, folder / "index.html")
    page.wait_for_load_state("networkidle")
    assert page.asked == [(folder / "index.html").as_uri()]
    assert page.said == []
    page.close()


def test_text_that_turns_letters_around_stays_in_its_cell(chromium, folder):
    page = opened(chromium, folder / "index.html")
    directions = page.evaluate(
        "[...document.querySelectorAll('td, dd')].map(cell => getComputedStyle(cell).unicodeBidi)"
    )
    assert set(directions) <= {"isolate", "plaintext", "isolate-override"}
    page.close()


def test_every_page_can_be_reached_by_its_links(chromium, folder):
    page = opened(chromium, folder / "index.html")
    page.get_by_role("link", name="page 2").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Commentaires"
    page.get_by_role("link", name="retour à l’accueil").first.click()
    assert page.url.endswith("index.html#source-comments")
    page.close()


def test_a_stacked_table_is_still_a_table_to_a_screen_reader(chromium, folder):
    page = opened(chromium, folder / "index.html", width=320)
    table = page.get_by_role("table", name="Articles lus, n° 1 à 25")
    assert table.get_by_role("row").count() == 26
    assert table.get_by_role("columnheader").count() == 2
    page.close()
