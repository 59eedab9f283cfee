"""The certificate of an erasure says what was done and how it was verified, is signed, and names nobody."""

import json
import runpy

import pytest

from dsr.audit import note, signing
from dsr.lifecycle import mentions
from dsr.models.audit import AuditEntry
from dsr.packages import certificate
from dsr.states import State
from tests import pdf
from tests.conftest import ALICE, BOB
from tests.lifecycle.test_verification import approved, newspaper  # noqa: F401 - fixtures
from tests.repository import ROOT
from tests.sources.readers import comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def certified(approved, works, olive, at):  # noqa: F811
    """Alice is erased; two people quoted her, one was masked and one was left."""
    comment(author_email=BOB, content=f"Voyez {ALICE}")
    comment(author_email=BOB, content=f"Ou {ALICE}")
    data_request = works(approved())
    first, second = data_request.mentions.values_list("pk", flat=True)
    mentions.mask(data_request, mentions=[first], by=olive, at=at)
    mentions.leave(data_request, mentions=[second], reason="expression", by=olive, at=at)
    works(data_request)
    assert data_request.state == State.ANSWERED
    return data_request.certificate


def test_it_says_what_was_done(certified):
    stated = certificate.opened(certified.note)
    assert (stated["reference"], stated["scope"]) == (certified.data_request.reference, "everything")
    erased = {each["source"]: each["erased"] for each in stated["sources"]}
    assert erased == {"comments": 1, "invoices": 0, "support_messages": 0, "bans": 0, "accounts": 1}
    left = [{"source": "comments", "reason": "expression", "count": 1}]
    assert stated["mentions"] == {"masked": 1, "left": left}
    assert stated["verification"]["values"]["tables"] == 13
    entry = AuditEntry.objects.filter(event="erasure.verified").get()
    assert stated["log"]["n"] == entry.n


def test_it_names_nobody(certified):
    for value in (ALICE, BOB, "Alicia", "612345678", "198.51.100.7"):
        assert value.lower() not in certified.note.lower()


def test_a_note_that_was_altered_or_is_another_is_refused(certified):
    with pytest.raises(note.NoteError):
        certificate.opened(certified.note.replace('"masked":1', '"masked":2'))
    with pytest.raises(note.NoteError):
        certificate.opened(signing.signer().sign("another text\n{}\n"))


def test_the_json_holds_the_note_and_what_it_states(certified):
    document = json.loads(certificate.as_json(certified.note))
    assert document["note"] == certified.note
    assert document["certificate"] == certificate.opened(certified.note)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pdf_says_it_in_words_and_carries_the_note(certified, language):
    told = pdf.text(certificate.as_pdf(certified.note, language=language))
    assert certified.data_request.reference in told
    signature = certified.note.strip().rpartition(" ")[2]
    assert signature in "".join(told.split())


def test_the_first_of_a_month_is_written_as_the_french_do(certified):
    first = dict.fromkeys(("approved_at", "erased_at", "verified_at", "made_at"), "2026-12-01T09:30:00Z")
    note = certificate.signed(certificate.opened(certified.note) | first)
    told = [" ".join(pdf.text(certificate.as_pdf(note, language=each)).split()) for each in ("fr", "en")]
    assert ("1er décembre 2026" in told[0], "1 December 2026" in told[1]) == (True, True)


def test_the_letter_names_it(certified):
    letter = certified.data_request.notices.get(letter="erased")
    assert "certificat" in letter.text
    assert "certificat" in letter.html


def test_a_part_says_why_nothing_else_was_searched(approved, works):  # noqa: F811
    data_request = works(approved(scope={"comments": "*"}))
    stated = certificate.opened(data_request.certificate.note)
    assert (stated["scope"], stated["verification"]["values"]) == (["comments"], None)
    told = pdf.text(certificate.as_pdf(data_request.certificate.note, language="fr"))
    assert "une partie des données" in " ".join(told.split())


VERIFY = runpy.run_path(str(ROOT / "docs" / "verify_certificate.py"))


def test_plain_python_verifies_it(certified):
    document = certificate.as_json(certified.note).decode()
    (key, *_past) = (each.text for each in signing.verifiers())
    assert VERIFY["verify"](document, key) == certificate.opened(certified.note)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('\\"masked\\":1', '\\"masked\\":2'),
        ('"masked": 1', '"masked": 2'),
        ("/erasure-certificate-1", "/erasure-certificate-2"),
        ("{", "["),
    ],
)
def test_plain_python_sees_what_was_altered(certified, old, new):
    (key, *_past) = (each.text for each in signing.verifiers())
    document = certificate.as_json(certified.note).decode()
    altered = document.replace(old, new)
    with pytest.raises(VERIFY["Wrong"]):
        VERIFY["verify"](altered, key)


def test_plain_python_wants_the_key_that_signed(certified):
    other = note.Signer("journal.example.org/log", bytes(32)).verifier.text
    with pytest.raises(VERIFY["Wrong"]):
        VERIFY["verify"](certificate.as_json(certified.note).decode(), other)
