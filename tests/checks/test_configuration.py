"""Settings that no service, or no production, can work with."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from dsr.checks import configuration
from dsr.management.demo import environment
from tests.checks.shelf import complaints
from tests.repository import ROOT


@pytest.mark.parametrize("key", ["", "00" * 31, "zz" * 32, "0" * 65, " " + "0" * 63, "00" * 32 + "\n"])
@pytest.mark.parametrize("name", ["DSR_SERVICE_KEY", "DSR_SUPPRESSION_KEY", "DSR_LOG_KEY"])
def test_a_key_is_thirty_two_bytes_in_hexadecimal(settings: Settings, name: str, key: str) -> None:
    setattr(settings, name, key)
    assert complaints() == [("E017", name)]


@pytest.mark.parametrize("other", ["DSR_SUPPRESSION_KEY", "DSR_LOG_KEY"])
def test_no_two_keys_are_the_same(settings: Settings, other: str) -> None:
    settings.DSR_SERVICE_KEY = "ab" * 32
    setattr(settings, other, "AB" * 32)
    assert complaints() == [("E018", "DSR_SERVICE_KEY")]


def test_production_waits_for_the_choice_of_the_data_protection_officer(settings: Settings) -> None:
    settings.DSR_HOSTING_GROUNDS, settings.DEBUG = "", False
    assert complaints() == [("E019", "DSR_HOSTING_GROUNDS")]
    with pytest.raises(ImproperlyConfigured, match="E019"):
        configuration.refuse_to_start()


@pytest.mark.django_db
def test_a_machine_of_development_does_not_wait_but_cannot_be_deployed(settings: Settings) -> None:
    settings.DSR_HOSTING_GROUNDS, settings.DEBUG = "", True
    assert complaints() == []
    assert ("E019", "DSR_HOSTING_GROUNDS") in complaints(deploy=True)
    configuration.refuse_to_start()


def test_the_choice_is_one_of_two(settings: Settings) -> None:
    settings.DSR_HOSTING_GROUNDS, settings.DEBUG = "perhaps", True
    assert complaints() == [("E020", "DSR_HOSTING_GROUNDS")]


@pytest.mark.parametrize(("name", "years"), [("DSR_REQUEST_RETENTION_YEARS", 2), ("DSR_OPPOSITION_YEARS", 0)])
def test_a_duration_is_no_shorter_than_the_law_allows(settings: Settings, name: str, years: int) -> None:
    setattr(settings, name, years)
    assert complaints() == [("E021", name)]
    setattr(settings, name, years + 1)
    assert complaints() == []


@pytest.mark.parametrize("day", ["31-12", "02-30", "december", ""])
def test_the_financial_year_ends_on_a_day(settings: Settings, day: str) -> None:
    settings.DSR_FINANCIAL_YEAR_END = day
    assert complaints() == [("E022", "DSR_FINANCIAL_YEAR_END")]


def test_holidays_are_those_of_a_part_of_france(settings: Settings) -> None:
    settings.DSR_HOLIDAY_SUBDIVISION = "Atlantide"
    assert complaints() == [("E023", "DSR_HOLIDAY_SUBDIVISION")]
    settings.DSR_HOLIDAY_SUBDIVISION = "Alsace-Moselle"
    assert complaints() == []


def test_production_has_secrets_of_its_own(settings: Settings, tmp_path: Any) -> None:
    environment.draw(tmp_path / environment.NAME)
    drawn = environment.read(tmp_path / environment.NAME)
    settings.DSR_DATA_DIR = tmp_path
    for name in environment.SECRETS:
        setattr(settings, name, drawn[name])
    assert [about for number, about in complaints(deploy=True) if number == "E024"] == list(environment.SECRETS)
    assert complaints() == []


def test_a_secret_of_the_tests_is_none(settings: Settings) -> None:
    settings.DSR_SERVICE_KEY = "0123456789abcdef" * 4
    borrowed = [about for number, about in complaints(deploy=True) if number == "E024"]
    assert borrowed == ["DSR_SUPPRESSION_KEY", "DSR_LOG_KEY"]


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import site_config.wsgi"],
        ["-c", "import site_config.asgi"],
        ["-m", "celery", "-A", "site_config", "worker", "--pool", "solo"],
    ],
    ids=["wsgi", "asgi", "worker"],
)
def test_neither_server_nor_worker_starts_before_the_choice(command: list[str]) -> None:
    undecided = {
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        "DSR_ENV_FILE": os.devnull,
        "DSR_HOSTING_GROUNDS": "",
    }
    environment = {**os.environ, **undecided, "DEBUG": "false"}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode != 0
    assert "dsr.E019" in done.stderr
