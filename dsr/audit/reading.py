"""The log as verification reads it: in the order of the tree, a thousand at a time, straight from the driver.

No writer waits, and none disturbs: what has its place in the tree never changes. PostgreSQL hands out a batch as one
row, since its protocol would spend more time on a million rows than all the hashing takes.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.utils import OperationalError
from psycopg import Cursor

LEVEL: Final = 10
BATCH: Final = 1 << LEVEL


# A leaf beside its entry: index, hash, text, subject, n, event, instant as the text writes it, actor.
Row = tuple[int, bytes, str, str, int, str, str, str]


@dataclass(frozen=True, slots=True)
class Batch:
    """The leaves from ``start``, a multiple of BATCH, to the next; those missing are not there, nor any unreadable."""

    start: int
    rows: list[Row]

    def reaches(self, end: int) -> bool:
        """Whether every leaf from ``start`` up to ``end`` is there."""
        return len(self.rows) == end - self.start


_AT_SQLITE: Final = "replace(e.at, ' ', 'T') || CASE WHEN length(e.at) = 19 THEN '.000000Z' ELSE 'Z' END"
_AT_POSTGRESQL: Final = """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_ENTRY: Final = "e.canonical, e.subject, e.n, e.event, {at}, e.actor"
_WITHIN: Final = 'WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index"'
_ROWS: Final = (
    f'SELECT l."index", l.hash, {_ENTRY} FROM dsr_leaf l {{join}} JOIN dsr_auditentry e ON e.id = l.entry_id {_WITHIN}'  # noqa: S608
)
_WAITING: Final = f"SELECT {_ENTRY} FROM dsr_pending p JOIN dsr_auditentry e ON e.id = p.entry_id ORDER BY e.id"  # noqa: S608
_COUNTS: Final = (
    "SELECT (SELECT count(*) FROM dsr_auditentry), (SELECT count(*) FROM dsr_leaf), (SELECT count(*) FROM dsr_pending)"
)
_AGGREGATES: Final = f"""
    SELECT batch, count(*), min("index"), string_agg(hash, ''::bytea),
        string_agg(canonical, E'\\n'), string_agg(subject, E'\\n'), string_agg(n::text, E'\\n'),
        string_agg(event, E'\\n'), string_agg(at, E'\\n'), string_agg(actor, E'\\n')
    FROM (
        SELECT l."index" >> {LEVEL} AS batch, l."index", l.hash, e.canonical, e.subject, e.n, e.event,
            {_AT_POSTGRESQL} AS at, e.actor
        FROM dsr_leaf l JOIN dsr_auditentry e ON e.id = l.entry_id {_WITHIN}
    ) AS leaves
    GROUP BY batch ORDER BY batch"""  # noqa: S608
_HASH_BYTES: Final = 32


def batches(start: int, end: int) -> Iterator[Batch]:
    """The batches of the leaves from ``start``, a multiple of BATCH, up to ``end``; one without any may be left out."""
    return _batches_sqlite(start, end) if connection.vendor == "sqlite" else _batches_postgresql(start, end)


def rows(start: int, end: int) -> list[Row]:
    """The leaves of one stretch beside their entries (None where it is missing); bytes that are no text are escaped."""
    with _lenient(), connection.cursor() as cursor:
        cursor.execute(_ROWS.format(at=_instant(), join="LEFT"), [start, end])
        return [(index, bytes(value), *rest) for index, value, *rest in cursor.fetchall()]


def waiting() -> list[Row]:
    """The entries that have no place yet, in the order in which they wait, each at the index -1 and without a hash."""
    with _lenient(), connection.cursor() as cursor:
        cursor.execute(_WAITING.format(at=_instant()))
        return [(-1, b"", *rest) for rest in cursor.fetchall()]


def all_have_one_place() -> bool:
    """Whether there are as many entries as leaves and entries that wait: one statement, so of one instant."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        entries, leaves, pending = cursor.fetchone()
    return bool(entries == leaves + pending)


def text_of(subject: str, n: int) -> str | None:
    """The text at one place of a chain, or None where there is none."""
    with _lenient(), connection.cursor() as cursor:
        cursor.execute("SELECT canonical FROM dsr_auditentry WHERE subject = %s AND n = %s", [subject, n])
        found = cursor.fetchone()
    return found[0] if found else None


def _instant() -> str:
    return _AT_SQLITE if connection.vendor == "sqlite" else _AT_POSTGRESQL


def _batches_sqlite(start: int, end: int) -> Iterator[Batch]:
    for begin in range(start, end, BATCH):
        with connection.cursor() as cursor:
            cursor.execute(_ROWS.format(at=_instant(), join=""), [begin, min(begin + BATCH, end)])
            yield Batch(begin, _fetched(cursor))


def _fetched(cursor: Any) -> list[Row]:
    try:
        rows: list[Row] = cursor.fetchall()
    except OperationalError:  # some text is not UTF-8 any more
        return []
    return rows


def _batches_postgresql(start: int, end: int) -> Iterator[Batch]:
    """Streamed row by row (libpq's single-row mode), so that the server reads on while we hash."""
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        for number, *aggregate in cursor.stream(_AGGREGATES, [start, end], binary=True):
            yield Batch(number << LEVEL, _unpacked(*aggregate))


def _unpacked(count: int, first: int, hashes: bytes, *columns: str | None) -> list[Row]:
    """The rows of an aggregate; none when an entry is missing or a text holds a line break, so that counts differ."""
    texts, subjects, numbers, *others = [(column or "").split("\n") for column in columns]
    if any(len(column) != count for column in (texts, subjects, numbers, *others)):
        return []
    leaves = [hashes[at : at + _HASH_BYTES] for at in range(0, len(hashes), _HASH_BYTES)]
    events, instants, actors = others
    indexes = range(first, first + count)
    return list(zip(indexes, leaves, texts, subjects, map(int, numbers), events, instants, actors, strict=True))


@contextmanager
def _lenient() -> Iterator[None]:
    """SQLite stores whatever bytes it is given as text; here they are read all the same."""
    connection.ensure_connection()
    if connection.vendor != "sqlite":
        yield
        return
    raw: sqlite3.Connection = connection.connection
    before, raw.text_factory = raw.text_factory, lambda data: data.decode(errors="backslashreplace")
    try:
        yield
    finally:
        raw.text_factory = before
