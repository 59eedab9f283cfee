"""Work that one process does at a time, on whichever machine; the lock goes with the process, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import connection

LOCKS: Final = {"replay": 0x6473720001}  # « dsr » and a number, as PostgreSQL names an advisory lock


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until nobody else does the work of that name, and do it: PostgreSQL holds the lock, else a file does."""
    with _in_postgresql(LOCKS[name]) if connection.vendor == "postgresql" else _in_a_file(name):
        yield


@contextmanager
def _in_postgresql(number: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


@contextmanager
def _in_a_file(name: str) -> Iterator[None]:
    settings.DSR_DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DSR_DATA_DIR / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
