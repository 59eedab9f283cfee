"""Single bits of the log flipped at random, in every column that is hashed or signed, in the database and beside it.

A flip that the database cannot hold is drawn again: one that breaks a constraint, and in PostgreSQL a character that is
none in UTF-8, a NUL, a number or an instant out of range. SQLite takes any bytes for a text.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from tests.audit.conftest import run

WIDTHS = {"n": 32, "level": 16}  # of the numbers in PostgreSQL; the others have 64 bits, as all of SQLite's have

ENTRY = r"entry {place} \(|leaf {place}:"
LEAF = r"leaf {new}:|leaves {place} to {place} are missing|head:|" + ENTRY
NODE = r"node {place}:|nodes {index} to {index} of level {level} are missing"
QUEUE = r"row ({key}|{new}):"
HEAD = r"head:|leaf \d+: the tree has only"
ROW = r"checkpoint row {key}:"
FILE = r"checkpoint {key}:|checkpoint row \d+: is not among those published"

# What names a damaged row in what verification says, by its table and column.
NAMED = {
    **{("dsr_auditentry", name): ENTRY for name in ("subject", "n", "event", "at", "actor", "canonical")},
    **{("dsr_leaf", name): LEAF for name in ("index", "entry_id", "hash")},
    **{("dsr_node", name): NODE for name in ("level", "index", "hash")},
    ("dsr_pending", "entry_id"): QUEUE,
    ("dsr_head", "size"): HEAD,
    ("dsr_checkpoint", "size"): ROW,
    ("dsr_checkpoint", "note"): ROW,
    ("storage", "note"): FILE,
}
KEYS = {
    "dsr_auditentry": 'SELECT e.id, l."index", NULL, NULL FROM dsr_auditentry e JOIN dsr_leaf l ON l.entry_id = e.id',
    "dsr_leaf": 'SELECT "index", "index", NULL, NULL FROM dsr_leaf',
    "dsr_node": """SELECT id, "index" || ' of level ' || level, "index", level FROM dsr_node""",
    "dsr_pending": "SELECT entry_id, NULL, NULL, NULL FROM dsr_pending",
    "dsr_head": "SELECT id, NULL, NULL, NULL FROM dsr_head",
    "dsr_checkpoint": "SELECT id, NULL, NULL, NULL FROM dsr_checkpoint",
}


@dataclass(frozen=True)
class Flip:
    """What was changed, and what has to be said of it."""

    column: tuple[str, str]
    row: tuple[Any, ...]
    old: Any
    new: Any

    def is_named_in(self, problems: list[str]) -> bool:
        names = dict(zip(("key", "place", "index", "level"), self.row, strict=True), new=self.new)
        named = NAMED[self.column].format(**{name: re.escape(str(value)) for name, value in names.items()})
        return any(re.search(f"^({named})", problem) for problem in problems)


class Hand:
    """Flips one bit at a time; who holds it has lifted the guards."""

    def __init__(self, seed: int, shelf: Path) -> None:
        self.draw = random.Random(seed)
        self.shelf = shelf
        self.files = {path: path.read_bytes() for path in sorted(shelf.rglob("*")) if path.is_file()}
        self.rows = {table: fetched(f"{sql} ORDER BY 1") for table, sql in KEYS.items()}

    def flip(self, column: tuple[str, str]) -> Flip:
        """Change one bit of the column, in a row drawn at random."""
        while True:
            try:
                with transaction.atomic():
                    return self._file() if column[0] == "storage" else self._row(column)
            except (IntegrityError, DataError, ValueError):
                continue

    def restore(self) -> None:
        """Write the files again, as the end of a transaction does for the rows."""
        for path, text in self.files.items():
            path.write_bytes(text)

    def _file(self) -> Flip:
        path, old = self.draw.choice([*self.files.items()])
        path.write_bytes(new := self._bytes(old))
        return Flip(("storage", "note"), (path.relative_to(self.shelf), None, None, None), old, new)

    def _row(self, column: tuple[str, str]) -> Flip:
        table, name = column
        row = self.draw.choice(self.rows[table])
        key = KEYS[table].split()[1].rstrip(",").removeprefix("e.")
        read, write = _forms(name)
        ((old,),) = fetched(f"SELECT {read} FROM {table} WHERE {key} = %s", row[0])
        new = self._number(old, name) if isinstance(old, int) else self._bytes(bytes(old))
        run(f'UPDATE {table} SET "{name}" = {write} WHERE {key} = %s', new, row[0])
        return Flip(column, row, old, new)

    def _bytes(self, old: bytes) -> bytes:
        at = self.draw.randrange(len(old))
        return old[:at] + bytes([old[at] ^ 1 << self.draw.randrange(8)]) + old[at + 1 :]

    def _number(self, old: int, name: str) -> int:
        width = 64 if connection.vendor == "sqlite" else WIDTHS.get(name, 64)
        new = (old ^ 1 << self.draw.randrange(width)) % (1 << width)
        return new - (1 << width) if new >> (width - 1) else new


def _forms(name: str) -> tuple[str, str]:
    """The SQL that reads a column as bytes or as a number, and the SQL that writes it back."""
    if name in {"n", "index", "entry_id", "level", "size", "hash"}:
        return f'"{name}"', "%s"
    if connection.vendor == "sqlite":
        return f"CAST({name} AS BLOB)", "CAST(%s AS TEXT)"
    if name == "at":
        return "(extract(epoch FROM at) * 1000000)::bigint", "timestamptz 'epoch' + %s * interval '1 microsecond'"
    return f"convert_to({name}, 'UTF8')", "convert_from(%s, 'UTF8')"


def fetched(sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
