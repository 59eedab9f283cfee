"""Documents in type: tagged, in their language, and never marked up by what they show."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import typst
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from dsr import typesetting
from tests import pdf

TEMPLATE = """
#let data = json("data.json")
#set document(title: data.title)
#set text(lang: data.lang)
#heading(data.title)
#data.text
"""
HOSTILE = [
    '#panic("boom")',
    "$x^2$ *strong* _soft_ `raw` ~ -- --- ...",
    "@nobody <label> https://example.org/a_b?c=#d",
    '\\ " [ ] { } ( ) #[ #{ }} ]] \\u{41}',
    "= H - + / x: // no comment /* none */",
]


@pytest.fixture
def folder(settings, tmp_path):
    """A house with one template."""
    settings.BASE_DIR = tmp_path
    typesetting._compiler.cache_clear()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "letter.typ").write_text(TEMPLATE)
    yield tmp_path / "templates"
    typesetting._compiler.cache_clear()


@pytest.fixture
def made(folder):
    """A document that shows some text."""
    return lambda text, **more: typesetting.pdf("letter.typ", {"title": "Titre", "lang": "fr", "text": text, **more})


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_document_is_tagged_titled_and_in_its_language(made, language):
    document = made("Du texte.", lang=language)
    assert document.startswith(b"%PDF-1.7")
    assert f"/Lang({language})".encode() in document
    assert b"<pdfuaid:part>1<" in document
    assert b"/Title(Titre)" in document
    assert {"Document", "H1", "P"} <= pdf.roles(document)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_shown_is_never_markup(made, text):
    assert pdf.text(made(text)) == f"Titre\n{text}\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Merci 😀", "Merci [U+1F600]"), ("中文", "[U+4E2D][U+6587]"), ("a\x07b", "a[U+0007]b"), ("\ufeffa", "[U+FEFF]a")],
)
def test_a_sign_that_no_font_has_is_shown_by_its_number(made, text, shown):
    assert pdf.text(made(text)) == f"Titre\n{shown}\n"


def test_signs_are_spelt_wherever_they_stand(folder):
    (folder / "list.typ").write_text(TEMPLATE + "#for each in data.list { each.name }")
    data = {"title": "Titre", "lang": "fr", "text": "", "list": [{"name": "un 😀", "number": 1}]}
    assert "un [U+1F600]" in pdf.text(typesetting.pdf("list.typ", data))


def test_what_the_template_does_wrong_is_told(folder):
    (folder / "letter.typ").write_text('#panic("no")')
    with pytest.raises(typst.TypstError, match="no"):
        typesetting.pdf("letter.typ", {})


def test_a_document_that_does_not_conform_is_not_made(folder):
    (folder / "letter.typ").write_text("No title.")
    with pytest.raises(typst.TypstError, match="PDF/UA-1"):
        typesetting.pdf("letter.typ", {})


def test_several_threads_set_documents_at_once(made):
    with ThreadPoolExecutor(max_workers=4) as threads:
        documents = list(threads.map(made, [f"Numéro {number}" for number in range(40)]))
    assert [pdf.text(each) for each in documents] == [f"Titre\nNuméro {number}\n" for number in range(40)]


def test_one_compiler_serves_a_template(made):
    made("Un")
    made("Deux")
    assert typesetting._compiler.cache_info().misses == 1


@pytest.fixture(scope="module")
def shows(tmp_path_factory):
    """Whether a text can be made into a document at all, for Hypothesis: one folder for all that it tries."""
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("house")
        (path / "templates").mkdir()
        (path / "templates" / "any.typ").write_text(TEMPLATE)
        patch.setattr("django.conf.settings.BASE_DIR", path)
        yield lambda text: typesetting.pdf("any.typ", {"title": "Titre", "lang": "fr", "text": text})
    typesetting._compiler.cache_clear()


@trying(deadline=None)
@given(st.text(max_size=60))
def test_any_text_makes_a_document(shows, text):
    assert shows(text).startswith(b"%PDF-")
