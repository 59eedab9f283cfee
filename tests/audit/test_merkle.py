"""Trees and proofs: Certificate Transparency's published answers, then RFC 6962's own recursion as a second opinion."""

from hashlib import sha256
from itertools import combinations_with_replacement, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.audit import merkle
from dsr.audit.merkle import Frontier, verify_consistency, verify_inclusion

H = bytes.fromhex

# The reference tree of Certificate Transparency, as transparency-dev/merkle tests it.
ENTRIES = [H(""), H("00"), H("10"), H("2021"), H("3031"), H("40414243"), H("5051525354555657")]
ENTRIES += [H("606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    H("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    H("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    H("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    H("aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    H("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    H("4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    H("76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    H("ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    H("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
]
LEAF_1 = H("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7")
LEAF_4 = H("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")
LEAF_6 = H("b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f")
NODE_2_3 = H("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e")
NODE_4_5 = H("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a")
NODE_6_7 = H("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0")
NODE_4_7 = H("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")
INCLUSION = [
    (0, 8, [LEAF_1, NODE_2_3, NODE_4_7]),
    (5, 8, [LEAF_4, NODE_6_7, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], NODE_2_3, LEAF_4]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [LEAF_1, NODE_2_3, NODE_4_7]),
    (6, 8, [NODE_4_5, NODE_6_7, ROOTS[4]]),
    (2, 5, [NODE_2_3, LEAF_4]),
    (6, 7, [NODE_4_5, LEAF_6, ROOTS[4]]),
]

LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
MANY = [merkle.leaf_hash(str(n).encode()) for n in range(130)]


# RFC 6962 section 2.1, word for word: MTH, PATH and SUBPROOF over the leaf hashes themselves.


def split(n):
    """The largest power of two smaller than n."""
    return max(2**k for k in range(n) if 2**k < n)


def mth(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def audit_path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*audit_path(m, leaves[:k]), mth(leaves[k:])]
    return [*audit_path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, whole=True):
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def stored(leaves):
    """Every node whose leaves are all there."""
    levels = range(len(leaves).bit_length())
    return {(n, i): mth(leaves[i << n : i + 1 << n]) for n in levels for i in range(len(leaves) >> n)}


ALL = stored(MANY)
SMALL = stored(LEAVES)
sizes = st.integers(0, len(MANY))
places = sizes.filter(bool).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))
growths = st.tuples(sizes, sizes).map(sorted)


def picked(names):
    """Those nodes and no others, each asked for once."""
    assert len(set(names)) == len(names)
    return {name: ALL[name] for name in names}


def flipped(value):
    """Each 32 bytes that differ from these by a bit."""
    return [(int.from_bytes(value) ^ 1 << bit).to_bytes(32) for bit in range(256)]


def damaged(*hashes):
    """The hashes, once for each bit of them, with that bit flipped."""
    return [[*hashes[:n], bad, *hashes[n + 1 :]] for n, value in enumerate(hashes) for bad in flipped(value)]


@pytest.mark.parametrize("size", range(9))
def test_the_reference_tree_has_its_published_roots(size):
    assert merkle.root(size, SMALL) == ROOTS[size]
    assert mth(LEAVES[:size]) == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_the_reference_tree_has_its_published_inclusion_proofs(index, size, proof):
    assert merkle.inclusion_proof(index, size, SMALL) == proof
    assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size]) is True


@pytest.mark.parametrize(("size1", "size2", "proof"), CONSISTENCY)
def test_the_reference_tree_has_its_published_consistency_proofs(size1, size2, proof):
    assert merkle.consistency_proof(size1, size2, SMALL) == proof
    assert verify_consistency(size1, ROOTS[size1], size2, ROOTS[size2], proof) is True


@settings(deadline=None)
@given(sizes)
def test_a_root_is_that_of_the_recursion_and_needs_only_the_peaks(size):
    assert merkle.root(size, picked(merkle.peaks(size))) == mth(MANY[:size])


@settings(deadline=None)
@given(places)
def test_an_inclusion_proof_is_that_of_the_recursion_and_needs_only_its_nodes(place):
    index, size = place
    proof = merkle.inclusion_proof(index, size, picked(merkle.inclusion_nodes(index, size)))
    assert proof == audit_path(index, MANY[:size])
    assert verify_inclusion(MANY[index], index, size, proof, mth(MANY[:size])) is True


