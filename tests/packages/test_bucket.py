"""The vault works with a storage that is no disk, as S3 is.

The storage is one of ours with the manners of ``django-storages``; with ``DSR_TEST_S3_ENDPOINT`` it is
``django-storages`` itself, on the server of that address.
"""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import storages

from dsr.lifecycle import delivery
from dsr.models.package import Package
from dsr.packages import opening, vault
from tests.packages.bucket import Bucket

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LETTER = [b"Alice alice@example.org " * 2000] * 300  # more than one part of an upload
ENDPOINT = os.environ.get("DSR_TEST_S3_ENDPOINT", "")


@pytest.fixture(autouse=True)
def _bucket(settings):
    """The packages lie in a bucket."""
    backend = {"BACKEND": "tests.packages.bucket.Bucket"}
    if ENDPOINT:
        options = {"bucket_name": "packages", "endpoint_url": ENDPOINT, "file_overwrite": False}
        keys = {
            "max_memory_size": 8 * 1024 * 1024,
            "access_key": "test",
            "secret_key": "test",
            "region_name": "eu-west-3",
        }
        backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {**options, **keys}}
    Bucket.objects.clear()
    settings.STORAGES = {**settings.STORAGES, "packages": backend}


def sealed(chunks=LETTER, **more):
    made = vault.seal(chunks, object_name=vault.fresh_name())
    facts = {"object_name": made.object_name, "wrapped_key": made.wrapped_key, "size": made.size}
    digest = {"ciphertext_digest": made.ciphertext_digest, "sealed_at": AT, "expires_at": AT + timedelta(days=30)}
    return Package(**facts, **digest, **more)


def test_what_goes_in_comes_out():
    assert b"".join(vault.open_stream(sealed())) == b"".join(LETTER)


def test_it_is_read_from_the_middle():
    with opening.Plaintext(sealed()) as plaintext:
        assert b"".join(plaintext.pieces(1_000_000, 1_000_100)) == b"".join(LETTER)[1_000_000:1_000_100]


def test_a_stream_that_fails_leaves_no_object():
    def broken():
        yield from LETTER
        raise LookupError

    name = vault.fresh_name()
    with pytest.raises(LookupError):
        vault.seal(broken(), object_name=name)
    assert not storages["packages"].exists(name)


def test_a_lost_object_is_refused():
    package = sealed()
    storages["packages"].delete(package.object_name)
    with pytest.raises(vault.DamagedError):
        vault.open_stream(package)


@pytest.mark.django_db
def test_destroying_takes_the_object_and_may_be_repeated(access_request):
    package = sealed([b"x"], data_request=access_request)
    package.save()
    vault.destroy(package, at=AT)
    vault.destroy(package, at=AT)
    assert not storages["packages"].exists(package.object_name)


@pytest.mark.django_db
def test_orphans_are_swept_and_what_a_row_names_stays(access_request):
    package = sealed([b"x"], data_request=access_request)
    package.save()
    orphan = sealed([b"x"])
    delivery._sweep_orphans(at=datetime.now(UTC) + timedelta(hours=1))
    assert storages["packages"].exists(orphan.object_name)
    delivery._sweep_orphans(at=datetime.now(UTC) + timedelta(days=2))
    assert not storages["packages"].exists(orphan.object_name)
    assert storages["packages"].exists(package.object_name)
