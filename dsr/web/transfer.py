"""Bytes that leave for a reader: so many at once in one process, prolonging their session while they flow."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from threading import Lock

from django.conf import settings
from django.db import connections
from django.utils import timezone

from dsr.lifecycle import downloads
from dsr.models.download import DownloadSession

PULSE = timedelta(seconds=20)
OF_ONE_SESSION = 4  # a download manager opens several connections; it must leave room for others
RETRY_SECONDS = 30


class Full(Exception):  # noqa: N818
    """This process sends as much as it may: 503, and come back a little later."""


class Interrupted(Exception):  # noqa: N818
    """The session ended while bytes were leaving: the answer breaks off, and never looks whole."""


class Room:
    """How many transfers run in this process; the other threads are left to the pages."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: Counter[int] = Counter()

    def take(self, session: DownloadSession) -> None:
        """One more; raises Full."""
        with self._lock:
            if self._taken.total() >= settings.DSR_DOWNLOADS_AT_ONCE or self._taken[session.pk] >= OF_ONE_SESSION:
                raise Full
            self._taken[session.pk] += 1

    def leave(self, session: DownloadSession) -> None:
        """One less."""
        with self._lock:
            self._taken -= Counter([session.pk])


ROOM = Room()


class Transfer:
    """The pieces of one answer; closed by the server whether it was read to the end or not."""

    def __init__(self, pieces: Iterator[bytes], session: DownloadSession, held: ExitStack) -> None:
        self._pieces = pieces
        self._session = session
        self._held = held
        self._next_pulse = timezone.now() + PULSE

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """The next piece; raises Interrupted once the session has ended."""
        at = timezone.now()
        if at >= self._next_pulse:
            self._next_pulse = at + PULSE
            if not downloads.prolong(self._session, at=at):
                raise Interrupted
            _hang_up()  # a slow download holds a thread, and need not hold a connection
        return next(self._pieces)

    def close(self) -> None:
        """Let go of what was held."""
        self._held.close()


def _hang_up() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
