"""Checkpoints: when one is due, what keeps one from being signed, and what counts as published."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.files.storage import storages
from django.db import connections

from dsr.audit import checkpoints, note, signing, tree
from dsr.audit.checkpoints import Inconsistent
from dsr.audit.verifying import verify
from dsr.models.tree import Checkpoint, Head, Leaf, Node

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def names():
    return [found.name for found in checkpoints.published()]


@pytest.fixture
def refused(at):
    """``refused("nodes")``: nothing is signed, and the sentence says why."""

    def refuse(why):
        before = names(), Checkpoint.objects.count()
        with pytest.raises(Inconsistent, match=why):
            checkpoints.publish(at=at + 2 * DAY)
        assert (names(), Checkpoint.objects.count()) == before

    return refuse


def test_an_empty_log_is_not_published(at):
    assert checkpoints.publish(at=at) is None
    assert checkpoints.newest() is None


def test_a_checkpoint_states_the_size_and_the_root(grows, signs):
    grows(300)
    row = signs()
    stated = checkpoints.opened(row.note)
    assert (stated.origin, stated.size, stated.root) == ("127.0.0.1/audit", 300, tree.root(300))
    assert (row.size, checkpoints.newest().text) == (300, row.note)


def test_one_is_due_as_soon_as_the_log_grew(grows, signs, at):
    grows(3)
    signs()
    assert checkpoints.publish(at=at + MOMENT) is None
    grows(1)
    assert checkpoints.publish(at=at + MOMENT).size == 4


def test_one_is_due_every_day_even_when_nothing_happened(grows, signs, at):
    grows(3)
    signs()
    assert checkpoints.publish(at=at + DAY - MOMENT) is None
    assert checkpoints.publish(at=at + DAY).size == 3
    assert checkpoints.publish(at=at + DAY + MOMENT) is None


def test_those_published_come_in_the_order_of_their_sizes(grows, signs):
    sizes = [9, 10, 11, 250]
    for number, size in enumerate(sizes):
        grows(size - tree.size())
        signs(later=number * 20 * 86_400)  # over several months
    assert [checkpoints.opened(found.text).size for found in checkpoints.published()] == sizes
    assert names() == sorted(names())
    assert checkpoints.newest().name == names()[-1]


def test_one_signed_by_a_clock_that_was_wrong_hides_none_that_follow(grows, signs):
    grows(3)
    signs(later=400 * 86_400)
    grows(3)
    assert signs().size == 6
    assert checkpoints.opened(checkpoints.newest().text).size == 6


def test_an_empty_storage_does_not_mean_a_new_log(grows, signs, refused):
    grows(3)
    signs()
    for name in names():
        storages["checkpoints"].delete(name)
    grows(3)
    refused("their storage holds none")


def test_a_log_that_is_shorter_than_the_last_one_is_not_signed(unguarded, grows, signs, refused):
    grows(5)
    signs()
    Leaf.objects.filter(index__gte=3).delete()
    Head.objects.update(size=3)
    refused("the log has 3 entries, and 5 were published")


@pytest.mark.parametrize("size", [5, 9])
def test_a_log_that_was_rewritten_is_not_signed(unguarded, grows, signs, refused, size):
    grows(5)
    signs()
    Leaf.objects.filter(index=2).update(hash=b"x" * 32)
    grows(size - 5)
    refused("the first 5 entries are not those that were published")


def test_a_log_whose_tree_has_holes_is_not_signed(unguarded, grows, signs, refused):
    grows(300)
    signs()
    grows(300)
    Node.objects.filter(level=8, index=0).delete()
    refused("nodes of the tree are missing")


def test_a_file_that_a_power_cut_tore_was_never_out(grows, signs, shelf):
    grows(3)
    whole = signs().note
    torn = shelf / names()[0].replace("000000000003", "000000000004")
    for kept in range(len(whole.encode())):
        torn.write_bytes(whole.encode()[:kept])
        assert checkpoints.newest().text == whole
    assert list(verify()) == []
    grows(1)
    assert signs(later=1).size == 4
    assert len(names()) == 2


def test_nothing_is_signed_after_a_file_that_cannot_be_read(grows, signs, shelf, refused):
    grows(3)
    signs()
    path = shelf / names()[0]
    path.write_bytes(path.read_bytes().replace(b"3", b"4", 1))
    refused(f"the last checkpoint, {names()[0]}, cannot be read: The signature of a known key is wrong")


def test_a_new_key_goes_on_where_a_past_one_ended(grows, signs, settings, refused):
    grows(3)
    signs()
    past, settings.DSR_LOG_KEY = signing.signer().verifier.text, "ab" * 32
    refused("No known key signed the note")
    settings.DSR_LOG_PAST_KEYS = [past]
    grows(1)
    signs(later=1)
    assert list(verify()) == []


def test_a_checkpoint_of_another_log_is_none_of_ours():
    theirs = note.Checkpoint("another.example/audit", 3, b"x" * 32).text()
    with pytest.raises(note.NoteError, match="it is about another log"):
        checkpoints.opened(signing.signer().sign(theirs))


def test_one_that_was_published_counts_although_its_row_was_lost(unguarded, grows, monkeypatch, at, refused):
    grows(3)
    monkeypatch.setattr(Checkpoint.objects, "create", lambda **_row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        checkpoints.publish(at=at)
    assert (len(names()), list(verify())) == (1, [])
    Leaf.objects.filter(index=2).update(hash=b"x" * 32)
    refused("the first 3 entries are not those that were published")


@pytest.mark.django_db(transaction=True)
def test_two_publishers_at_once_publish_once(grows, at):
    grows(300)
    start = Barrier(3)

    def publish():
        start.wait()
        try:
            return checkpoints.publish(at=at)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        done = [future.result() for future in [pool.submit(publish) for _each in range(3)]]
    assert sum(row is not None for row in done) == 1
    assert len(names()) == Checkpoint.objects.count() == 1
