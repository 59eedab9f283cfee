"""``manage.py replay_erasures`` twice at once, and killed in the middle: each erasure is done again, and told once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dsr.audit import sequencer
from dsr.audit.verifying import verify
from dsr.lifecycle import restoring
from dsr.models.audit import AuditEntry
from dsr.models.erasure import Kept, Suppression
from dsr.models.ledger import Restoration, Resurgence
from dsr.models.step import FileToRemove
from dsr.readers.models import Comment
from tests import backup
from tests.conftest import ALICE, BOB
from tests.groups import give_groups_back
from tests.lifecycle.conftest import works  # noqa: F401
from tests.lifecycle.test_replaying import erases, everything, readers  # noqa: F401
from tests.sources.readers import comment, everywhere
from tests.workers import database_url, own_shelves

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

COMMENTS = 100
PATIENCE_SECONDS = 120


@pytest.fixture
def at():
    """The day of the processes: what a ground keeps depends on it."""
    return timezone.now()


@pytest.fixture
def restored(transactional_db, erases, clock):  # noqa: F811
    """Alice and Bob were erased, then a backup from before came back; gives what stood there while they were gone."""
    give_groups_back()
    for email in (ALICE, BOB):
        everywhere(email, email[:5])
        for number in range(COMMENTS):
            comment("2026-01-01", author_email=email, content=f"Avis {number}")
    before = everything()
    for email in (ALICE, BOB):
        erases(email)
    gone = readers(), kept(), suppressed()
    with transaction.atomic():
        backup.restore(before)
    restoring.look(at=clock())
    return gone


def kept():
    """What is kept; but for the requests themselves, which went with the backup."""
    lines = Kept.objects.exclude(source="past_requests")
    return sorted(map(str, lines.values_list("kept_list__reference", "source", "ground", "until", "rows")))


def suppressed():
    return sorted(Suppression.objects.values_list("token", flat=True))


@contextmanager
def replaying(**environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process of its own, which is gone afterwards."""
    reaches = {"DATABASE_URL": database_url(), "DSR_DATA_DIR": str(settings.DSR_DATA_DIR), **own_shelves()}
    shell = {**os.environ, "DJANGO_SETTINGS_MODULE": "site_config.settings_test", **reaches, **environment}
    with subprocess.Popen(
        [sys.executable, "manage.py", "replay_erasures"], env=shell, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)


def ends_well(*processes):
    assert [each.wait(PATIENCE_SECONDS) for each in processes] == [0] * len(processes)


def some_rows_are_gone():
    return Comment.objects.filter(content__startswith="Avis").count() < 2 * COMMENTS


def one_reader_is_gone():
    return AuditEntry.objects.filter(event="erasure.replayed").exists()


def wait_until(it_happens):
    limit = time.monotonic() + PATIENCE_SECONDS
    while not it_happens():
        assert time.monotonic() < limit, "nothing is erased again"
        time.sleep(0.005)


def all_is_told_once(gone):
    for now, before in zip((readers(), kept(), suppressed()), gone, strict=True):
        assert now == before
    for event, times in {
        "erasure.replayed": 2,
        "restore.noticed": 1,
        "restore.replayed": 1,
        "erasure.interrupted": 0,
    }.items():
        assert (event, AuditEntry.objects.filter(event=event).count()) == (event, times)
    assert not Restoration.objects.pending().exists()
    assert not Resurgence.objects.exists()
    assert not FileToRemove.objects.exists()
    sequencer.run()
    assert list(verify()) == []


def test_two_at_once_replay_once(restored):
    with replaying() as first, replaying() as second:
        ends_well(first, second)
    all_is_told_once(restored)


@pytest.mark.parametrize("moment", [some_rows_are_gone, one_reader_is_gone])
def test_one_that_is_killed_is_gone_on_with(restored, moment):
    with replaying(DSR_CHUNK_ROWS="5") as first:
        wait_until(moment)
        os.kill(first.pid, signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL
    with replaying() as second:
        ends_well(second)
    all_is_told_once(restored)
