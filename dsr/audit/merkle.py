"""Merkle trees of RFC 6962 section 2.1: their hashes, their proofs from stored nodes, and the verification of both.

A node is named by its level and its index: node (l, i) covers the leaves from i * 2**l up to, not including,
(i + 1) * 2**l, and level 0 holds the leaf hashes. Only nodes whose leaves are all there are stored; such a node never
changes. Each proof says first which nodes it needs, so that they may be fetched in one query.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from struct import unpack_from
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()

_LEAF, _NODE = sha256(b"\x00"), sha256(b"\x01")

Node = tuple[int, int]
Nodes = Mapping[Node, bytes]


def leaf_hash(data: bytes) -> bytes:
    """The 32 bytes that stand for an entry. A leaf and a node are told apart by what is hashed before them."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32 bytes that stand for two subtrees, given the hash of each."""
    return sha256(b"\x01" + left + right).digest()


def leaf_row(entries: Iterable[bytes]) -> bytes:
    """The leaf hashes of entries, laid end to end."""
    return b"".join(_hashed(_LEAF, entries))


def parents(row: bytes) -> bytes:
    """The level above a level of hashes laid end to end, likewise; a last one without its pair has no parent yet."""
    return b"".join(_hashed(_NODE, unpack_from("64s" * (len(row) // 64), row)))


def peaks(size: int) -> list[Node]:
    """The complete subtrees that make up a tree of `size` leaves, left to right, the largest first; none when empty.

    A `size` that is no count raises ValueError.
    """
    if not _is_count(size):
        raise ValueError("The size of a tree is the count of its leaves.")
    found, rest = [], size
    while rest:
        level = _trailing_zeros(rest)
        found.append((level, size >> level ^ 1))
        rest &= rest - 1
    return found[::-1]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over the hashes of `peaks(size)`, in their order; EMPTY_ROOT over none."""
    if not hashes:
        return EMPTY_ROOT
    *others, folded = hashes
    for left in reversed(others):
        folded = node_hash(left, folded)
    return folded


def root(size: int, nodes: Nodes) -> bytes:
    """The tree head of the first `size` leaves, from `peaks(size)`. A peak that is missing raises KeyError."""
    return root_of([nodes[node] for node in peaks(size)])


def inclusion_nodes(index: int, size: int) -> list[Node]:
    """The nodes `inclusion_proof` reads. A leaf outside the tree raises ValueError."""
    return [*chain(*_inclusion_path(index, size))]


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, from the leaf upwards.

    A leaf outside the tree raises ValueError; a node of `inclusion_nodes` that is missing raises KeyError.
    """
    return _folded(_inclusion_path(index, size), nodes)


def consistency_nodes(size1: int, size2: int) -> list[Node]:
    """The nodes `consistency_proof` reads. A tree that would have shrunk raises ValueError."""
    return [*chain(*_consistency_path(size1, size2))]


def consistency_proof(size1: int, size2: int, nodes: Nodes) -> list[bytes]:
    """PROOF(size1, D[size2]) of RFC 6962 section 2.1.2; empty from the empty tree and from a tree to itself.

    A tree that would have shrunk raises ValueError; a node of `consistency_nodes` that is missing raises KeyError.
    """
    return _folded(_consistency_path(size1, size2), nodes)


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf stands at `index` under the `root` of a tree of `size` leaves (RFC 9162 section 2.1.3.2).

    Anything may be given and nothing is raised: what is not a count, 32 `bytes`, or a list or tuple of these, is false.
    """
    if not (_is_count(index) and _is_count(size) and _are_hashes(proof) and _are_hashes((leaf_hash, root))):
        return False
    return index < size and _climbed(index, size - 1, leaf_hash, proof)[1] == root


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree under `root2` begins with the whole tree under `root1` (RFC 9162 section 2.1.4.2).

    Every tree begins with the empty one, and a tree with itself: these need an empty proof. Anything may be given and
    nothing is raised: what is not a count, 32 `bytes`, or a list or tuple of these, is false.
    """
    if not (_is_count(size1) and _is_count(size2) and _are_hashes(proof) and _are_hashes((root1, root2))):
        return False
    if size1 == 0:
        return not proof and root1 == EMPTY_ROOT and (size2 > 0 or root2 == EMPTY_ROOT)
    if size1 == size2:
        return not proof and root1 == root2
    if size1 > size2 or not proof:
        return False
    start, *path = proof if size1 & (size1 - 1) else (root1, *proof)
    level = _trailing_zeros(size1)
    return _climbed(size1 - 1 >> level, size2 - 1 >> level, start, path) == (root1, root2)


class Frontier:
    """The right edge of a tree: all that is needed to append to it. Begins with the hashes of `peaks(size)`."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(peaks(size)) != len(hashes) or not _are_hashes([*hashes]):
            raise ValueError("A frontier begins with one hash for each peak of its tree.")
        self.size = size
        self.hashes = [*hashes]

    def append(self, leaf_hash: bytes) -> list[tuple[Node, bytes]]:
        """Add one leaf; returns the nodes above level 0 that it completes, lowest first, to be stored with it.

        What is not 32 bytes raises ValueError.
        """
        if len(leaf_hash) != HASH_BYTES:
            raise ValueError("A leaf hash has 32 bytes.")
        hashes, completed = self.hashes, []
        level, index, top = 0, self.size, leaf_hash
        while index & 1:
            level += 1
            index >>= 1
            top = sha256(b"\x01" + hashes.pop() + top).digest()
            completed.append(((level, index), top))
        hashes.append(top)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The tree head of all leaves appended so far."""
        return root_of(self.hashes)


def _hashed(begun: "_Hash", parts: Iterable[bytes]) -> Iterator[bytes]:
    """The hash of each part after what was begun with; to copy that is quicker than to begin anew."""
    copy = begun.copy
    for part in parts:
        each = copy()
        each.update(part)
        yield each.digest()


def _inclusion_path(index: int, size: int) -> list[list[Node]]:
    if not (_is_count(index) and _is_count(size) and index < size):
        raise ValueError("That leaf is not in a tree of that size.")
    return _path(0, index, size)


def _consistency_path(size1: int, size2: int) -> list[list[Node]]:
    """The way up from the last peak of the old tree, which the proof begins with unless it is all of the old tree."""
    if not (_is_count(size1) and _is_count(size2) and size1 <= size2):
        raise ValueError("A tree of that size does not grow into one of that size.")
    if size1 in {0, size2}:
        return []
    *others, last = peaks(size1)
    path = _path(*last, size2)
    return [[last], *path] if others else path


def _path(level: int, index: int, size: int) -> list[list[Node]]:
    """What stands beside the way from a node to the root: for each hash of the proof, the nodes it folds."""
    tops = peaks(size)
    own = next(n for n, (top, i) in enumerate(tops) if top >= level and index >> (top - level) == i)
    below = [[(lower, index >> (lower - level) ^ 1)] for lower in range(level, tops[own][0])]
    right = tops[own + 1 :]
    return [*below, *([right] if right else []), *([left] for left in reversed(tops[:own]))]


def _folded(path: list[list[Node]], nodes: Nodes) -> list[bytes]:
    return [root_of([nodes[node] for node in group]) for group in path]


def _climbed(index: int, last: int, start: bytes, path: Sequence[bytes]) -> tuple[bytes | None, bytes | None]:
    """The root of the tree that ends with the node `start`, and that of the whole tree; none when the path is too short
    or too long. `index` is the node's, `last` that of the last node on its level.
    """
    old = new = start
    for sibling in path:
        if not last:
            return None, None
        levels = 1
        if index & 1 or index == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            levels += _trailing_zeros(index)
        else:
            new = node_hash(new, sibling)
        index, last = index >> levels, last >> levels
    return (None, None) if last else (old, new)


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _are_hashes(values: object) -> bool:
    """Types are compared exactly: an object of another class may do anything when it is read."""
    if type(values) is not list and type(values) is not tuple:
        return False
    return all(type(value) is bytes and len(value) == HASH_BYTES for value in values)
