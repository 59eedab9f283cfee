"""Objects at rest are unreadable without both keys, whole or refused, and gone once their key is."""

import gc
import itertools
import random
import threading
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import storages
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.models.package import Package
from dsr.packages import vault

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LETTER = b"Alice alice@example.org " * 20_000


def sealed(chunks: Iterable[bytes] = (LETTER,)) -> Package:
    """A package of these bytes, not saved."""
    made = vault.seal(chunks, object_name=vault.fresh_name())
    return Package(
        object_name=made.object_name,
        wrapped_key=made.wrapped_key,
        size=made.size,
        ciphertext_digest=made.ciphertext_digest,
        sealed_at=AT,
        expires_at=AT + timedelta(days=30),
    )


def stored(package: Package) -> bytes:
    with storages["packages"].open(package.object_name) as file:
        return file.read()


def store(package: Package, ciphertext: bytes) -> None:
    with storages["packages"].open(package.object_name, "wb") as file:
        file.write(ciphertext)


def opened(package: Package) -> bytes:
    return b"".join(vault.open_stream(package))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200_000), max_size=4))
def test_what_goes_in_comes_out(chunks):
    package = sealed(chunks)
    assert opened(package) == b"".join(chunks)
    assert package.size == sum(map(len, chunks))


def test_the_stored_object_is_age_and_holds_no_plaintext():
    ciphertext = stored(sealed())
    assert ciphertext.startswith(b"age-encryption.org/v1\n")
    assert b"alice" not in ciphertext.lower()


def test_the_same_letter_is_sealed_under_another_key_each_time():
    first, second = sealed(), sealed()
    assert first.wrapped_key != second.wrapped_key
    first.object_name, first.ciphertext_digest = second.object_name, second.ciphertext_digest
    with pytest.raises(vault.DamagedError):
        opened(first)


def test_the_private_key_is_not_stored_in_clear():
    assert b"AGE-SECRET-KEY" not in sealed().wrapped_key


def test_another_service_key_opens_nothing(settings):
    package = sealed()
    settings.DSR_SERVICE_KEY = "22" * 32
    with pytest.raises(vault.DamagedError):
        vault.open_stream(package)


@pytest.mark.parametrize("kept", [0, 10, 300, 65_000, 200_000, -1])
def test_a_truncated_object_is_refused_before_the_first_byte(kept):
    package = sealed()
    store(package, stored(package)[:kept])
    with pytest.raises(vault.DamagedError):
        vault.open_stream(package)


def test_a_flipped_bit_is_refused_before_the_first_byte():
    package = sealed()
    ciphertext = bytearray(stored(package))
    ciphertext[random.Random(7).randrange(len(ciphertext))] ^= 1
    store(package, bytes(ciphertext))
    with pytest.raises(vault.DamagedError):
        vault.open_stream(package)


def test_an_object_cut_between_check_and_reading_never_passes_for_whole():
    package = sealed()
    stream = vault.open_stream(package)
    store(package, stored(package)[:250_000])
    with pytest.raises(vault.DamagedError):
        list(stream)


def test_a_missing_object_is_refused():
    package = sealed()
    storages["packages"].delete(package.object_name)
    with pytest.raises(vault.DamagedError):
        vault.open_stream(package)


def test_a_download_left_early_ends_its_thread():
    before = threading.active_count()
    stream = vault.open_stream(sealed([LETTER * 20]))
    assert next(stream)
    decrypting = threading.enumerate()[-1]
    assert threading.active_count() == before + 1
    stream.close()
    decrypting.join(timeout=10)
    assert not decrypting.is_alive()


def test_a_stream_that_fails_leaves_no_object_and_raises_its_own_error():
    def broken():
        yield LETTER
        raise LookupError("alice")

    name = vault.fresh_name()
    with pytest.raises(LookupError):
        vault.seal(broken(), object_name=name)
    assert not storages["packages"].exists(name)


def test_an_interrupted_worker_leaves_no_object():
    def interrupted():
        yield LETTER
        raise KeyboardInterrupt

    name = vault.fresh_name()
    with pytest.raises(KeyboardInterrupt):
        vault.seal(interrupted(), object_name=name)
    assert not storages["packages"].exists(name)


def test_a_name_is_never_used_twice():
    package = sealed()
    with pytest.raises(vault.NameTakenError):
        vault.seal([b"other"], object_name=package.object_name)
    assert opened(package) == LETTER


def test_names_are_random_and_say_nothing():
    names = {vault.fresh_name() for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) == 36 and name.endswith(".age") for name in names)


def test_a_large_object_is_sealed_and_opened_in_little_memory():
    megabyte = bytes(range(256)) * 4096
    gc.collect()
    tracemalloc.start()
    package = sealed(itertools.repeat(megabyte, 64))
    size = sum(len(chunk) for chunk in vault.open_stream(package))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 64 * len(megabyte)
    assert peak < 6 * 1024 * 1024


@pytest.mark.django_db
def test_destroying_takes_the_key_then_the_object(access_request):
    package = sealed()
    package.data_request = access_request
    package.save()
    vault.destroy(package, at=AT)
    package.refresh_from_db()
    assert package.wrapped_key is None
    assert package.destroyed_at == AT
    assert not storages["packages"].exists(package.object_name)
    with pytest.raises(vault.DestroyedError):
        vault.open_stream(package)


@pytest.mark.django_db
def test_destroying_again_finishes_and_keeps_the_first_instant(access_request):
    package = sealed()
    package.data_request = access_request
    package.wrapped_key = None  # a worker died between the key and the object
    package.save()
    vault.destroy(package, at=AT)
    vault.destroy(package, at=AT + timedelta(days=1))
    assert not storages["packages"].exists(package.object_name)
    assert package.destroyed_at == AT


@pytest.mark.django_db
def test_the_key_is_gone_even_when_the_storage_fails(access_request, monkeypatch):
    package = sealed()
    package.data_request = access_request
    package.save()
    storage = storages["packages"]
    monkeypatch.setattr(storage, "delete", _failing)
    with pytest.raises(OSError, match="disk"):
        vault.destroy(package, at=AT)
    package.refresh_from_db()
    assert package.wrapped_key is None
    assert package.destroyed_at is None


def _failing(name):
    raise OSError("disk")
