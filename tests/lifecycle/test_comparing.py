"""Each night: who was erased and is there again, and what the ledger may forget."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import override_settings

from dsr.ledger import book, epochs
from dsr.lifecycle import comparing, replaying, restoring, resurgences
from dsr.models.audit import AuditEntry
from dsr.models.ledger import LedgerEntry, Resurgence
from dsr.permissions import Denied
from tests.conftest import ALICE, BOB
from tests.lifecycle.test_replaying import erases, newspaper  # noqa: F401
from tests.sources.readers import comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def erased(newspaper, erases):  # noqa: F811
    """Alice is gone."""
    return erases()


def pending():
    return list(Resurgence.objects.pending().values_list("reference", "source", "why", "rows"))


def test_an_erasure_that_holds_is_none(erased, clock):
    assert comparing.compare(at=clock.forward(days=1)) == 0
    assert AuditEntry.objects.get(event="ledger.compared").facts == {"records": 1, "returned": 0}


def test_an_old_row_that_an_import_brought_back_is_found_and_erased_again(erased, clock):
    brought_back = comment("2026-01-01", author_email=ALICE)
    assert comparing.compare(at=clock.forward(days=1)) == 1
    assert pending() == [(erased.reference, "comments", "returned", 1)]
    replaying.replay(at=clock())
    brought_back.refresh_from_db()
    assert brought_back.content != "Un avis."
    assert pending() == []


def test_the_same_row_is_noted_once(erased, clock):
    comment("2026-01-01", author_email=ALICE)
    comparing.compare(at=clock.forward(days=1))
    comparing.compare(at=clock.forward(days=1))
    assert len(pending()) == 1


def test_whoever_writes_since_is_somebody_new(erased, clock):
    comment("2026-11-01", author_email=ALICE)
    assert comparing.compare(at=clock.forward(days=60)) == 0


def test_nobody_elses_rows_are_looked_at(erased, clock):
    comment("2026-01-01", author_email=BOB)
    assert comparing.compare(at=clock.forward(days=1)) == 0


def test_a_record_that_somebody_removed_is_found_out(erased, clock):
    name = LedgerEntry.objects.get(kind="completion").name
    storages["ledger"].delete(f"records/{name}")
    comparing.compare(at=clock.forward(days=1))
    assert pending() == [(erased.reference, "", "lost", 0)]


@override_settings(DSR_BACKUP_DAYS=30)
def test_the_key_of_a_month_goes_with_its_last_backup(erased, clock):
    clock.forward(days=14 + 30)
    assert comparing.forget(at=clock()) == 0
    clock.forward(days=1)
    assert comparing.forget(at=clock()) == 1
    assert epochs.names() == list(book.names()) == list(LedgerEntry.objects.all()) == []
    assert not restoring.look(at=clock())


def test_without_its_key_a_record_finds_nobody(erased, clock):
    comment("2026-01-01", author_email=ALICE)
    epochs.destroy(epochs.names()[0])
    assert comparing.compare(at=clock.forward(days=1)) == 0


def test_an_officer_settles_what_no_machine_can(erased, olive, mallory, clock):
    resurgences.leave(erased.reference, Resurgence.Why.INTERRUPTED, at=clock())
    left = Resurgence.objects.get()
    with pytest.raises(Denied):
        resurgences.settle(left, by=mallory, at=clock())
    assert resurgences.settle(left, by=olive, at=clock()).settled_by == olive


@pytest.fixture
def returned(erased, clock):
    """An import brought a comment of Alice's back, and the night has seen it."""
    back = comment("2026-01-01", author_email=ALICE)
    comparing.compare(at=clock.forward(days=1))
    return back


@override_settings(DSR_BACKUP_DAYS=30)
def test_what_came_back_is_an_officers_once_its_key_is_gone(erased, returned, olive, clock):
    assert comparing.forget(at=clock.forward(days=60)) == 1
    assert pending() == [(erased.reference, "comments", "forgotten", 1)]
    assert replaying.replay(at=clock()).replayed == []
    resurgences.settle(Resurgence.objects.get(), by=olive, at=clock())
    assert pending() == []


def test_no_machine_says_that_it_erased_again_what_it_cannot_find(erased, returned, clock):
    epochs.destroy(epochs.names()[0])
    assert replaying.replay(at=clock()).replayed == []
    assert pending() == [(erased.reference, "comments", "forgotten", 1)]


@pytest.mark.parametrize("left", [None, b"torn"])
def test_a_record_that_is_gone_keeps_no_other_from_being_erased_again(erased, returned, clock, erases, left):  # noqa: F811
    bob = erases(BOB)
    comment("2026-01-01", author_email=BOB)
    comparing.compare(at=clock.forward(days=1))
    name = LedgerEntry.objects.get(kind="completion", reference=erased.reference).name
    storages["ledger"].delete(f"records/{name}")
    if left:
        storages["ledger"].save(f"records/{name}", ContentFile(left))
    assert replaying.replay(at=clock()).replayed == [bob.reference]
    assert pending() == [(erased.reference, "comments", "forgotten", 1)]


def test_what_a_machine_can_erase_again_is_not_an_officers(returned, olive, clock):
    with pytest.raises(resurgences.ErasedByMachine):
        resurgences.settle(Resurgence.objects.get(), by=olive, at=clock())


def test_it_is_settled_once(erased, olive, simone, clock):
    resurgences.leave(erased.reference, Resurgence.Why.INTERRUPTED, at=clock())
    left = Resurgence.objects.get()
    resurgences.settle(left, by=olive, at=clock())
    with pytest.raises(resurgences.AlreadySettled):
        resurgences.settle(left, by=simone, at=clock())
    left.refresh_from_db()
    assert left.settled_by == olive


@pytest.mark.parametrize("question", ["filed", "plan"])
def test_a_source_that_does_not_answer_keeps_no_other_waiting(erased, clock, monkeypatch, question):
    def fails(*_asked, **_more):
        raise OSError

    monkeypatch.setattr(f"dsr.readers.sources.Invoices.{question}", fails)
    comment("2026-01-01", author_email=ALICE)
    assert comparing.compare(at=clock.forward(days=1)) == 1
