"""Whether single entries are what was recorded: text against leaf, and leaf against the root of the newest checkpoint.

An auditor's page of entries is proven at once: the hashes that its proofs share are read once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection

from dsr.audit import checkpoints, merkle, reading, second_look, tree
from dsr.audit.note import NoteError
from dsr.audit.reading import Row
from dsr.models.tree import Checkpoint


class Verdict(StrEnum):
    """What came of it; one that is not among FINE means that somebody changed the log."""

    PROVEN = "proven"
    AHEAD = "ahead"  # of every checkpoint
    WAITING = "waiting"  # for its place
    ALTERED = "altered"
    NO_ENTRY = "no-entry"
    DIFFERENT = "different"
    LOST = "lost"
    UNSIGNED = "unsigned"
    UNPROVEN = "unproven"


FINE: Final = frozenset({Verdict.PROVEN, Verdict.AHEAD, Verdict.WAITING})


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the newest checkpoint states; its root is empty when it is not signed by us."""

    size: int
    root: bytes
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Proven:
    """One entry as it is stored beside its leaf (an empty hash: none), what came of it, and its proof if it has one."""

    pk: int
    row: Row
    verdict: Verdict
    path: Sequence[bytes] = ()


def newest() -> Anchor | None:
    """The newest checkpoint; None before the first."""
    row = Checkpoint.objects.first()
    if row is None:
        return None
    try:
        stated = checkpoints.opened(row.note)
    except NoteError:
        return Anchor(row.size, b"", row.published_at)
    return Anchor(stated.size, stated.root, row.published_at)


def entries(pks: Sequence[int], anchor: Anchor | None) -> list[Proven]:
    """The entries of these numbers, in their order; a number that no entry has is left out."""
    size, rows = tree.size(), _rows(pks)
    seen = {pk: (row, _at_sight(row, size, waits=waits)) for pk, row, waits in rows}
    due = [row[0] for row, verdict in seen.values() if verdict is None and _is_under(anchor, row[0])]
    nodes = tree.nodes(node for index in due for node in merkle.inclusion_nodes(index, anchor.size if anchor else 0))
    return [_proven(pk, *seen[pk], anchor, nodes) for pk in pks if pk in seen]


def follows(entry: Proven) -> bool:
    """Whether an entry names the one before it in its chain as that one is."""
    said = second_look.said_by(entry.row[2])
    return said is not None and not any(second_look.links(said["subject"], said["n"], said["previous"]))


def _at_sight(row: Row, size: int, *, waits: bool) -> Verdict | None:
    """What the entry alone gives away; None when all that is left to do is to prove its place."""
    index, leaf, text, *_columns = row
    if not isinstance(text, str):  # SQLite holds no column to its type
        return Verdict.NO_ENTRY
    if leaf and merkle.leaf_hash(text.encode()) != leaf:
        return Verdict.ALTERED
    said = second_look.said_by(text)
    if said is None:
        return Verdict.NO_ENTRY
    if not second_look.is_said_so(row, said):
        return Verdict.DIFFERENT
    if not leaf:
        return Verdict.WAITING if waits else Verdict.LOST
    return None if 0 <= index < size else Verdict.LOST


def _is_under(anchor: Anchor | None, index: int) -> bool:
    return anchor is not None and bool(anchor.root) and index < anchor.size


def _proven(
    pk: int, row: Row, verdict: Verdict | None, anchor: Anchor | None, nodes: Mapping[merkle.Node, bytes]
) -> Proven:
    index, leaf, *_entry = row
    if verdict:
        return Proven(pk, row, verdict)
    if anchor is None or index >= anchor.size:
        return Proven(pk, row, Verdict.AHEAD)
    if not anchor.root:
        return Proven(pk, row, Verdict.UNSIGNED)
    try:
        path = merkle.inclusion_proof(index, anchor.size, nodes)
    except KeyError:
        return Proven(pk, row, Verdict.UNPROVEN)
    led = merkle.verify_inclusion(leaf, index, anchor.size, path, anchor.root)
    return Proven(pk, row, Verdict.PROVEN if led else Verdict.UNPROVEN, path)


_ENTRIES: Final = """
    SELECT e.id, p.entry_id IS NOT NULL, coalesce(l."index", -1), l.hash,
        e.canonical, e.subject, e.n, e.event, {at}, e.actor
    FROM dsr_auditentry e LEFT JOIN dsr_leaf l ON l.entry_id = e.id LEFT JOIN dsr_pending p ON p.entry_id = e.id
    WHERE e.id IN ({ids})"""


def _rows(pks: Sequence[int]) -> list[tuple[int, Row, bool]]:
    """Each entry's number, the entry beside its leaf (an empty hash: it has none), and whether it waits for one."""
    ids = ", ".join(["%s"] * len(pks)) or "NULL"
    with reading.lenient(), connection.cursor() as cursor:
        cursor.execute(_ENTRIES.format(at=reading.instant(), ids=ids), pks)
        return [(pk, (index, _hash(leaf), *row), bool(waits)) for pk, waits, index, leaf, *row in cursor.fetchall()]


def _hash(value: object) -> bytes:
    """What a leaf holds, were it no hash; nothing when there is no leaf."""
    if value is None:
        return b""
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
