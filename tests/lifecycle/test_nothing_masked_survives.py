"""Another person's address in every free text of a reader's, among whatever people type: masked, it stands nowhere."""

import io
import re
import zipfile

import pytest

from dsr.lifecycle import delivery, persons, screening, triage
from dsr.sources import registry
from dsr.sources.base import Identifier
from dsr.sources.model_source import ModelSource
from dsr.states import Kind
from tests import pdf
from tests.audit.marked import Marks, newspaper
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db

OTHERS = ("quidam.secret@example.net", "07 55 66 77 88")
TYPED = (
    "{}",
    '«"{}"», ;{};\t=1+1',
    "</script><b>{}</b>&amp;<a href='mailto:{}'>\\u0040 100 % %s",
    '#link("{}")[*_x_*] $1$ @ref // {}',
    "\u202e{}\u202c שלום {} 𝔘𝔫𝔦 👩‍👩‍👧 \x7f\ud7ff\ufffe",
)


@pytest.fixture
def planted(at):
    """Each text of a row of Alice's in each source, written in each way; returns how many there are."""
    newspaper(Marks(), ALICE, at)
    reader, count = registry.expand(frozenset({Identifier("email", ALICE)})), 0
    for source in registry.sources():
        if not isinstance(source, ModelSource) or not source.free_text:
            continue
        for key in {text.row for text in source.free_texts(reader)}:
            row = source.rows().get(pk=key)
            for way in TYPED:
                written = [_written(source.field(name), way) for name in source.free_text]
                count += sum(map(bool, written))
                for name, text in zip(source.free_text, written, strict=True):
                    setattr(row, name, text)
                row.pk = None
                row.save(force_insert=True)
    return count


def _written(field, way):
    """Both others, or as much as there is room for."""
    texts = [way.replace("{}", " ".join(OTHERS)), *(way.replace("{}", each) for each in OTHERS), *OTHERS]
    return next((text for text in texts if len(text) <= (field.max_length or len(text))), "")


def test_what_is_masked_stands_nowhere_in_the_archive(planted, asks, proves, olive, works, at):
    data_request = proves(asks(Kind.ACCESS))
    triage.accept(data_request, by=olive, at=at)
    works(data_request, unread=True)
    assert data_request.passages.count() >= planted > 40
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    works(data_request, unread=True)
    files = _unpacked(data_request)
    assert {"letter.pdf", "index.html", "manifest.json"} <= files.keys()
    shown = screening.INSTEAD["email"]
    assert files["data/comments.json"].count(str(shown).encode()) >= len(TYPED)
    assert files["data/comments.csv"].count(str(shown).encode()) >= len(TYPED)
    files["letter.txt"] = pdf.text(files["letter.pdf"]).encode()
    assert data_request.reference.encode() in files["letter.txt"]
    for name, content in files.items():
        assert b"quidam.secret" not in content, name
        assert not re.search(rb"07\D{0,9}55\D{0,9}66\D{0,9}77\D{0,9}88", content), name
        assert "quidam" not in name
    assert ALICE.encode() in files["data/accounts.json"]


def _unpacked(data_request):
    content = b"".join(delivery.content(data_request.packages.get()))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
