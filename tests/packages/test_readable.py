"""The index says what Art. 15 asks, in words, and nothing that a reader wrote can act in it."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.utils import translation

from dsr.packages import markup
from dsr.packages.inventory import Omission
from dsr.sources.base import Column
from tests.packages.library import BILLING, DEBATE, Shelf, packed
from tests.packages.test_archive import HOSTILE, comments


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.seen = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def index(*sources, **more):
    return packed(*sources, **more).read("index.html").decode()


def words(page):
    """The text of a page without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_index_opens_with_what_it_is_and_for_which_request():
    said = words(index(comments(["Bonjour"])))
    assert "demande DSR-7K4M-2QXP, reçue le 2 novembre 2026. Nous l’avons préparée le 23 novembre 2026." in said


@pytest.mark.parametrize(
    "told",
    [
        DEBATE.purpose,
        DEBATE.legal_basis,
        DEBATE.categories,
        *map(str, DEBATE.recipients),
        DEBATE.retention,
        DEBATE.origin,
        "Sans objet.",
        "3 place de Fontenoy, TSA 80715",
        "tribunal judiciaire",
        "RGPD art. 12 et 15",
    ],
)
def test_the_index_says_all_that_article_15_asks(told):
    assert told in words(index(comments(["Bonjour"])))


def test_only_activities_that_held_something_are_explained():
    said = words(index(comments(["Bonjour"]), Shelf("invoices", activity=BILLING)))
    assert DEBATE.purpose in said
    assert BILLING.purpose not in said


def test_what_readers_wrote_is_inert():
    tags = Tags(index(comments(HOSTILE[:6]))).seen
    assert {tag for tag, _attrs in tags} & {"script", "img", "iframe", "object", "form", "link"} == set()
    assert not [attrs for _tag, attrs in tags if any(name.startswith("on") for name in attrs)]


def test_each_value_is_read_in_its_own_direction():
    wide = tuple(Column(name, name) for name in "abcde")
    page = index(comments(["שלום"]), Shelf("things", rows=[dict.fromkeys("abcde", "سلام")], columns=wide))
    assert page.count('dir="auto">שלום</td>') == 1
    assert page.count('dir="auto">سلام</dd>') == 5


def test_what_readers_wrote_is_there_to_read():
    page = index(comments(HOSTILE[:6]))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ settings.SECRET_KEY }}{% load x %}" in page
    assert "contrôles ␀␇␛[31m␡" in page


def test_nothing_is_loaded_from_anywhere():
    page = index(comments(), Shelf("support", files={"a.pdf": b"x"}))
    loads = [(tag, attrs) for tag, attrs in Tags(page).seen if "src" in attrs or "srcset" in attrs or tag == "link"]
    assert loads == []
    assert "url(" not in page
    assert "@import" not in page
    outside = [attrs["href"] for tag, attrs in Tags(page).seen if tag == "a" and "//" in attrs["href"]]
    assert outside == ["https://www.cnil.fr/plaintes"]


def test_every_relative_link_leads_somewhere():
    rows = [{"a": number} for number in range(700)]
    package = packed(Shelf("comments", rows=rows, files={"é #1%.pdf": b"x"}))
    names = set(package.namelist())
    for page in [name for name in names if name.endswith(".html")]:
        tags = Tags(package.read(page).decode()).seen
        anchors = {attrs["id"] for _tag, attrs in tags if "id" in attrs}
        for href in (attrs["href"] for tag, attrs in tags if tag == "a"):
            _check_link(page, href, names, anchors)


def _check_link(page, href, names, anchors):
    if href.startswith("#"):
        assert href[1:] in anchors
    elif not href.startswith("https:"):
        assert unquote(urlsplit(urljoin(f"file:///{page}", href)).path)[1:] in names


def test_long_tables_are_split_into_pages_that_follow_each_other():
    package = packed(Shelf("comments", rows=[{"a": number} for number in range(500)]))
    assert [name for name in package.namelist() if name.startswith("pages/")] == [
        "pages/comments-2.html",
        "pages/comments-3.html",
        "pages/comments-4.html",
    ]
    second = package.read("pages/comments-2.html").decode()
    assert 'rel="next" href="comments-3.html"' in second
    assert "n° 26 à 225" in second
    assert 'rel="next"' not in package.read("pages/comments-4.html").decode()


def test_omissions_say_what_and_why():
    page = words(index(comments(["x"]), omissions=(Omission("comments", "Une note", "Elle concerne un tiers."),)))
    assert "Comments — Une note Elle concerne un tiers." in page


def test_headings_are_words_and_values_too():
    columns = tuple(Column(name, name.upper()) for name in ("at", "on", "ok", "amount", "gone"))
    row = {"at": "2026-07-01T09:05:00Z", "on": "2026-11-23", "ok": True, "amount": -12.5, "gone": None}
    page = index(Shelf("things", rows=[row], columns=columns))
    assert '<time datetime="2026-07-01T09:05:00Z">1er juillet 2026 à\u00a011\u202fh\u202f05</time>' in page
    assert ">23 novembre 2026</time>" in page
    assert '<dt>OK</dt><dd dir="auto">oui</dd>' in page
    assert ">-12.5</dd>" in page
    assert "<dt>GONE</dt>" not in page


@pytest.mark.parametrize("text", ["2026-13-45", "9999-12-31T23:59:59+99:99", "2026-11-23 et des mots", "0000-00-00"])
def test_a_text_that_is_no_date_stays_a_text(text):
    assert f"{text}" in index(Shelf("things", rows=[{"a": text}]))


def test_english_is_english_and_leaves_the_callers_language_alone():
    with translation.override("fr"):
        page = index(comments(["x"]), language="en")
        assert translation.get_language() == "fr"
    assert '<html lang="en">' in page
    assert "2 November 2026" in page


def test_every_page_is_in_the_language_of_the_package():
    package = packed(Shelf("comments", rows=[{"a": number} for number in range(60)]), language="en")
    assert '<html lang="en">' in package.read("pages/comments-2.html").decode()


def test_the_language_of_the_caller_never_shows_in_a_french_package():
    with translation.override("en"):
        assert index(comments(["x"])) == index(comments(["x"]), language="fr")
    assert "23 novembre 2026" in index(comments(["x"]))


def test_thousands_are_grouped():
    with translation.override("fr"):
        assert markup.grouped(50_000).replace("\u202f", " ").replace("\xa0", " ") == "50 000"


def test_what_belongs_to_a_record_is_told_under_its_own_headings():
    letters = Column("letters", "Courriers", (Column("subject", "Objet"), Column("sent_at", "Parti le")))
    columns = (*(Column(name, name) for name in "abcd"), letters)
    sent = {"subject": "<b>Votre code</b>", "sent_at": "2026-11-23"}
    row = {**dict.fromkeys("abcd", ""), "letters": [sent, {**sent, "sent_at": None}]}
    page = index(Shelf("requests", rows=[row, {**row, "letters": []}], columns=columns))
    assert page.count("&lt;b&gt;Votre code&lt;/b&gt;") == 2
    assert page.count("<dt>Parti le</dt>") == 1
    assert page.count("<dt>Courriers</dt>") == 1
    assert words(page).count("2026-11-23") == 0
