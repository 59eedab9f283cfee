"""Downloads over real connections: one that breaks off goes on, byte for byte; nothing stays held."""

import http.client
import io
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from dsr.lifecycle import downloads
from dsr.models.audit import AuditEntry
from dsr.models.identity import Purpose, Secret
from dsr.models.package import Package
from dsr.models.request import DataRequest
from dsr.packages import vault
from dsr.web.transfer import ROOM

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = bytes(number % 251 for number in range(1 << 16)) * 128  # 8 MiB, more than any buffer on the way


@pytest.fixture
def held(live_server):
    """The address of a copy of 8 MiB, and the token that opens it."""
    at = timezone.now()
    data_request = DataRequest.objects.create(
        kind="access", state="answered", channel="form", email="alice@example.org", received_at=at, entered_at=at,
        confirmed_at=at, closed_at=at, answer_sent_at=at,
    )  # fmt: skip
    sealed = vault.seal([CONTENT], object_name=vault.fresh_name())
    Package.objects.create(
        data_request=data_request, object_name=sealed.object_name, wrapped_key=sealed.wrapped_key, size=sealed.size,
        ciphertext_digest=sealed.ciphertext_digest, sealed_at=at, announced_at=at, expires_at=at + downloads.LONGEST,
    )  # fmt: skip
    secret = Secret.draw(data_request, Purpose.DOWNLOAD, at=at, expires_at=at + downloads.LONGEST)
    begun = downloads.begin(data_request, code=secret.code, at=at)
    return urlsplit(f"{live_server.url}/telechargement/{data_request.reference}/copie.zip"), begun


@contextmanager
def ask(address, token, method="GET", **headers):
    """One request on a connection of its own, which breaks when the block ends."""
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    sent = {"Authorization": f"Bearer {token}", "Connection": "close", **headers}
    connection.request(method, address.path, headers=sent)
    with connection.getresponse() as answer:
        yield answer
    connection.close()


def all_left():
    """Wait until no transfer holds its place."""
    limit = time.monotonic() + 20
    while ROOM._taken.total():
        assert time.monotonic() < limit, "a transfer still holds its place"
        time.sleep(0.02)


def test_a_connection_that_breaks_is_taken_up_where_it_broke(held):
    address, begun = held
    with ask(address, begun.token) as answer:
        etag, got = answer.headers["ETag"], answer.read(1_000_000)
    while len(got) < len(CONTENT):
        with ask(address, begun.token, Range=f"bytes={len(got)}-", **{"If-Range": etag}) as answer:
            assert answer.status == 206
            assert answer.headers["Content-Range"] == f"bytes {len(got)}-{len(CONTENT) - 1}/{len(CONTENT)}"
            got += answer.read(3_000_000)
    assert got == CONTENT
    all_left()
    events = list(AuditEntry.objects.order_by("n").values_list("event", flat=True))
    assert events.count("package.downloaded") == 1
    assert events.count("package.resumed") == 3


def test_four_connections_at_once_take_a_quarter_each(held, settings):
    settings.DSR_DOWNLOADS_AT_ONCE = 4
    address, begun = held
    quarter = len(CONTENT) // 4

    def take(number):
        first = number * quarter
        with ask(address, begun.token, Range=f"bytes={first}-{first + quarter - 1}") as answer:
            return answer.read()

    with ThreadPoolExecutor(4) as pool:
        assert b"".join(pool.map(take, range(4))) == CONTENT
    all_left()


def test_head_and_a_range_beyond_the_end_over_the_wire(held):
    address, begun = held
    with ask(address, begun.token, "HEAD") as answer:
        assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, str(len(CONTENT)), b"")
    with ask(address, begun.token, Range=f"bytes={len(CONTENT)}-") as answer:
        assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")


def test_what_is_altered_while_it_leaves_never_looks_whole(held):
    address, begun = held
    with ask(address, begun.token) as answer:
        answer.read(100_000)
        with open(storages["packages"].path(begun.session.package.object_name), "r+b") as stored:
            stored.seek(-40_000, io.SEEK_END)
            stored.write(b"another end")
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
    all_left()
