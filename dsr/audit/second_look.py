"""The second look at the log: entry by entry and node by node, to say what is wrong and where."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

from django.db.models import Count, Max, Min, Q

from dsr.audit import merkle, reading, tree
from dsr.audit.reading import Row
from dsr.models.audit import AuditEntry, Pending
from dsr.models.tree import HEIGHT, Leaf, Node

NAMES = {"actor": str, "at": str, "event": str, "facts": dict, "n": int, "previous": str, "subject": str}


def entries(start: int, end: int) -> Iterator[str]:
    """What is wrong with the leaves of a stretch and with their entries."""
    due = start
    for page in reading.pages(start, end):
        near = {(subject, n): text for _index, _value, text, subject, n, *_columns in page}
        for row in page:
            if row[0] != due:
                yield f"leaves {due} to {row[0] - 1} are missing"
            due = row[0] + 1
            yield from (f"{_name(row)}: {fault}" for fault in _faults(row, near))
    if due < end:
        yield f"leaves {due} to {end - 1} are missing"


def waiting() -> Iterator[str]:
    """What is wrong with the entries that have no place in the tree yet."""
    for row in reading.waiting():
        yield from (f"{_name(row)}: {fault}" for fault in _faults(row, {}))


def strays() -> Iterator[str]:
    """What has no place, or one that it cannot have; the tables are searched for it only when their counts differ."""
    edges = Leaf.objects.aggregate(first=Min("index"), last=Max("index"))
    size = tree.size()
    if edges["first"] is not None and edges["first"] < 0:
        yield f"leaf {edges['first']}: no leaf has such a number"
    if edges["last"] is not None and edges["last"] >= size:
        yield f"leaf {edges['last']}: the tree has only {size} leaves"
    entries, leaves, pending, waiting = reading.counted()
    if entries != leaves + waiting or pending != waiting:
        yield f"{entries} entries, {leaves} leaves, and a queue of {pending}: something is lost, or was slipped in"
        yield from _lost()


def _lost() -> Iterator[str]:
    pending = Pending.objects.values("pk")
    for pk in AuditEntry.objects.filter(leaf=None).exclude(pk__in=pending).values_list("pk", flat=True).iterator():
        yield f"row {pk}: has no place in the tree, and does not wait for one"
    for pk in pending.exclude(pk__in=AuditEntry.objects.values("pk")).values_list("pk", flat=True).iterator():
        yield f"row {pk}: waits for its place, and is missing"
    for index in Leaf.objects.filter(entry__in=pending).values_list("index", flat=True).iterator():
        yield f"leaf {index}: its entry still waits for its place"
    for pk in Leaf.objects.values_list("entry", flat=True).annotate(count=Count("*")).filter(count__gt=1).order_by():
        yield f"row {pk}: has several places in the tree"


def nodes(start: int, size: int, levels: dict[int, "hashlib._Hash"]) -> Iterator[str]:
    """What is wrong with the inner nodes that are kept; ``levels`` has the digest that each level must have."""
    for level, expected in levels.items():
        kept = Node.objects.filter(level=level, index__gte=start >> level, index__lt=size >> level).order_by("index")
        found = hashlib.sha256()
        for value in kept.values_list("hash", flat=True).iterator(chunk_size=2000):
            found.update(tree.as_hash(value))
        if found.digest() != expected.digest():
            yield from _bad_nodes(level, start >> level, size >> level)
    yield from _strange_nodes(size)


def _strange_nodes(size: int) -> Iterator[str]:
    """Nodes where none is kept. The tree may have grown since it had that size."""
    places = {level: Q(level=level, index__range=(0, (size >> level) - 1)) for level in range(HEIGHT, 64, HEIGHT)}
    for node in Node.objects.exclude(reduce(or_, places.values())).order_by("level", "index").iterator():
        if node.level not in places or not 0 <= node.index < tree.size() >> node.level:
            yield f"{_node(node)}: no node is kept there"


def _bad_nodes(level: int, start: int, end: int) -> Iterator[str]:
    """Each node of a level that is missing, or is not what stands below it."""
    due = start
    for node in Node.objects.filter(level=level, index__gte=start, index__lt=end).order_by("index").iterator():
        if node.index != due:
            yield f"nodes {due} to {node.index - 1} of level {level} are missing"
        due = node.index + 1
        if tree.as_hash(node.hash) != _over(level, node.index):
            yield f"{_node(node)}: is not the hash of what stands below it"
    if due < end:
        yield f"nodes {due} to {end - 1} of level {level} are missing"


def _over(level: int, index: int) -> bytes:
    """The hash of the 256 below; empty when they are not all there."""
    below = Node.objects.filter(level=level - HEIGHT) if level > HEIGHT else Leaf.objects.all()
    inside = below.filter(index__gte=index << HEIGHT, index__lt=(index + 1) << HEIGHT).order_by("index")
    row = b"".join(tree.as_hash(value) for value in inside.values_list("hash", flat=True))
    for _each in range(HEIGHT):
        row = merkle.parents(row)
    return row


def _faults(row: Row, near: Mapping[tuple[str, int], str]) -> Iterator[str]:
    index, value, text, subject, n, *_columns = row
    if not isinstance(text, str):
        yield "its entry is missing" if text is None else "its text is none"
        return
    if index >= 0 and merkle.leaf_hash(text.encode()) != value:
        yield "its text is not what the tree holds"
    said = said_by(text)
    if said is None:
        yield "its text is no entry"
    elif not is_said_so(row, said):
        yield "its columns differ from its text"
    else:
        yield from links(subject, n, str(said["previous"]), near)


def said_by(text: str) -> dict[str, Any] | None:
    """What a text says, or None when it is not the text of an entry."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or list(said) != list(NAMES):
        return None
    return said if all(type(said[name]) is kind for name, kind in NAMES.items()) else None


def is_said_so(row: Row, said: dict[str, Any]) -> bool:
    """Whether the columns beside a text are what it says."""
    _index, _value, _text, subject, n, event, at, actor = row
    columns = {"actor": actor, "at": at, "event": event, "n": n, "subject": subject}
    return all(said[name] == value and type(said[name]) is type(value) for name, value in columns.items())


def links(
    subject: str, n: int, previous: str, near: Mapping[tuple[str, int], str] = MappingProxyType({})
) -> Iterator[str]:
    """Whether an entry follows the one before it in its chain; ``near`` has texts that were read already.

    Entries of before there was a tree are linked by the plain SHA-256 of the text.
    """
    if n == 1 and not previous:
        return
    before = near.get((subject, n - 1)) or reading.text_of(subject, n - 1)
    if not isinstance(before, str):
        yield "the entry before it in its chain is missing"
    elif previous not in {merkle.leaf_hash(before.encode()).hex(), hashlib.sha256(before.encode()).hexdigest()}:
        yield "does not follow the entry before it in its chain"


def _name(row: Row) -> str:
    place = row[0] if row[0] >= 0 else "waiting"
    return f"entry {place} ({row[3]} {row[4]})" if row[2] is not None else f"leaf {place}"


def _node(node: Node) -> str:
    return f"node {node.index} of level {node.level}"
