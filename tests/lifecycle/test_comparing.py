"""Each night: who was erased and is there again, and what the ledger may forget."""

import pytest
from django.core.files.storage import storages
from django.test import override_settings

from dsr.ledger import book, epochs
from dsr.lifecycle import comparing, replaying, restoring
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
    replaying.leave(erased.reference, Resurgence.Why.INTERRUPTED, at=clock())
    left = Resurgence.objects.get()
    with pytest.raises(Denied):
        replaying.settle(left, by=mallory, at=clock())
    assert replaying.settle(left, by=olive, at=clock()).settled_by == olive


def test_a_source_that_does_not_answer_keeps_no_other_waiting(erased, clock, monkeypatch):
    def fails(_source):
        raise OSError

    monkeypatch.setattr("dsr.readers.sources.Invoices.filed", fails)
    comment("2026-01-01", author_email=ALICE)
    assert comparing.compare(at=clock.forward(days=1)) == 1
