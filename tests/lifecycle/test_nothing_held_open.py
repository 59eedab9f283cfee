"""On SQLite a reading still open forbids writing once somebody else has written: none is held open meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection

from dsr.ledger import book
from dsr.lifecycle import claim, comparing, old_values
from dsr.lifecycle.old_values import PAGES_AT_ONCE
from dsr.models.ledger import LedgerEntry, Restoration, Resurgence
from dsr.models.paging import PAGE
from dsr.models.request import DataRequest
from dsr.models.step import Action, Step
from dsr.models.verification import Remembered
from dsr.sources import registry
from dsr.states import Kind
from tests.sources.readers import account, known_by

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_else_writes(at):
    """Along a connection of their own, committed before this returns."""

    def write():
        Restoration.objects.create(sign="log", noticed_at=at, replayed_at=at)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(write).result()


class Busy(FileSystemStorage):
    """A ledger beside which others write whenever it does."""

    def _save(self, name, content):
        somebody_else_writes(LedgerEntry.objects.first().at)
        return super()._save(name, content)


def entry(kind, at, **more):
    return LedgerEntry(name=book.new_name(kind, at=at), kind=kind, at=at, **more)


def test_the_ledger_is_compared_while_others_write(settings, tmp_path, at):
    busy = {"BACKEND": f"{__name__}.Busy", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "ledger": busy}
    objected = entry("objection", at - timedelta(days=2), suppressed=["token"])
    lost = entry("completion", at - timedelta(days=1), reference="DSR-7K4M-2QXP")
    being_written = [entry("intent", at) for _each in range(2 * PAGE + 1)]
    LedgerEntry.objects.bulk_create([objected, lost, *being_written])
    assert comparing.compare(at=at) == 0
    assert Resurgence.objects.get().reference == lost.reference
    assert list(book.names()) == [objected.name]
    assert Restoration.objects.exists()


def test_the_old_rows_are_read_while_others_write(settings, at):
    settings.DSR_SOURCES = ["dsr.readers.sources.Accounts"]
    reader = account("alice@example.org")
    ours = DataRequest.objects.create(kind=Kind.ERASURE, channel="form", received_at=at, entered_at=at)
    step = Step.objects.create(data_request=ours, action=Action.VERIFY, created_at=at)
    old_values.keep(ours, registry.expand(known_by(email=reader.email)), heartbeat=lambda _rows: None)
    sealed = step.remembered.filter(source="accounts").latest("pk").sealed
    more = [Remembered(step=step, source="accounts", sealed=sealed) for _each in range(2 * PAGES_AT_ONCE)]
    Remembered.objects.bulk_create(more)
    pages = 0
    for page in old_values.pages(step, old_values.models()[0]):
        somebody_else_writes(at)
        claim.report(step, at=at)
        assert page == [(reader.pk,)]
        pages += 1
    assert pages == step.remembered.filter(source="accounts").count()
