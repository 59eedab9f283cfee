"""An encrypted object is read from anywhere, byte for byte as it was sealed, or not at all."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import storages
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.models.package import Package
from dsr.packages import opening, vault

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CHUNK = opening.CHUNK_BYTES
LETTER = bytes(number * 7 % 251 for number in range(3 * CHUNK + 1000))
EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK, 4 * CHUNK, 4 * CHUNK + 5]


def sealed(plaintext: bytes) -> Package:
    made = vault.seal([plaintext], object_name=vault.fresh_name())
    return Package(
        object_name=made.object_name,
        wrapped_key=made.wrapped_key,
        size=made.size,
        ciphertext_digest=made.ciphertext_digest,
        sealed_at=AT,
        expires_at=AT + timedelta(days=30),
    )


def between(package: Package, start: int, end: int) -> bytes:
    with opening.Plaintext(package) as plaintext:
        return b"".join(plaintext.pieces(start, end))


@pytest.fixture(scope="module")
def letter():
    return sealed(LETTER)


@pytest.mark.parametrize("size", EDGES)
def test_what_pyrage_sealed_is_read_whole(size):
    plaintext = (LETTER * 2)[:size]
    package = sealed(plaintext)
    assert between(package, 0, size) == plaintext == b"".join(vault.open_stream(package))


@settings(deadline=None)
@given(st.integers(0, len(LETTER)), st.integers(0, len(LETTER)))
def test_any_part_is_the_same_part(letter, one, other):
    start, end = sorted((one, other))
    assert between(letter, start, end) == LETTER[start:end]


def test_it_is_a_file_like_any_other(letter):
    with opening.Plaintext(letter) as plaintext:
        assert plaintext.seek(-4, io.SEEK_END) == len(LETTER) - 4
        assert plaintext.read() == LETTER[-4:]
        assert plaintext.read(1) == b""
        plaintext.seek(CHUNK)
        assert plaintext.seek(-2, io.SEEK_CUR) == CHUNK - 2
        with pytest.raises(ValueError, match="before"):
            plaintext.seek(-1)


@pytest.mark.parametrize("at", [0, 30, 120, 250, -CHUNK - 500, -1], ids=str)
def test_an_altered_byte_is_never_read(at):
    package = sealed(LETTER)
    ciphertext = bytearray(_stored(package))
    ciphertext[at] ^= 1
    _store(package, bytes(ciphertext))
    with pytest.raises(vault.DamagedError):
        between(package, 0, len(LETTER))


@pytest.mark.parametrize("cut", [1, 1000, 1016, CHUNK + 1016 + 16, len(LETTER)], ids=str)
def test_a_shortened_object_is_refused_before_the_first_byte(cut):
    package = sealed(LETTER)
    _store(package, _stored(package)[:-cut])
    with pytest.raises(vault.DamagedError):
        between(package, 0, 1)


def test_two_chunks_that_changed_places_are_refused():
    package = sealed(LETTER)
    ciphertext, size = _stored(package), CHUNK + 16
    start = len(ciphertext) - (3 * size + 1016)
    swapped = ciphertext[start + size : start + 2 * size] + ciphertext[start : start + size]
    _store(package, ciphertext[:start] + swapped + ciphertext[start + 2 * size :])
    assert between(package, 2 * CHUNK, 2 * CHUNK + 5) == LETTER[2 * CHUNK : 2 * CHUNK + 5]
    with pytest.raises(vault.DamagedError):
        between(package, 0, 1)


def test_another_objects_ciphertext_is_refused(letter):
    package = sealed(LETTER)
    _store(package, _stored(letter))
    with pytest.raises(vault.DamagedError):
        opening.Plaintext(package)


def test_without_its_key_or_its_object_there_is_nothing():
    package = sealed(b"x")
    storages["packages"].delete(package.object_name)
    with pytest.raises(vault.DamagedError):
        opening.Plaintext(package)
    package.wrapped_key = None
    with pytest.raises(vault.DestroyedError):
        opening.Plaintext(package)


def test_one_file_is_found_by_its_exact_name():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("index.html", "Bonjour")
        made.writestr("files/é à.txt", LETTER)
    with opening.Plaintext(sealed(archive.getvalue())) as plaintext:
        members = opening.Members(plaintext)
        found = members.find("files/é à.txt")
        assert found.file_size == len(LETTER)
        assert b"".join(members.content(found)) == LETTER
        for name in ("index.htm", "./index.html", "files/../index.html", "/index.html", "files/", "", "INDEX.HTML"):
            with pytest.raises(opening.NoMember):
                members.find(name)


def test_what_is_no_archive_is_damaged(letter):
    with opening.Plaintext(letter) as plaintext, pytest.raises(vault.DamagedError):
        opening.Members(plaintext)


def _stored(package: Package) -> bytes:
    with storages["packages"].open(package.object_name) as file:
        return file.read()


def _store(package: Package, ciphertext: bytes) -> None:
    with storages["packages"].open(package.object_name, "wb") as file:
        file.write(ciphertext)
