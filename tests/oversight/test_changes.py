"""Settings that changed: each is told once, by its name, and never by its value."""

import os
import subprocess
import sys
from hashlib import sha256

import pytest
from django.db import connection

from dsr import keys
from dsr.audit import log
from dsr.models.audit import AuditEntry
from dsr.models.setting import SeenSetting
from dsr.oversight import changes
from tests.lifecycle.test_at_once import at_once
from tests.repository import ROOT

pytestmark = pytest.mark.django_db

ADDRESS = "Simone Marqueur, 7 rue du Secret"
DIGESTS = """
import django; django.setup()
from dsr import keys
from dsr.oversight import changes
for name, value in changes.watched():
    print(name, keys.keyed("settings", value.encode()).hex())
"""


@pytest.fixture
def seen(settings, at):
    """The settings were all seen once, and one of them has changed since."""
    changes.note(at=at)
    settings.DSR_POSTAL_ADDRESS = ADDRESS


def told():
    """The names that the log gives, in order."""
    return [entry.facts["setting"] for entry in AuditEntry.objects.order_by("pk")]


def digest_of(name):
    return SeenSetting.objects.get(name=name).digest


def test_at_first_sight_settings_are_taken_down_and_nothing_is_recorded(at):
    assert changes.note(at=at) == []
    assert not AuditEntry.objects.exists()
    names = set(SeenSetting.objects.values_list("name", flat=True))
    assert names == {changes.KEY, *(name for name, _value in changes.watched())}
    assert {"DSR_SOURCES", "DSR_PACKAGE_DAYS", "DSR_DPO_EMAIL", "DSR_LOG_PAST_KEYS"} <= names


def test_a_setting_that_is_new_is_no_change(seen, settings, at):
    changes.note(at=at)
    settings.DSR_INVENTED = "yes"
    assert changes.note(at=at) == []
    settings.DSR_INVENTED = "no"
    assert changes.note(at=at) == ["DSR_INVENTED"]


def test_a_changed_setting_is_recorded_by_its_name_in_the_chain_of_the_log(seen, at):
    assert changes.note(at=at) == ["DSR_POSTAL_ADDRESS"]
    entry = AuditEntry.objects.get()
    assert (entry.subject, entry.event, entry.actor, entry.at) == ("LOG", "settings.changed", "system", at)
    assert entry.facts == {"setting": "DSR_POSTAL_ADDRESS"}


def test_it_is_recorded_once(seen, at):
    changes.note(at=at)
    assert changes.note(at=at) == []
    assert told() == ["DSR_POSTAL_ADDRESS"]


def test_two_that_changed_are_two_entries(seen, settings, at):
    settings.DSR_SOURCES = []
    assert changes.note(at=at) == ["DSR_POSTAL_ADDRESS", "DSR_SOURCES"] == told()


def test_going_back_is_a_change_too(settings, at):
    changes.note(at=at)
    for address in (ADDRESS, settings.DSR_POSTAL_ADDRESS):
        settings.DSR_POSTAL_ADDRESS = address
        assert changes.note(at=at) == ["DSR_POSTAL_ADDRESS"]


def test_what_changes_inside_a_setting_is_a_change(at, settings, monkeypatch):
    changes.note(at=at)
    monkeypatch.setitem(settings.DSR_WEB_RATES, "intake", "3000/hour")
    assert changes.note(at=at) == ["DSR_WEB_RATES"]


def test_neither_its_value_nor_a_digest_of_it_stands_in_the_log(seen, at):
    before = digest_of("DSR_POSTAL_ADDRESS")
    changes.note(at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM dsr_auditentry")
        text = repr(cursor.fetchall()).lower()
    plain = [sha256(value.encode()).hexdigest() for value in (ADDRESS, repr(ADDRESS))]
    for trace in (ADDRESS, "marqueur", before, digest_of("DSR_POSTAL_ADDRESS"), *plain):
        assert trace.lower() not in text


def test_its_value_stands_nowhere_and_its_digest_needs_the_service_key(seen, at):
    changes.note(at=at)
    kept = digest_of("DSR_POSTAL_ADDRESS")
    assert kept == keys.keyed("settings", repr(ADDRESS).encode()).hex()
    assert kept not in {sha256(value.encode()).hexdigest() for value in (ADDRESS, repr(ADDRESS))}


@pytest.mark.parametrize("name", ["DSR_DATA_DIR", "DSR_OWNER_DATABASE_URL", "DSR_METRICS_TOKEN"])
def test_secrets_and_paths_are_not_watched(name, settings, at):
    assert hasattr(settings, name)
    assert name not in dict(changes.watched())
    changes.note(at=at)
    assert not SeenSetting.objects.filter(name=name).exists()


def test_only_the_products_own_settings_are_watched():
    assert all(name.startswith("DSR_") for name, _value in changes.watched())


def test_what_could_not_be_recorded_is_seen_again(seen, monkeypatch, at):
    with monkeypatch.context() as failing:
        failing.setattr(log, "record", lambda *_, **__: pytest.fail("the disk is full"))
        with pytest.raises(pytest.fail.Exception):
            changes.note(at=at)
    assert changes.note(at=at) == ["DSR_POSTAL_ADDRESS"]


def test_of_two_that_read_the_same_old_row_one_records(seen, monkeypatch, at):
    stale = {row.name: row for row in SeenSetting.objects.all()}
    changes.note(at=at)
    monkeypatch.setattr(SeenSetting.objects, "get_or_create", lambda *, name, defaults: (stale[name], False))
    assert changes.note(at=at) == []
    assert told() == ["DSR_POSTAL_ADDRESS"]


@pytest.mark.django_db(transaction=True)
def test_processes_that_see_it_at_once_record_it_once(seen, at):
    results = at_once(lambda: changes.note(at=at))
    assert sorted(results) == [[], [], [], ["DSR_POSTAL_ADDRESS"]]
    assert told() == ["DSR_POSTAL_ADDRESS"]


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_at_once_take_each_setting_down_once(at):
    assert at_once(lambda: changes.note(at=at)) == [[]] * 4
    assert SeenSetting.objects.count() == len({changes.KEY, *dict(changes.watched())})


def test_every_process_sees_the_same_values():
    """A set is written in another order by each process, and would seem to change without end."""
    seeds = [
        subprocess.run(
            [sys.executable, "-c", DIGESTS],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "site_config.settings_test", "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert seeds[0] == seeds[1] != b""


def test_another_service_key_is_one_change(settings, at):
    changes.note(at=at)
    settings.DSR_SERVICE_KEY = "ab" * 32
    assert changes.note(at=at) == ["DSR_SERVICE_KEY"]
    settings.DSR_PACKAGE_DAYS = 3
    assert changes.note(at=at) == ["DSR_PACKAGE_DAYS"]
