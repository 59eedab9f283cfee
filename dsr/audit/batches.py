"""The log as the quick pass reads it: in the order of the tree, a thousand entries at a time, straight from the driver.

No writer waits, and none disturbs: what has its place in the tree never changes. SQLite gives rows. PostgreSQL gives a
batch as one row, since its protocol would spend more time on a million rows than all the hashing takes.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import psycopg
from django.db import connection, transaction
from django.db.utils import OperationalError

LEVEL: Final = 10
BATCH: Final = 1 << LEVEL

_WINDOW: Final = 256 * BATCH  # how much of the log PostgreSQL is asked for in one statement
_COLUMNS: Final = 6
_HASH_BYTES: Final = 32
_INSTANT_CHARACTERS: Final = 26  # SQLite leaves out a fraction of a second that is zero, and writes a shorter text


@dataclass(frozen=True, slots=True)
class Batch:
    """The leaves from ``start``, a multiple of BATCH, to the next one, column by column.

    ``hashes`` holds the leaf hashes end to end, and is empty when one is missing; the columns of the entries are empty
    when one of these is missing or cannot be read. Instants are as the text writes them, without the Z.
    """

    start: int
    hashes: bytes = b""
    texts: Sequence[str] = ()
    subjects: Sequence[str] = ()
    numbers: Sequence[int | str] = ()
    events: Sequence[str] = ()
    instants: Sequence[str] = ()
    actors: Sequence[str] = ()


_SQLITE: Final = """
    SELECT l."index", l.hash, e.canonical, e.subject, e.n, e.event, +e.at, e.actor
    FROM dsr_leaf l LEFT JOIN dsr_auditentry e ON e.id = l.entry_id
    WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index" """
_LEAVES: Final = """
    SELECT "index", CASE typeof(hash) WHEN 'blob' THEN hash END
    FROM dsr_leaf WHERE "index" >= %s AND "index" < %s ORDER BY "index" """
_POSTGRESQL: Final = f"""
    SELECT begin, seen.* FROM generate_series(%s::bigint, %s::bigint, {BATCH}) AS begin CROSS JOIN LATERAL (
        SELECT count(entry), min(octet_length(hash)), string_agg(int8send("index"), ''::bytea) AS indexes,
            string_agg(hash, ''::bytea), string_agg(entry, E'\\n')
        FROM (
            SELECT l."index", l.hash, e.canonical || E'\\n' || e.subject || E'\\n' || e.n || E'\\n' || e.event || E'\\n'
                || to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || E'\\n' || e.actor AS entry
            FROM dsr_leaf l LEFT JOIN dsr_auditentry e ON e.id = l.entry_id
            WHERE l."index" >= begin AND l."index" < least(begin + {BATCH}, %s) ORDER BY l."index" LIMIT {BATCH}
        ) AS entries
    ) AS seen WHERE indexes IS NOT NULL"""  # noqa: S608


def batches(start: int, end: int) -> Iterator[Batch]:
    """The batches of the leaves from ``start``, a multiple of BATCH, up to ``end``; one without any may be left out."""
    read, width = (_sqlite, BATCH) if connection.vendor == "sqlite" else (_postgresql, _WINDOW)
    at: int | None = start
    while at is not None and at < end:
        empty, until = True, min(at + width, end)
        for batch in read(at, until):
            empty = False
            yield batch
        at = _next_stretch(until) if empty else until


def _next_stretch(start: int) -> int | None:
    """Where the next leaf's batch begins: a forged number may lie beyond more batches than anybody can count."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT min("index") FROM dsr_leaf WHERE "index" >= %s', [start])
        (index,) = cursor.fetchone()
    return None if index is None else index >> LEVEL << LEVEL


def _sqlite(start: int, end: int) -> Iterator[Batch]:
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE, [start, end])
        try:
            rows = cursor.fetchall()
        except OperationalError:  # some text is not UTF-8 any more
            cursor.execute(_LEAVES, [start, end])
            rows = cursor.fetchall()
    if rows:
        yield _checked(start, end, rows)


def _checked(start: int, end: int, rows: list[Any]) -> Batch:
    """What is there of the types that it was written with: SQLite holds no column to its type."""
    indexes, hashes, *entries = zip(*rows, strict=True)
    if (
        indexes != tuple(range(start, end))
        or set(map(type, hashes)) != {bytes}
        or set(map(len, hashes)) != {_HASH_BYTES}
    ):
        return Batch(start)
    leaves = b"".join(hashes)
    if not entries:
        return Batch(start, leaves)
    texts, subjects, numbers, events, instants, actors = entries
    if set(map(type, chain(texts, instants))) != {str}:
        return Batch(start, leaves)
    if set(map(len, instants)) != {_INSTANT_CHARACTERS}:
        instants = tuple(at if len(at) == _INSTANT_CHARACTERS else f"{at}.000000" for at in instants)
    return Batch(start, leaves, texts, subjects, numbers, events, _written(instants), actors)


def _written(instants: Sequence[str]) -> list[str]:
    return "\n".join(instants).replace(" ", "T").split("\n")


def _postgresql(start: int, end: int) -> Iterator[Batch]:
    """Streamed row by row (libpq's single-row mode), so that the server reads on while we hash."""
    with transaction.atomic(), connection.cursor() as settings:
        settings.execute("SET LOCAL jit = off")  # it would compile for longer than it reads
        with psycopg.Cursor(connection.connection) as cursor:  # Django's own take no binary results
            for begin, *seen in cursor.stream(_POSTGRESQL, [start, end - 1, end], binary=True):
                yield _unpacked(begin, min(begin + BATCH, end), seen)


def _unpacked(start: int, end: int, seen: Sequence[Any]) -> Batch:
    """What is all there; a text that holds a line break makes more columns than there may be."""
    entries, shortest, indexes, hashes, text = seen
    expected = struct.pack(f">{end - start}q", *range(start, end))
    if indexes != expected or shortest != _HASH_BYTES or len(hashes) != _HASH_BYTES * (end - start):
        return Batch(start)
    columns = text.split("\n") if entries == end - start else []
    if len(columns) != _COLUMNS * (end - start):
        return Batch(start, hashes)
    return Batch(start, hashes, *(columns[each::_COLUMNS] for each in range(_COLUMNS)))