@settings(deadline=None)
@given(growths)
def test_a_consistency_proof_is_that_of_the_recursion_and_needs_only_its_nodes(growth):
    size1, size2 = growth
    proof = merkle.consistency_proof(size1, size2, picked(merkle.consistency_nodes(size1, size2)))
    assert proof == (subproof(size1, MANY[:size2]) if size1 else [])
    assert verify_consistency(size1, mth(MANY[:size1]), size2, mth(MANY[:size2]), proof) is True


@settings(deadline=None)
@given(growths)
def test_a_frontier_goes_on_from_any_size_and_completes_each_node_once(growth):
    start, size = growth
    frontier = Frontier(start, [ALL[node] for node in merkle.peaks(start)])
    completed = [item for leaf in MANY[start:size] for item in frontier.append(leaf)]
    assert (frontier.size, frontier.root()) == (size, mth(MANY[:size]))
    assert dict(completed) == {(n, i): ALL[n, i] for n, i in ALL if n and start < i + 1 << n <= size}
    assert len(dict(completed)) == len(completed)


def test_entries_are_hashed_by_the_row():
    assert merkle.leaf_row(iter(ENTRIES)) == b"".join(LEAVES)
    assert merkle.leaf_row([]) == b""


@settings(deadline=None)
@given(sizes, st.integers(0, 7))
def test_a_row_of_hashes_gives_the_row_above_without_what_lacks_its_pair(size, level):
    row = b"".join(ALL[level, index] for index in range(size >> level))
    above = b"".join(ALL[level + 1, index] for index in range(size >> level + 1))
    assert merkle.parents(row) == (above if size >> level + 1 else b"")


@pytest.mark.parametrize(("index", "size"), [(index, size) for size in range(1, 9) for index in range(size)])
def test_a_bit_changed_in_leaf_root_or_proof_is_no_inclusion(index, size):
    proof = merkle.inclusion_proof(index, size, SMALL)
    for leaf, root, *path in damaged(LEAVES[index], ROOTS[size], *proof):
        assert verify_inclusion(leaf, index, size, path, root) is False


@pytest.mark.parametrize(("size1", "size2"), [*combinations_with_replacement(range(1, 9), 2)])
def test_a_bit_changed_in_a_root_or_the_proof_is_no_consistency(size1, size2):
    proof = merkle.consistency_proof(size1, size2, SMALL)
    for root1, root2, *path in damaged(ROOTS[size1], ROOTS[size2], *proof):
        assert verify_consistency(size1, root1, size2, root2, path) is False


@settings(deadline=None)
@given(places, places)
def test_a_proof_holds_for_no_other_leaf(place, other):
    (index, size), (elsewhere, _) = place, other
    proof = merkle.inclusion_proof(index, size, ALL)
    for leaf, at in [(MANY[elsewhere], index), (MANY[index], elsewhere)]:
        assert verify_inclusion(leaf, at, size, proof, mth(MANY[:size])) is (elsewhere == index)


@settings(deadline=None)
@given(growths, sizes)
def test_no_tree_grew_from_another(growth, other):
    size1, size2 = growth
    proof, root2 = merkle.consistency_proof(size1, size2, ALL), mth(MANY[:size2])
    assert verify_consistency(size1, mth(MANY[:other]), size2, root2, proof) is (other == size1)
    forked = mth([*MANY[: size2 - 1], merkle.leaf_hash(b"forked")])
    assert verify_consistency(size1, mth(MANY[:size1]), size2, forked, proof) is (size1 == 0 < size2)


@pytest.mark.parametrize("change", [lambda p: p[:-1], lambda p: p[1:], lambda p: [*p, p[-1]], lambda p: [p[0], *p]])
def test_a_proof_of_another_length_proves_nothing(change):
    inclusion, consistency = change(merkle.inclusion_proof(5, 7, SMALL)), change(merkle.consistency_proof(3, 7, SMALL))
    assert verify_inclusion(LEAVES[5], 5, 7, inclusion, ROOTS[7]) is False
    assert verify_consistency(3, ROOTS[3], 7, ROOTS[7], consistency) is False


def test_a_path_that_ends_below_or_above_the_root_proves_nothing():
    above = merkle.node_hash(NODE_2_3, ROOTS[2])
    assert verify_inclusion(LEAVES[0], 0, 8, [LEAF_1], ROOTS[2]) is False
    assert verify_inclusion(LEAVES[0], 0, 2, [LEAF_1, NODE_2_3], ROOTS[4]) is False
    assert verify_inclusion(LEAVES[0], 0, 2, [LEAF_1, NODE_2_3], above) is False
    assert verify_consistency(1, ROOTS[1], 8, ROOTS[2], [LEAF_1]) is False


