"""The log's tree as it is stored: reading the hashes that a proof needs, whatever the size of the log.

Leaves and every eighth level of inner nodes are rows; a node between is hashed anew from the 256 below it at most. So a
proof reads a few blocks of 256 hashes, and never an entry.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from django.db.models import Max

from dsr.audit import merkle
from dsr.models.tree import HEIGHT, Head, Leaf, Node

WIDTH = 1 << HEIGHT


def size() -> int:
    """How many entries have their place in the tree."""
    return Head.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def leaves() -> int:
    """How many there would be, were none missing before the last one."""
    last: int | None = Leaf.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def root(of_size: int) -> bytes:
    """The root over the first leaves; raises KeyError for more of them than there are."""
    return merkle.root(of_size, nodes(merkle.peaks(of_size)))


def inclusion_proof(index: int, of_size: int) -> list[bytes]:
    """The proof that a leaf stands in the tree of that size (RFC 6962, section 2.1.1); ValueError outside the tree."""
    return merkle.inclusion_proof(index, of_size, nodes(merkle.inclusion_nodes(index, of_size)))


def consistency_proof(of_size: int, with_size: int) -> list[bytes]:
    """The proof that the tree of a size is the beginning of a larger one (RFC 6962, section 2.1.2)."""
    return merkle.consistency_proof(of_size, with_size, nodes(merkle.consistency_nodes(of_size, with_size)))


def nodes(wanted: Iterable[merkle.Node]) -> dict[merkle.Node, bytes]:
    """The hashes of complete subtrees, by level and index; one that is not complete yet is left out."""
    by_block: dict[merkle.Node, list[merkle.Node]] = {}
    for level, index in wanted:
        band, above = divmod(level, HEIGHT)
        by_block.setdefault((band, index >> (HEIGHT - above)), []).append((level, index))
    found: dict[merkle.Node, bytes] = {}
    for (band, number), inside in by_block.items():
        block = dict(_block(band, number))
        found |= {node: block[node] for node in inside if node in block}
    return found


def as_hash(value: object) -> bytes:
    """What a column of hashes holds; nothing when it is no hash, as SQLite lets it be."""
    return bytes(value) if isinstance(value, bytes | memoryview) and len(value) == merkle.HASH_BYTES else b""


def _block(band: int, number: int) -> Iterator[tuple[merkle.Node, bytes]]:
    """What 256 stored hashes side by side give: themselves, and the nodes over them below the next stored level."""
    level, start = band * HEIGHT, number * WIDTH
    row = dict(_stored(level, start, start + WIDTH))
    while row:
        yield from (((level, index), value) for index, value in row.items())
        level += 1
        pairs = [(left, right) for left, right in pairwise(sorted(row)) if left % 2 == 0 and right == left + 1]
        row = {left // 2: merkle.node_hash(row[left], row[right]) for left, right in pairs}


def _stored(level: int, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    rows = Node.objects.filter(level=level) if level else Leaf.objects
    for index, value in rows.filter(index__gte=start, index__lt=end).values_list("index", "hash"):
        if found := as_hash(value):
            yield index, found
