"""The two roles of docs/operations.md: one owns and migrates, the other serves and may only append to the log."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings

from tests.postgresql import answering
from tests.repository import ROOT

pytestmark = [pytest.mark.postgresql]


def as_documented(name: str) -> list[str]:
    """The statements of the page, about a database and roles of the test's own."""
    block = re.search(r"```sql\n(.*?)```", (ROOT / "docs" / "operations.md").read_text(), re.DOTALL)
    assert block
    return [each.strip() for each in block.group(1).replace("dsr", name).split(";") if each.strip()]


class House:
    """A database made as the page says, and the commands run in it."""

    def __init__(self, name: str, server: str) -> None:
        parts = urlsplit(server)
        host = parts.netloc.rpartition("@")[2]
        self.owner = urlunsplit(parts._replace(netloc=f"{name}_owner:one@{host}", path=f"/{name}"))
        self.service = urlunsplit(parts._replace(netloc=f"{name}_service:another@{host}", path=f"/{name}"))

    def manage(self, *arguments: str, owner: str = "") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DATABASE_URL": self.service, "DSR_OWNER_DATABASE_URL": owner}
        command = [sys.executable, "manage.py", *arguments, "--settings", "site_config.settings_test"]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    server = answering({**os.environ, "DATABASE_URL": _server()})
    if server is None:
        pytest.skip("PostgreSQL is not here")
    name = f"dsr_{token_hex(4)}"
    with psycopg.connect(urlunsplit(urlsplit(server)._replace(path="/postgres")), autocommit=True) as connection:
        for statement in as_documented(name):
            connection.execute(statement)
        yield House(name, server)
        for statement in (f"DROP DATABASE {name}", f"DROP ROLE {name}_service", f"DROP ROLE {name}_owner"):
            connection.execute(statement)


@pytest.fixture(scope="module")
def migrated(house: House) -> House:
    done = house.manage("migrate", owner=house.owner)
    assert done.returncode == 0, done.stderr
    return house


def _server() -> str:
    return os.environ.get("DATABASE_URL", "") if settings.DATABASES["default"]["ENGINE"].endswith("postgresql") else ""


def test_the_service_works_and_its_log_verifies(migrated: House) -> None:
    seeded = migrated.manage("seed_readers", "--readers", "5", "--comments", "5", "--seed", "1")
    assert seeded.returncode == 0, seeded.stderr
    assert migrated.manage("sweep").returncode == 0
    assert "entries verified" in migrated.manage("verify_audit").stdout


def test_nobody_warns_of_a_service_that_does_not_own_its_log(migrated: House) -> None:
    assert "W004" not in migrated.manage("check", "--database", "default").stderr


def test_a_service_that_owns_its_log_is_warned_of(migrated: House) -> None:
    migrated.service, service = migrated.owner, migrated.service
    assert "W004" in migrated.manage("check", "--database", "default").stderr
    migrated.service = service


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dsr_auditentry SET actor = 'x'",
        "DELETE FROM dsr_leaf",
        "TRUNCATE dsr_node",
        "ALTER TABLE dsr_auditentry DISABLE TRIGGER ALL",
        "DROP TRIGGER dsr_head_only_grows ON dsr_head",
        "SET session_replication_role = replica",
        "UPDATE django_migrations SET name = 'x'",
        "CREATE TABLE another (id int)",
    ],
)
def test_the_service_may_only_append(migrated: House, statement: str) -> None:
    with psycopg.connect(migrated.service) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_service_may_do_everything_with_requests(migrated: House) -> None:
    with psycopg.connect(migrated.service) as connection:
        connection.execute("UPDATE dsr_datarequest SET message = ''")
        connection.execute("DELETE FROM dsr_datarequest")