@pytest.mark.parametrize("size", [0, 5])
def test_every_tree_grew_from_the_empty_one_and_from_itself_without_a_proof(size):
    empty, head = merkle.EMPTY_ROOT, ROOTS[size]
    for start, root in [(0, empty), (size, head)]:
        assert verify_consistency(start, root, size, head, []) is True
        assert verify_consistency(start, LEAF_1, size, head, []) is False
        assert verify_consistency(start, root, size, head, [LEAF_1]) is False
    assert verify_consistency(0, LEAF_1, 0, LEAF_1, []) is False


class Hostile:
    """Raises whatever is asked of it."""

    def refuse(self, *args):
        raise RuntimeError

    __len__ = __iter__ = __eq__ = __lt__ = __ge__ = __index__ = __bool__ = __getitem__ = __class__ = property(refuse)
    __hash__ = None


huge = st.sampled_from([2**64, -(2**64), 2**100_000, 2**100_000 - 1, 10**5000])
scalars = st.one_of(st.none(), st.booleans(), st.integers(), huge, st.floats(), st.text(), st.binary(max_size=40))
odd = st.one_of(
    scalars,
    st.binary(min_size=32, max_size=32).map(bytearray),
    st.binary(min_size=32, max_size=32).map(memoryview),
    st.lists(st.one_of(scalars, st.binary(min_size=32, max_size=32)), max_size=4),
    st.dictionaries(st.integers(), st.binary(), max_size=2),
    st.builds(lambda: repeat(LEAF_1)),
    st.builds(lambda: (each for each in [LEAF_1, NODE_2_3, NODE_4_7])),
    st.builds(Hostile),
)


@settings(deadline=None)
@given(st.tuples(odd, odd, odd, odd, odd))
def test_nonsense_gets_an_answer_and_raises_nothing(arguments):
    assert type(verify_inclusion(*arguments)) is bool
    assert type(verify_consistency(*arguments)) is bool


@settings(deadline=None)
@given(st.integers(0, 4), odd.filter(lambda value: type(value) is not int or not 0 <= value < 2**64))
def test_one_argument_of_nonsense_makes_a_good_proof_false(place, nonsense):
    for verify, good in [
        (verify_inclusion, [LEAVES[0], 0, 8, INCLUSION[0][2], ROOTS[8]]),
        (verify_consistency, [6, ROOTS[6], 8, ROOTS[8], CONSISTENCY[2][2]]),
    ]:
        arguments = [*good[:place], nonsense, *good[place + 1 :]]
        assert verify(*arguments) is (type(nonsense) in (bytes, list) and nonsense == good[place])


@pytest.mark.parametrize("bits", [63, 64, 1_000_000])
def test_a_tree_of_any_size_is_reckoned_at_once(bits):
    size = 2**bits + 1
    nodes = {(bits, 0): LEAF_1, (0, 2**bits): LEAF_4}
    assert merkle.inclusion_proof(2**bits, size, nodes) == [LEAF_1]
    assert verify_inclusion(LEAF_4, 2**bits, size, [LEAF_1], merkle.root(size, nodes)) is True
    assert verify_consistency(2**bits, LEAF_1, size, merkle.root(size, nodes), [LEAF_4]) is True


@pytest.mark.parametrize("pair", [(-1, 5), (1, -5), (6, 5), (True, 5), ("1", 5), (1, None), (1.0, 5), (9**9999, 5)])
def test_what_is_no_place_and_no_growth_has_no_proof(pair):
    for refused in (merkle.inclusion_nodes, merkle.consistency_nodes):
        with pytest.raises(ValueError, match=r"of that size\.$"):
            refused(*pair)
    with pytest.raises(ValueError, match="not in a tree"):
        merkle.inclusion_proof(5, 5, SMALL)
    with pytest.raises(ValueError, match="does not grow"):
        merkle.consistency_proof(6, 5, SMALL)


def test_a_proof_whose_node_is_not_stored_is_not_made():
    with pytest.raises(KeyError):
        merkle.inclusion_proof(8, 10, SMALL)


@pytest.mark.parametrize(
    ("size", "hashes"), [(-1, []), (0, [LEAF_1]), (3, [LEAF_1]), (1, [b"short"]), (True, [LEAF_1])]
)
def test_a_frontier_begins_with_the_peaks_of_its_size(size, hashes):
    with pytest.raises(ValueError, match="tree"):
        Frontier(size, hashes)


def test_a_frontier_takes_hashes_only():
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier().append(b"not a hash")
