"""The second look at the log: entry by entry and node by node, to say what is wrong and where."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from dsr.audit import merkle, reading
from dsr.audit.reading import Row
from dsr.models.audit import AuditEntry, Pending
from dsr.models.tree import HEIGHT, Head, Leaf, Node

NAMES = ("actor", "at", "event", "facts", "n", "previous", "subject")


def entries(start: int, end: int) -> Iterator[str]:
    """What is wrong with the leaves of a stretch and with their entries."""
    due = start
    for row in reading.rows(start, end):
        if row[0] != due:
            yield f"leaves {due} to {row[0] - 1} are missing"
        due = row[0] + 1
        yield from (f"{_name(row)}: {fault}" for fault in _faults(row))
    if due < end:
        yield f"leaves {due} to {end - 1} are missing"


def waiting() -> Iterator[str]:
    """What is wrong with the entries that have no place in the tree yet."""
    for row in reading.waiting():
        yield from (f"{_name(row)}: {fault}" for fault in _faults(row))


def strays() -> Iterator[str]:
    """What has no place, or one that it cannot have; the tables are searched for it only when their counts differ."""
    furthest = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    size = Head.objects.values_list("size", flat=True).first() or 0
    if furthest is not None and furthest >= size:
        yield f"leaf {furthest}: the tree has only {size} leaves"
    if reading.all_have_one_place():
        return
    pending = Pending.objects.values("pk")
    for pk in AuditEntry.objects.filter(leaf=None).exclude(pk__in=pending).values_list("pk", flat=True).iterator():
        yield f"row {pk}: has no place in the tree, and does not wait for one"
    for pk in pending.filter(entry__subject=None).values_list("pk", flat=True):
        yield f"row {pk}: waits for its place, and is missing"
    for index in Leaf.objects.filter(entry__in=pending).values_list("index", flat=True):
        yield f"leaf {index}: its entry still waits for its place"
    for index in Leaf.objects.filter(index__lt=0).values_list("index", flat=True):
        yield f"leaf {index}: no leaf has such a number"


def nodes(start: int, size: int, levels: dict[int, "hashlib._Hash"]) -> Iterator[str]:
    """What is wrong with the inner nodes that are kept; ``levels`` has the digest that each level must have."""
    for level, expected in levels.items():
        kept = Node.objects.filter(level=level, index__gte=start >> level, index__lt=size >> level).order_by("index")
        found = hashlib.sha256()
        for value in kept.values_list("hash", flat=True).iterator(chunk_size=2000):
            found.update(value)
        if found.digest() != expected.digest():
            yield from _bad_nodes(level, start >> level, size >> level)
    strange = Node.objects.exclude(level__in=range(HEIGHT, 64, HEIGHT)).order_by("level", "index")
    yield from (f"{_node(each)}: no node is kept there" for each in strange)


def _bad_nodes(level: int, start: int, end: int) -> Iterator[str]:
    """Each node of a level that is missing, or is not what stands below it."""
    due = start
    for node in Node.objects.filter(level=level, index__gte=start, index__lt=end).order_by("index").iterator():
        if node.index != due:
            yield f"nodes {due} to {node.index - 1} of level {level} are missing"
        due = node.index + 1
        if bytes(node.hash) != _over(level, node.index):
            yield f"{_node(node)}: is not the hash of what stands below it"
    if due < end:
        yield f"nodes {due} to {end - 1} of level {level} are missing"


def _over(level: int, index: int) -> bytes:
    """The hash of the 256 below; empty when they are not all there."""
    below = Node.objects.filter(level=level - HEIGHT) if level > HEIGHT else Leaf.objects.all()
    inside = below.filter(index__gte=index << HEIGHT, index__lt=(index + 1) << HEIGHT).order_by("index")
    row = b"".join(bytes(value) for value in inside.values_list("hash", flat=True))
    for _each in range(HEIGHT):
        row = merkle.parents(row)
    return row


def _faults(row: Row) -> Iterator[str]:
    index, value, text, subject, n, *_columns = row
    if text is None:
        yield "its entry is missing"
        return
    if index >= 0 and merkle.leaf_hash(text.encode()) != value:
        yield "its text is not what the tree holds"
    said = _said(text)
    if said is None:
        yield "its text is no entry"
    elif not _is_said_so(row, said):
        yield "its columns differ from its text"
    else:
        yield from _links(subject, n, str(said["previous"]))


def _said(text: str) -> dict[str, Any] | None:
    """What a text says, or None when it is not the text of an entry."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) and tuple(said) == NAMES else None


def _is_said_so(row: Row, said: dict[str, Any]) -> bool:
    _index, _value, _text, subject, n, event, at, actor = row
    columns = {"actor": actor, "at": at, "event": event, "n": n, "subject": subject}
    return all(said[name] == value and type(said[name]) is type(value) for name, value in columns.items())


def _links(subject: str, n: int, previous: str) -> Iterator[str]:
    """Whether an entry follows the one before it in its chain.

    Entries of before there was a tree are linked by the plain SHA-256 of the text.
    """
    before = reading.text_of(subject, n - 1)
    if n == 1 and not previous:
        return
    if before is None:
        yield "the entry before it in its chain is missing"
    elif previous not in {merkle.leaf_hash(before.encode()).hex(), hashlib.sha256(before.encode()).hexdigest()}:
        yield "does not follow the entry before it in its chain"


def _name(row: Row) -> str:
    place = row[0] if row[0] >= 0 else "waiting"
    return f"entry {place} ({row[3]} {row[4]})" if row[2] is not None else f"leaf {place}"


def _node(node: Node) -> str:
    return f"node {node.index} of level {node.level}"
