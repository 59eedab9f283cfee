"""File names are legal on Linux, macOS and Windows, whatever a reader called the file."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.packages.names import free_name, legal_name

PORTS = {f"{port}{number}" for port in ("com", "lpt") for number in [*range(10), *"¹²³"]}
RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$", *PORTS}


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
        ("con .tar.gz", "_con .tar.gz"),
        ("CONIN$", "_CONIN$"),
        ("console.log", "console.log"),
        (".htaccess", "htaccess"),
        ("a.pdf. . ", "a.pdf"),
        ("a\ud800b", "a_b"),
        ("é" * 150, "é" * 100),
        ("漢" * 90 + ".txt", "漢" * 65 + ".txt"),
        ("x." + "y" * 150, "x." + "y" * 98),
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


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("été.pdf", "e\u0301te\u0301.pdf"),
        ("ÉTÉ.pdf", "été.PDF"),
        ("Straße.txt", "STRASSE.txt"),
        ("ﬁn.txt", "FIN.txt"),
        ("a.pdf", "a.pdf "),
        ("a?.pdf", "a*.pdf"),
        ("\u01f0.txt", "J\u030c.txt"),
    ],
)
def test_names_that_a_system_takes_for_one_are_told_apart(first, second):
    taken: set[str] = set()
    names = [free_name(first, taken), free_name(second, taken)]
    assert len({unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold()) for name in names}) == 2
    assert names[1].rpartition(".")[0].endswith("-2")


@settings(deadline=None)
@given(st.lists(st.text(max_size=4), max_size=8))
def test_whatever_the_names_of_a_folder_windows_and_macos_see_as_many_files(names):
    taken: set[str] = set()
    given_names = [free_name(name, taken) for name in names]
    assert len({name.upper() for name in given_names}) == len(names)
    assert len({unicodedata.normalize("NFD", name).casefold() for name in given_names}) == len(names)
    assert [legal_name(name) for name in given_names] == given_names
