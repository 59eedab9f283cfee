"""The log's own safety: what is said before anything starts of its keys, its guards, and who owns its tables."""

import pytest
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from dsr.audit import guards, signing
from dsr.checks import configuration
from tests.checks.shelf import complaints


def asked(*databases: str) -> list[tuple[str, str]]:
    """What ``manage.py check --database`` says of the log."""
    said = run_checks(tags=[Tags.database], databases=databases or None)
    return [(str(each.id), str(each.obj)) for each in said if each.id in {"dsr.E026", "dsr.W004"}]


def drop(name: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))


@pytest.mark.parametrize("key", ["", "name", "name+00000000+AAAA", "ab" * 32])
def test_a_past_key_is_a_key(settings: Settings, key: str) -> None:
    settings.DSR_LOG_PAST_KEYS = [signing.signer().verifier.text, key]
    assert complaints() == [("E025", "DSR_LOG_PAST_KEYS")]
    settings.DSR_LOG_PAST_KEYS = [signing.signer().verifier.text]
    assert complaints() == []


@pytest.mark.django_db
def test_a_guard_that_is_gone_is_named() -> None:
    assert ("dsr.E026", "dsr_leaf_is_never_removed") not in asked("default")
    drop("dsr_leaf_is_never_removed", "dsr_leaf")
    assert ("dsr.E026", "dsr_leaf_is_never_removed") in asked("default")
    assert asked() == []


@pytest.mark.django_db
def test_nothing_starts_without_a_guard() -> None:
    configuration.refuse_to_start()
    drop("dsr_leaf_is_never_removed", "dsr_leaf")
    with pytest.raises(ImproperlyConfigured, match=r"dsr_leaf_is_never_removed.*E026"):
        configuration.refuse_to_start()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_service_that_owns_its_log_is_warned() -> None:
    assert asked("default") == [("dsr.W004", table) for table in sorted(guards.NAMED_BY)]


@pytest.mark.django_db
def test_whoever_uses_sqlite_owns_it_and_is_not_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    assert guards.owned(connection) == []
