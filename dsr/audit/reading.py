"""The log as the second look reads it: row by row, whatever became of it. Quick reading is in ``batches``."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

# A leaf beside its entry: index, hash, text, subject, n, event, instant as the text writes it, actor.
Row = tuple[int, bytes, str, str, int, str, str, str]

PAGE: Final = 1024

_AT_SQLITE: Final = "replace(e.at, ' ', 'T') || CASE WHEN length(e.at) = 19 THEN '.000000Z' ELSE 'Z' END"
_AT_POSTGRESQL: Final = """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_ENTRY: Final = "e.canonical, e.subject, e.n, e.event, {at}, e.actor"
_ROWS: Final = f"""
    SELECT l."index", l.hash, {_ENTRY} FROM dsr_leaf l LEFT JOIN dsr_auditentry e ON e.id = l.entry_id
    WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index" LIMIT {PAGE}"""  # noqa: S608
_WAITING: Final = f"""
    SELECT e.id, {_ENTRY} FROM dsr_pending p JOIN dsr_auditentry e ON e.id = p.entry_id
    WHERE e.id > %s ORDER BY e.id LIMIT {PAGE}"""  # noqa: S608
_COUNTS: Final = """
    SELECT (SELECT count(*) FROM dsr_auditentry), (SELECT count(*) FROM dsr_leaf), (SELECT count(*) FROM dsr_pending),
        (SELECT count(*) FROM dsr_pending p JOIN dsr_auditentry e ON e.id = p.entry_id
            WHERE NOT EXISTS (SELECT 1 FROM dsr_leaf l WHERE l.entry_id = p.entry_id))"""


def pages(start: int, end: int) -> Iterator[Sequence[Row]]:
    """The leaves of a stretch beside their entries (None where it is missing), some at a time."""
    while page := _fetched(_ROWS, [start, end]):
        yield [(index, _bytes(value), *rest) for index, value, *rest in page]
        start = page[-1][0] + 1


def waiting() -> Iterator[Row]:
    """The entries that have no place yet, in the order in which they wait, each at the index -1 and without a hash."""
    last = 0
    while page := _fetched(_WAITING, [last]):
        yield from ((-1, b"", *rest) for _pk, *rest in page)
        last = page[-1][0]


def counted() -> tuple[int, int, int, int]:
    """Entries, leaves, rows of the queue, entries that rightly wait there: one statement, so of one instant."""
    ((entries, leaves, pending, waiting),) = _fetched(_COUNTS, [])
    return entries, leaves, pending, waiting


def text_of(subject: str, n: int) -> str | None:
    """The text at one place of a chain, or None where there is none."""
    found = _fetched("SELECT canonical FROM dsr_auditentry WHERE subject = %s AND n = %s", [subject, n])
    return found[0][0] if found else None


@contextmanager
def lenient() -> Iterator[None]:
    """SQLite stores any bytes it is given as text; here they are read all the same, those that are none escaped."""
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


def instant() -> str:
    """The SQL for the instant of an entry ``e`` as its text writes it."""
    return _AT_SQLITE if connection.vendor == "sqlite" else _AT_POSTGRESQL


def _fetched(sql: str, parameters: list[Any]) -> list[Any]:
    with lenient(), connection.cursor() as cursor:
        cursor.execute(sql.format(at=instant()), parameters)
        rows: list[Any] = cursor.fetchall()
        return rows


def _bytes(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
