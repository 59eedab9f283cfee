"""One instant of the databases: all that a package is made of is read along a second connection, in one snapshot.

PostgreSQL gives REPEATABLE READ READ ONLY; SQLite a deferred transaction that only reads, which with a write-ahead log
keeps no writer waiting. The caller's own connection stays free to renew its lease. A caller that already is inside a
transaction goes on reading in it: that is its snapshot, and what it has not committed is seen.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from itertools import islice
from threading import local
from types import MappingProxyType
from typing import TypeVar

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")

_held: ContextVar[Mapping[str, BaseDatabaseWrapper]] = ContextVar("held", default=MappingProxyType({}))


class _Kept(local):
    """The connections that are open between two snapshots, by their names."""

    def __init__(self) -> None:
        self.of_this_thread: dict[str, BaseDatabaseWrapper] = {}


_kept = _Kept()

BEGINNING = {
    "postgresql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL idle_in_transaction_session_timeout = 0",  # a large file may take long between two readings
        "SET LOCAL enable_bitmapscan = off",  # pages in the order of an index, not all that is left sorted for each
        "SELECT 1",
    ),
    "sqlite": ("PRAGMA query_only = ON", "SELECT COUNT(*) FROM sqlite_master"),
}


def reading_alias(alias: str) -> str:
    """Where a source reads what it finds under an alias: the snapshot that is held of it, or the alias itself."""
    return connection_to(alias).alias


def connection_to(alias: str) -> BaseDatabaseWrapper:
    """The connection to the snapshot that is held of a database, or this thread's own."""
    return _held.get().get(alias) or connections[alias]


def ahead(pages: Iterator[T], *, databases: Collection[str]) -> Iterator[T]:
    """The same pages, each read while the one before is worked on; a few, or outside a snapshot, are read in turn.

    The thread that reads has the snapshot's connection to itself until the pages end or are let go.
    """
    first = list(islice(pages, 2))
    yield from first
    if len(first) < 2 or not databases or not _held.get().keys() >= set(databases):  # noqa: PLR2004 - all there were
        yield from pages
        return
    read = partial(copy_context().run, partial(next, pages, None))
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read)
        while (page := coming.result()) is not None:
            coming = reader.submit(read)
            yield page


@contextmanager
def of(aliases: Iterable[str]) -> Iterator[None]:
    """Hold a snapshot of each of these databases; one that is held already is kept."""
    with ExitStack() as stack:
        held = dict(_held.get())
        for alias in sorted(set(aliases) - held.keys()):
            if not connections[alias].in_atomic_block:
                held[alias] = stack.enter_context(_opened(alias))
        token = _held.set(held)
        stack.callback(_held.reset, token)
        yield


@contextmanager
def _opened(alias: str) -> Iterator[BaseDatabaseWrapper]:
    """A second connection under an alias of its own, in a transaction whose snapshot is taken.

    It stays open for the next one as long as CONN_MAX_AGE says; between two of them nothing finds it.
    """
    name = f"{alias}@snapshot"
    kept = _kept.of_this_thread
    connection = connections[name] = kept.pop(name) if name in kept else _copied(connections[alias], name)
    connection.close_if_unusable_or_obsolete()
    try:
        with transaction.atomic(using=name):
            with connection.cursor() as cursor:
                for statement in BEGINNING[connection.vendor]:
                    cursor.execute(statement)
            connection.inc_thread_sharing()  # ``ahead`` reads along it
            try:
                yield connection
            finally:
                connection.dec_thread_sharing()
    finally:
        connection.close_if_unusable_or_obsolete()
        _kept.of_this_thread[name] = connection
        del connections[name]


def close() -> None:
    """Close what this thread keeps open between two snapshots."""
    while _kept.of_this_thread:
        _kept.of_this_thread.popitem()[1].close()


def _copied(connection: BaseDatabaseWrapper, name: str) -> BaseDatabaseWrapper:
    copied = connection.copy(alias=name)
    options = copied.settings_dict["OPTIONS"]
    options.pop("transaction_mode", None)  # IMMEDIATE would wait for writers, and they for us
    options.pop("pool", None)
    return copied
