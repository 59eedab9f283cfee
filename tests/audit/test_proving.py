"""Single entries are proven against the newest checkpoint, and what was changed shows."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dsr.audit import checkpoints, log, merkle, proving, sequencer
from dsr.audit.proving import Verdict
from dsr.models.audit import AuditEntry
from dsr.models.tree import Checkpoint, Leaf, Node

pytestmark = pytest.mark.django_db


@pytest.fixture
def records(remi, at):
    """``records(3)`` writes three entries, without their places; returns their numbers."""

    @transaction.atomic
    def write(count):
        return [log.record("log.viewed", by=remi, at=at + timedelta(seconds=n)).pk for n in range(count)]

    return write


@pytest.fixture
def publishes(at):
    """Give every entry its place, and sign a checkpoint over them."""

    def publish():
        sequencer.run()
        checkpoints.publish(at=at)

    return publish


def verdicts(pks):
    return [each.verdict for each in proving.entries(pks, proving.newest())]


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_every_entry_of_a_tree_of_several_blocks_is_proven(records, publishes):
    pks = records(600)
    publishes()
    assert set(verdicts(pks)) == {Verdict.PROVEN}


def test_a_proof_leads_from_the_leaf_to_the_signed_root(records, publishes):
    pks = records(7)
    publishes()
    anchor = proving.newest()
    for each in proving.entries(pks, anchor):
        leaf = merkle.leaf_hash(each.row[2].encode())
        assert merkle.verify_inclusion(leaf, each.row[0], anchor.size, list(each.path), anchor.root)


def test_a_page_is_proven_in_a_handful_of_queries(records, publishes):
    pks = records(100)
    publishes()
    anchor = proving.newest()
    with CaptureQueriesContext(connection) as queries:
        proving.entries(pks, anchor)
    assert len(queries) <= 4


def test_entries_come_in_the_order_asked_for_and_unknown_numbers_are_left_out(records, publishes):
    pks = records(3)
    publishes()
    asked = [pks[2], 987654321, pks[0]]
    assert [each.pk for each in proving.entries(asked, proving.newest())] == [pks[2], pks[0]]
    assert proving.entries([], proving.newest()) == []


def test_an_entry_waits_for_its_place_then_for_a_checkpoint(records, publishes):
    assert proving.newest() is None
    pks = records(1)
    assert verdicts(pks) == [Verdict.WAITING]
    sequencer.run()
    assert verdicts(pks) == [Verdict.AHEAD]
    publishes()
    assert verdicts(pks + records(1)) == [Verdict.PROVEN, Verdict.WAITING]
    sequencer.run()
    assert verdicts(list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))) == [
        Verdict.PROVEN,
        Verdict.AHEAD,
    ]


def test_a_changed_text_shows_and_its_neighbours_stay_proven(unguarded, records, publishes):
    pks = records(3)
    publishes()
    text = AuditEntry.objects.get(pk=pks[1]).canonical
    AuditEntry.objects.filter(pk=pks[1]).update(canonical=text.replace("log.viewed", "log.verified"))
    assert verdicts(pks) == [Verdict.PROVEN, Verdict.ALTERED, Verdict.PROVEN]


@pytest.mark.parametrize(
    "change",
    [{"event": "log.verified"}, {"actor": "system"}, {"subject": "LOG"}, {"n": 9}, {"at": "2020-01-01T00:00Z"}],
)
def test_a_changed_column_shows(change, unguarded, records, publishes):
    pks = records(2)
    publishes()
    AuditEntry.objects.filter(pk=pks[0]).update(**change)
    assert verdicts(pks) == [Verdict.DIFFERENT, Verdict.PROVEN]


def test_a_changed_leaf_shows_and_nothing_beside_it_can_be_proven(unguarded, records, publishes):
    pks = records(2)
    publishes()
    Leaf.objects.filter(entry=pks[0]).update(hash=bytes(32))
    assert verdicts(pks) == [Verdict.ALTERED, Verdict.UNPROVEN]


def test_text_and_leaf_changed_together_lead_to_another_root(unguarded, records, publishes):
    pks = records(2)
    publishes()
    entry = AuditEntry.objects.get(pk=pks[0])
    text = log.canonical_text(entry, facts={"slipped": "in"}, previous="")
    AuditEntry.objects.filter(pk=entry.pk).update(canonical=text)
    Leaf.objects.filter(entry=entry).update(hash=merkle.leaf_hash(text.encode()))
    assert verdicts(pks) == [Verdict.UNPROVEN, Verdict.UNPROVEN]


def test_a_removed_node_leaves_its_entries_unproven(unguarded, records, publishes):
    pks = records(300)
    publishes()
    Node.objects.all().delete()
    assert verdicts([pks[0], pks[299]]) == [Verdict.PROVEN, Verdict.UNPROVEN]


def test_an_entry_whose_leaf_was_removed_has_no_place(unguarded, records, publishes):
    pks = records(2)
    publishes()
    Leaf.objects.filter(entry=pks[0]).delete()
    assert verdicts(pks) == [Verdict.LOST, Verdict.UNPROVEN]


def test_a_place_beyond_the_tree_is_none(unguarded, records, publishes):
    pks = records(1)
    publishes()
    stray = AuditEntry(subject="LOG", n=1, event="log.viewed", at=AuditEntry.objects.get(pk=pks[0]).at, actor="system")
    stray.canonical = log.canonical_text(stray, facts={}, previous="")
    stray.save()
    Leaf.objects.create(index=7, entry=stray, hash=merkle.leaf_hash(stray.canonical.encode()))
    assert verdicts([stray.pk]) == [Verdict.LOST]


def test_a_checkpoint_that_we_did_not_sign_proves_nothing(records, publishes):
    pks = records(2)
    publishes()
    signed = Checkpoint.objects.get()
    longer = signed.note.replace(f"\n{signed.size}\n", "\n9\n")
    Checkpoint.objects.create(size=9, note=longer, published_at=signed.published_at)
    assert proving.newest().root == b""
    assert verdicts(pks) == [Verdict.UNSIGNED] * 2


def test_bytes_that_are_no_text_and_columns_of_another_type_are_told_not_stumbled_over(unguarded, records, publishes):
    pks = records(2)
    publishes()
    run("UPDATE dsr_auditentry SET canonical = '[' WHERE id = %s", pks[0])
    if connection.vendor == "sqlite":  # PostgreSQL holds columns to their types
        run("UPDATE dsr_auditentry SET canonical = CAST(X'ff' AS TEXT) WHERE id = %s", pks[0])
        run("UPDATE dsr_auditentry SET at = 'yesterday', n = 'two' WHERE id = %s", pks[1])
        run("UPDATE dsr_leaf SET hash = 'x' WHERE entry_id = %s", pks[1])
    assert verdicts(pks) == [Verdict.ALTERED, Verdict.ALTERED if connection.vendor == "sqlite" else Verdict.PROVEN]


def test_a_chain_is_followed_one_entry_back(unguarded, records, publishes):
    pks = records(3)
    publishes()
    AuditEntry.objects.filter(pk=pks[1]).update(canonical="{}")
    assert [proving.follows(each) for each in proving.entries(pks, proving.newest())] == [True, False, False]
