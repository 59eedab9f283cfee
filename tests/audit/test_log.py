"""Recording and verifying."""

import hashlib
import json

import pytest
from django.db import IntegrityError, connection, transaction

from dsr.audit import log, merkle, sequencer
from dsr.audit.verifying import verify
from dsr.models.audit import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(asks, at):
    """A request with four entries."""
    data_request = asks()
    for to in ("S-AAAAAA", "S-BBBBBB", "S-CCCCCC"):
        log.record("request.assigned", about=data_request, by=log.SYSTEM, at=at, facts={"to": to})
    return AuditEntry.objects.filter(subject=data_request.reference).order_by("n")


def test_each_entry_carries_the_hash_of_the_one_before(chain):
    first, second = chain[:2]
    assert first.previous == ""
    assert second.previous == merkle.leaf_hash(first.canonical.encode()).hex()
    assert [entry.n for entry in chain] == [1, 2, 3, 4]


def test_what_is_hashed_is_canonical_json(chain):
    text = chain[1].canonical
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_an_untouched_log_verifies(chain):
    assert list(verify()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "S-ZZZZZZ"},
        {"event": "request.refused"},
        {"canonical": "{}"},
        {"subject": "DSR-AAAA-AAAA"},
        {"n": 9},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_is_named(unguarded, chain, change):
    pk = chain[1].pk
    AuditEntry.objects.filter(pk=pk).update(**change)
    changed = AuditEntry.objects.get(pk=pk)
    assert any(str(changed.n) in problem or changed.subject in problem for problem in verify())


def test_a_removed_entry_is_missed(unguarded, chain):
    chain[1].delete()
    assert any("is missing" in problem for problem in verify())


def test_two_swapped_entries_are_seen(unguarded, chain):
    second, third = chain[1], chain[2]
    AuditEntry.objects.filter(pk=second.pk).update(n=99)
    AuditEntry.objects.filter(pk=third.pk).update(n=2)
    AuditEntry.objects.filter(pk=second.pk).update(n=3)
    assert len(list(verify())) >= 2


@pytest.mark.parametrize("value", ["Alice Martin", "alice@example.org", "é", "a" * 65, "x\n"])
def test_words_are_no_facts(asks, at, value):
    with pytest.raises(log.UnknownFactError):
        log.record("request.assigned", about=asks(), by=log.SYSTEM, at=at, facts={"to": value})


def test_an_event_carries_only_its_own_facts(asks, at):
    with pytest.raises(log.UnknownFactError):
        log.record("request.viewed", about=asks(), by=log.SYSTEM, at=at, facts={"to": "S-AAAAAA"})


def test_an_act_about_no_request_stands_in_the_chain_of_its_actor(olive, at):
    log.record("desk.searched", by=olive, at=at, facts={"results": 3})
    assert AuditEntry.objects.get().subject == olive.reference


def test_a_place_in_the_chain_is_taken_once(unguarded, chain):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.filter(n=2).update(n=3)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction(asks, at):
    data_request = asks()
    assert not connection.in_atomic_block
    with pytest.raises(transaction.TransactionManagementError):
        log.record("request.viewed", about=data_request, by=log.SYSTEM, at=at)


def test_links_of_before_there_was_a_tree_are_followed(asks, at, monkeypatch):
    data_request = asks()
    with monkeypatch.context() as before:
        before.setattr(log, "link", lambda text: hashlib.sha256(text.encode()).hexdigest())
        log.record("request.viewed", about=data_request, by=log.SYSTEM, at=at)
    log.record("request.viewed", about=data_request, by=log.SYSTEM, at=at)
    sequencer.run()
    assert list(verify()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"facts": 3}', "[" * 100_000])
def test_a_text_changed_beyond_reading_has_no_facts(text):
    entry = AuditEntry(canonical=text)
    assert (entry.facts, entry.previous) == ({}, "")
