"""File names are legal on Linux, macOS and Windows, whatever a reader called the file."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.packages.names import free_name, legal_name

RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


@settings(deadline=None)
@given(st.text())
def test_every_name_is_legal_everywhere(name):
    legal = legal_name(name)
    assert legal
    assert len(legal) <= 100
    assert len(legal.encode()) <= 200
    assert legal == unicodedata.normalize("NFC", legal)
    assert not set(legal) & set('<>:"/\\|?*\0\n')
    assert not legal.startswith((" ", "."))
    assert not legal.endswith((" ", "."))
    assert legal.partition(".")[0].strip().casefold() not in RESERVED


@settings(deadline=None)
@given(st.text())
def test_a_legal_name_stays_as_it_is(name):
    assert legal_name(legal_name(name)) == legal_name(name)


@pytest.mark.parametrize(
    ("name", "legal"),
    [
        ("facture de mai.pdf", "facture de mai.pdf"),
        ("e\u0301te\u0301.png", "été.png"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\secrets\\a.pdf", "C__secrets_a.pdf"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("COM¹.log", "_COM¹.log"),
        ("fdp\u202efdp.exe", "fdp_fdp.exe"),
        ("...", "fichier"),
        ("", "fichier"),
        ("a" * 150 + ".pdf", "a" * 96 + ".pdf"),
    ],
)
def test_what_becomes_of_a_name(name, legal):
    assert legal_name(name) == legal


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a.pdf", "A.pdf", "a-2.pdf", "b" * 120, "b" * 121, ""]), max_size=12))
def test_no_two_files_of_a_folder_bear_the_same_name(names):
    taken: set[str] = set()
    given_names = [free_name(name, taken).casefold() for name in names]
    assert len(set(given_names)) == len(names)
