"""A package exists whole or not at all, whoever dies or comes back, and nothing of it lies in clear on a disk."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as real
from django.core.files.storage import storages

from dsr.lifecycle import claim, delivery, running, triage
from dsr.models.package import Package
from dsr.models.step import Action, Step
from dsr.packages import vault
from dsr.states import State
from tests.groups import give_groups_back
from tests.lifecycle.shelf import Shelf
from tests.workers import database_url

PACK = "import django, sys; django.setup(); from django.utils import timezone; from dsr.lifecycle import running; "
PACK += "running.run(int(sys.argv[1]), now=timezone.now)"


@pytest.fixture
def groups(db):
    """The groups of staff, after a test that flushed them."""
    give_groups_back()


@pytest.fixture
def step(groups, asks, proves, olive, at, settings, tmp_path):
    """The packing that Alice waits for, with a folder of its own for packages."""
    backend = {**real.STORAGES["packages"], "OPTIONS": {"location": tmp_path / "packages", "base_url": None}}
    settings.STORAGES = {**real.STORAGES, "packages": backend}
    data_request = proves(asks())
    triage.accept(data_request, by=olive, at=at)
    data_request.steps.exclude(action=Action.PACK).update(status="done")
    return data_request.steps.get(action=Action.PACK)


def packages(folder: Path) -> list[Path]:
    return sorted((folder / "packages").glob("*")) if (folder / "packages").exists() else []


def wait_for(happened, *, seconds=60):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def written_by(process: int) -> set[str]:
    """The files that a process holds open for writing, those without a name too."""
    held = set()
    for descriptor in Path(f"/proc/{process}/fdinfo").iterdir():
        target = os.readlink(f"/proc/{process}/fd/{descriptor.name}")
        flags = int(
            next(line for line in descriptor.read_text().splitlines() if line.startswith("flags")).split()[1], 8
        )
        if flags & (os.O_WRONLY | os.O_RDWR) and target.startswith("/") and not target.startswith("/dev/"):
            held.add(target)
    return held


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shelves")
def test_an_attempt_that_is_killed_leaves_noise_that_is_swept_and_the_next_packs_anew(step, tmp_path, clock):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "site_config.settings_test",
        "DATABASE_URL": database_url(),
        "DSR_SOURCES": "tests.lifecycle.shelf.Endless",
        "DSR_DATA_DIR": str(tmp_path),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    (tmp_path / "tmp").mkdir()
    command, quiet = [sys.executable, "-c", PACK, str(step.pk)], subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
        wait_for(
            lambda: process.poll() is not None or any(file.stat().st_size > 100_000 for file in packages(tmp_path))
        )
        (orphan,) = packages(tmp_path)
        open_files = {name for name in written_by(process.pid) if "sqlite3" not in name}
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert open_files == {str(orphan)}
    assert orphan.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert not [file for file in (tmp_path / "tmp").rglob("*") if file.is_file()]
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"un secret de lecture" in file.read_bytes()]
    assert not Package.objects.exists()

    Step.objects.filter(pk=step.pk).update(lease_until=None)
    assert running.run(step.pk, now=clock)
    package = Package.objects.get()
    assert package.object_name != orphan.name
    delivery._sweep_orphans(at=storages["packages"].get_modified_time(orphan.name) + timedelta(days=2))
    assert [file.name for file in packages(tmp_path)] == [package.object_name]


@pytest.mark.django_db
@pytest.mark.usefixtures("shelves")
def test_a_zombie_writes_nothing(step, tmp_path, clock, monkeypatch):
    def collect(source, subject, *, rows=None):
        """While the first attempt reads, its lease runs out and somebody else packs."""
        if not heirs:
            heirs.append(True)
            clock.forward(hours=1)
            assert running.run(step.pk, now=clock)
        yield from read(source, subject, rows=rows)

    heirs, read = [], Shelf.collect
    monkeypatch.setattr(Shelf, "collect", collect)
    assert not running.run(step.pk, now=clock)
    package = Package.objects.get()
    assert step.data_request.packages.count() == 1
    assert b"".join(vault.open_stream(package)).startswith(b"PK")
    step.refresh_from_db()
    assert (step.status, step.attempts) == ("done", 2)


@pytest.mark.django_db
@pytest.mark.usefixtures("shelves")
def test_each_attempt_has_a_name_and_a_key_of_its_own(step, clock, monkeypatch):
    def broken(*_args, **_more):
        raise OSError("disk")

    made = []
    keep = delivery.keep
    monkeypatch.setattr(delivery, "keep", lambda package, *, at: (made.append(package), broken()))
    assert not running.run(step.pk, now=clock)
    monkeypatch.setattr(delivery, "keep", lambda package, *, at: (made.append(package), keep(package, at=at)))
    clock.forward(hours=1)
    assert running.run(step.pk, now=clock)
    first, second = made
    assert first.object_name != second.object_name
    assert first.wrapped_key != second.wrapped_key
    assert [package.object_name for package in Package.objects.all()] == [second.object_name]
    assert second.data_request.state in {State.ANSWERED, State.EXECUTING}
    assert claim.take(step.pk, at=clock()) is None
