"""Every committed entry gets its place, consecutive and without a gap, however many write and sequence at once."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connections, transaction

from dsr.audit import log, merkle, sequencer, tree
from dsr.audit.verifying import verify
from dsr.models.audit import AuditEntry, Pending
from dsr.models.tree import HEIGHT, Head, Leaf, Node
from tests.audit import many

WRITERS, TRANSACTIONS = 8, 1000

pytestmark = pytest.mark.django_db


class Changed(Exception):  # noqa: N818
    """The one who writes thought better of it."""


@pytest.fixture
def views(remi, at):
    """``views(3)`` records three entries of one chain."""

    @transaction.atomic
    def view(count=1):
        return [log.record("log.viewed", by=remi, at=at).pk for _each in range(count)]

    return view


def places():
    return list(Leaf.objects.order_by("index").values_list("index", "entry"))


def test_entries_take_their_places_in_the_order_they_were_written(views):
    first = views(3)
    assert sequencer.run() == 3
    second = views(2)
    assert sequencer.run() == 2
    assert places() == list(enumerate([*first, *second]))
    assert Head.objects.get().size == 5


def test_what_has_its_place_waits_no_more(views):
    views(2)
    assert sequencer.is_due()
    sequencer.run()
    assert not sequencer.is_due()
    assert (sequencer.run(), Pending.objects.count()) == (0, 0)


def test_more_than_one_batch_is_sequenced_at_once(monkeypatch, views):
    monkeypatch.setattr(sequencer, "AT_ONCE", 7)
    pks = views(30)
    assert sequencer.run() == 30
    assert places() == list(enumerate(pks))
    assert list(verify()) == []


def test_what_was_rolled_back_leaves_no_gap(views):
    views()
    with transaction.atomic():
        views(2)
        transaction.set_rollback(True)
    kept = views()
    sequencer.run()
    assert places()[1:] == [(1, *kept)]
    assert list(verify()) == []


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 65_536])
def test_the_nodes_that_are_kept_are_those_of_the_tree(size):
    many.written(size)
    assert sequencer.run() == size
    frontier, expected = merkle.Frontier(), {}
    for text in AuditEntry.objects.order_by("pk").values_list("canonical", flat=True):
        expected |= frontier.append(merkle.leaf_hash(text.encode()))
    kept = {(level, index): bytes(value) for level, index, value in Node.objects.values_list("level", "index", "hash")}
    assert kept == {node: value for node, value in expected.items() if node[0] % HEIGHT == 0}
    assert tree.root(size) == frontier.root()
    assert list(verify()) == []


@pytest.mark.parametrize("size", [1, 256, 600])
def test_every_place_is_proven_in_the_tree_of_every_size(size):
    many.written(size)
    sequencer.run()
    for index in {0, size // 2, size - 1}:
        leaf, proof = bytes(Leaf.objects.get(index=index).hash), tree.inclusion_proof(index, size)
        assert merkle.verify_inclusion(leaf, index, size, proof, tree.root(size))
        consistent = tree.consistency_proof(index + 1, size)
        assert merkle.verify_consistency(index + 1, tree.root(index + 1), size, tree.root(size), consistent)


def test_a_sequencer_that_dies_in_the_middle_leaves_no_trace(monkeypatch, views):
    def die(model, columns, rows):
        insert(model, columns, rows)
        if model is Node:
            raise Changed

    views(2)
    insert = sequencer._insert
    monkeypatch.setattr(sequencer, "_insert", die)
    with pytest.raises(Changed):
        sequencer.run()
    assert (places(), Pending.objects.count(), tree.size()) == ([], 2, 0)
    monkeypatch.undo()
    assert sequencer.run() == 2
    assert list(verify()) == []


def test_a_sequencer_that_was_overtaken_does_nothing(monkeypatch, views):
    views(3)
    sequencer.run()
    views(2)
    monkeypatch.setattr(tree, "size", lambda: 0)
    assert sequencer.run() == 0
    assert (len(places()), Pending.objects.count()) == (3, 2)


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_at_once_give_each_entry_one_place(monkeypatch):
    monkeypatch.setattr(sequencer, "AT_ONCE", 50)
    many.written(1000)
    start = Barrier(3)

    def run():
        start.wait()
        try:
            return sum(sequencer.run() for _turn in range(10))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        done = [future.result() for future in [pool.submit(run) for _each in range(3)]]
    assert sum(done) + sequencer.run() == 1000
    assert [index for index, _entry in places()] == list(range(1000))
    assert list(verify()) == []


def test_an_entry_that_waits_for_longer_than_a_minute_is_late(views, at):
    assert not sequencer.is_late(at + timedelta(days=1))
    views()
    assert sequencer.oldest_waiting() == at
    assert not sequencer.is_late(at + timedelta(seconds=60))
    assert sequencer.is_late(at + timedelta(seconds=60, microseconds=1))
    sequencer.run()
    assert not sequencer.is_late(at + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_eight_writers_with_second_thoughts_and_delays_leave_no_gap(asks, at):
    """8 × 1,000 transactions over four chains, while a sequencer works."""
    requests, done = [asks(email=f"reader.{number}@example.org") for number in range(4)], Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        sequencing = pool.submit(_sequence, done)
        writing = [pool.submit(_write, number, requests[number % 4], at) for number in range(WRITERS)]
        kept = len(requests) + sum(writer.result() for writer in writing)
        done.set()
        sequenced = sequencing.result() + sequencer.run()
    assert kept == sequenced == AuditEntry.objects.count() == Leaf.objects.count()
    assert kept < WRITERS * TRANSACTIONS
    assert [index for index, _entry in places()] == list(range(kept))
    assert list(verify()) == []


def _write(number, data_request, at):
    """One writer's transactions; returns how many entries were committed."""
    draw, kept = random.Random(number), 0

    def view(chance):
        with transaction.atomic():
            log.record("request.viewed", about=data_request, by=log.SYSTEM, at=at)
            time.sleep(draw.random() / 1000 if draw.random() < 0.1 else 0)
            if draw.random() < chance:
                raise Changed
        return 1

    for _each in range(TRANSACTIONS):
        try:
            with transaction.atomic():
                written = view(0.1)
                written += _perhaps(view) if draw.random() < 0.1 else 0
                kept += written
        except Changed:
            continue
    connections.close_all()
    return kept


def _perhaps(view):
    """A savepoint that is often given up, while the transaction around it goes on."""
    try:
        return view(0.5)
    except Changed:
        return 0


def _sequence(done):
    sequenced = 0
    while not done.is_set():
        sequenced += sequencer.run()
        time.sleep(0.02)
    connections.close_all()
    return sequenced
