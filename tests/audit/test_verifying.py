"""Whatever is not what was recorded is named, and nothing else."""

import pytest

from dsr.audit import checkpoints, first_pass, log, merkle, note, sequencer, signing, tree
from dsr.audit.first_pass import FirstPass
from dsr.models.audit import AuditEntry, Pending
from dsr.models.tree import Checkpoint, Head, Leaf, Node
from tests.audit import many
from tests.audit.conftest import entry_at, named, said

pytestmark = pytest.mark.django_db
FAR = 2**62


@pytest.mark.parametrize("size", [0, 1, 255, 256, 1023, 1024, 1025, 2049])
def test_an_untouched_log_of_any_size_verifies(grows, signs, size):
    grows(size // 2)
    sizes = {signs().size} if size > 1 else set()
    grows(size - size // 2)
    sizes |= {signs(later=1).size} if size else set()
    many.written(2, first=size)
    assert said() == []
    assert {checkpoints.opened(found.text).size for found in checkpoints.published()} == sizes


def test_the_quick_pass_sorts_out_nothing_of_an_untouched_log(grows, asks):
    asks()  # at a whole second, of which SQLite writes no fraction
    sequencer.run()
    grows(1100)
    seen = FirstPass(0, tree.size(), [tree.size()])
    seen.run(int)
    assert (seen.doubtful, list(seen.roots)) == ([], [1101])


def test_more_chains_than_fit_in_memory_give_no_alarm(damaged, monkeypatch):
    monkeypatch.setattr(first_pass, "CHAINS_AT_ONCE", 10)
    assert said() == []


def test_progress_is_told(damaged):
    told = []
    assert said(progress=told.append) == []
    assert sum(told) == 2100
    assert len(told) == 3


@pytest.mark.parametrize(
    "change",
    [{"event": "request.refused"}, {"actor": "S-ZZZZZZ"}, {"n": 99}, {"at": "2030-01-01T00:00:00Z"}, {"subject": "X"}],
    ids=lambda change: next(iter(change)),
)
def test_a_column_that_differs_from_its_text_is_named(damaged, change):
    entry_at(700).update(**change)
    assert f"{named(700)}: its columns differ from its text" in said()


def test_facts_that_differ_are_named(damaged):
    entry = entry_at(700).get()
    entry_at(700).update(canonical=log.canonical_text(entry, facts={"kind": "other"}, previous=entry.previous))
    named_first, *others = said()
    assert named_first == f"{named(700)}: its text is not what the tree holds"
    assert all(problem.endswith("does not follow the entry before it in its chain") for problem in others)


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", "[" * 100_000, '"actor"', "null", "{}\n{}"])
def test_a_text_that_is_no_entry_is_named(damaged, text):
    entry_at(700).update(canonical=text)
    assert {f"{named(700)}: its text is not what the tree holds", f"{named(700)}: its text is no entry"} <= {*said()}


def test_a_text_with_other_types_is_none(damaged):
    text = entry_at(700).get().canonical
    entry_at(700).update(canonical=text.replace('"facts":{', '"facts":[{').replace("},", "}],"))
    assert f"{named(700)}: its text is no entry" in said()


@pytest.mark.parametrize("previous", ["ab" * 32, "", "nonsense"])
def test_an_entry_that_follows_another_is_named(damaged, previous):
    entry = entry_at(700).get()
    text = log.canonical_text(entry, facts=entry.facts, previous=previous)
    entry_at(700).update(canonical=text)
    Leaf.objects.filter(index=700).update(hash=merkle.leaf_hash(text.encode()))
    assert f"{named(700)}: does not follow the entry before it in its chain" in said()


def test_entries_of_before_the_tree_are_linked_by_plain_digests(unguarded, olive, at):
    for n in (1, 2, 3):
        previous = AuditEntry.objects.filter(n=n - 1).values_list("canonical", flat=True).first()
        entry = AuditEntry(subject=olive.reference, n=n, event="log.viewed", at=at, actor=olive.reference)
        digest = merkle.sha256((previous or "").encode()).hexdigest() if previous else ""
        entry.canonical = log.canonical_text(entry, facts={}, previous=digest)
        entry.save()
        Pending.objects.create(entry=entry)
    assert said() == []
    sequencer.run()
    assert said() == []


def test_a_missing_entry_is_named_and_so_is_the_one_after_it_in_its_chain(damaged):
    entry = entry_at(700).get()
    after = Leaf.objects.get(entry__subject=entry.subject, entry__n=entry.n + 1)
    entry.delete()
    problems = said()
    assert "leaf 700: its entry is missing" in problems
    assert f"{named(after.index)}: the entry before it in its chain is missing" in problems
    assert not any(problem.startswith("checkpoint") for problem in problems)  # the leaves are all there


@pytest.mark.parametrize(("index", "count"), [(0, 1), (700, 1), (1000, 100), (1024, 1024), (2099, 1), (0, 2100)])
def test_missing_leaves_are_named(damaged, index, count):
    Leaf.objects.filter(index__range=(index, index + count - 1)).delete()
    problems = said()
    if index + count < 2100:
        assert f"leaves {index} to {index + count - 1} are missing" in problems
    else:
        assert f"head: the tree is said to have 2100 leaves, and {index} are there" in problems


def test_a_leaf_that_differs_is_named(damaged):
    Leaf.objects.filter(index=700).update(hash=b"x" * 32)
    problems = said()
    assert f"{named(700)}: its text is not what the tree holds" in problems
    assert "node 2 of level 8: is not the hash of what stands below it" in problems
    assert any(problem.endswith("the first 1500 entries are not those that were published") for problem in problems)


@pytest.mark.parametrize("index", [-1, -FAR, 2100, FAR])
def test_a_leaf_slipped_in_where_there_is_none_is_named(damaged, index):
    waiting = Pending.objects.first()
    Leaf.objects.create(index=index, entry_id=waiting.pk, hash=merkle.leaf_hash(waiting.entry.canonical.encode()))
    waiting.delete()
    assert any(problem.startswith(f"leaf {index}:") for problem in said())


@pytest.mark.parametrize("size", [-FAR, -1, 0, 2099, 2101, FAR])
def test_another_size_of_the_tree_is_named(damaged, size):
    Head.objects.update(size=size)
    assert any("the tree" in problem for problem in said())


def test_leaves_beyond_counting_are_missed_at_once(damaged):
    Leaf.objects.create(index=FAR, entry_id=Pending.objects.first().pk, hash=b"x" * 32)
    Head.objects.update(size=FAR + 1)
    assert f"leaves 2100 to {FAR - 1} are missing" in said()


@pytest.mark.parametrize("size", [2100, 0])
def test_a_tree_without_a_head_is_named(damaged, size):
    Leaf.objects.filter(index__gte=size).delete()
    Head.objects.all().delete()
    assert said() != []


@pytest.mark.parametrize("change", [{"hash": b"x" * 32}, {"index": 99}, {"level": 16}, {"level": 7}, {"index": -5}])
def test_a_node_that_differs_is_named(damaged, change):
    Node.objects.filter(index=3).update(**change)
    wrong = "node 3 of level 8: is not the hash of what stands below it"
    assert {wrong, "nodes 3 to 3 of level 8 are missing"} & {*said()}


@pytest.mark.parametrize(("level", "index"), [(8, 8), (8, -1), (8, FAR), (16, 0), (7, 0), (0, 5), (72, 0)])
def test_a_node_slipped_in_is_named(damaged, level, index):
    Node.objects.create(level=level, index=index, hash=b"x" * 32)
    assert said() == [f"node {index} of level {level}: no node is kept there"]


def test_an_entry_without_a_place_is_named(damaged):
    pk = Pending.objects.first().pk
    Pending.objects.filter(pk=pk).delete()
    assert f"row {pk}: has no place in the tree, and does not wait for one" in said()


def test_a_place_in_the_queue_without_its_entry_is_named(damaged):
    Pending.objects.filter(pk=Pending.objects.first().pk).update(entry=FAR)
    assert f"row {FAR}: waits for its place, and is missing" in said()


def test_an_entry_that_waits_in_vain_is_named(damaged):
    Pending.objects.create(entry=entry_at(700).get())
    assert "leaf 700: its entry still waits for its place" in said()


def test_an_entry_that_waits_is_looked_at(damaged):
    waiting = Pending.objects.last().entry
    AuditEntry.objects.filter(pk=waiting.pk).update(actor="S-ZZZZZZ")
    assert said() == [f"entry waiting ({waiting.subject} {waiting.n}): its columns differ from its text"]


def test_an_entry_with_two_places_is_named(loose):
    leaf = Leaf.objects.get(index=700)
    Leaf.objects.create(index=2100, entry_id=leaf.entry_id, hash=leaf.hash)
    Head.objects.update(size=2101)
    assert f"row {leaf.entry_id}: has several places in the tree" in said()


def test_a_place_with_two_leaves_is_named(loose):
    Leaf.objects.filter(index=700).update(index=699)
    assert "leaves 700 to 700 are missing" in said()


def test_only_the_end_is_verified_when_asked(damaged):
    entry_at(1023).update(actor="S-ZZZZZZ")
    assert said(start=1024) == said(start=2047) == []
    assert len(said(start=1023)) == len(said(start=-5)) == 1


def test_the_end_is_verified_against_the_whole_tree(damaged, signs):
    signs(later=1)
    entry_at(1500).update(canonical="{}")
    assert f"{named(1500)}: its text is no entry" in said(start=1500)
    Leaf.objects.filter(index=1500).update(hash=b"x" * 32)
    assert any("the first 2100 entries are not those" in problem for problem in said(start=1500))
    assert said(start=10**9) == []


@pytest.mark.parametrize("change", [{"hash": b"x" * 32}, {"level": 9}])
def test_an_end_whose_beginning_is_lost_is_not_compared(damaged, signs, change):
    signs(later=1)
    Node.objects.filter(index=1).update(**change)
    assert any(problem.startswith("checkpoint") for problem in said(start=1024))


def test_a_checkpoint_that_somebody_kept_is_compared(damaged, signs):
    kept = checkpoints.newest().text
    assert said(against=kept) == said() == []
    forged = note.Checkpoint("127.0.0.1/audit", 1400, b"x" * 32).text()
    assert said(against=signing.signer().sign(forged)) == [
        "checkpoint given: the first 1400 entries are not those that were published"
    ]
    longer = note.Checkpoint("127.0.0.1/audit", 9999, b"x" * 32).text()
    assert said(against=signing.signer().sign(longer)) == [
        "checkpoint given: 9999 entries were published, and the log has 2100"
    ]
    assert said(against="nonsense")[0].startswith("checkpoint given: ")


def test_a_checkpoint_that_differs_is_named(damaged, shelf):
    row, published = Checkpoint.objects.get(), checkpoints.newest()
    Checkpoint.objects.update(size=1499)
    assert said() == [f"checkpoint row {row.pk}: its column says 1499 leaves, and its text does not"]
    Checkpoint.objects.update(size=1500, note=row.note.replace("1500", "1501"))
    assert f"checkpoint row {row.pk}: The signature of a known key is wrong." in said()
    Checkpoint.objects.update(note=row.note)
    (shelf / published.name).write_text(published.text.replace("1500", "1501"))
    assert f"checkpoint {published.name}: The signature of a known key is wrong." in said()
    (shelf / published.name).unlink()
    assert said() == [f"checkpoint row {row.pk}: is not among those published"]
