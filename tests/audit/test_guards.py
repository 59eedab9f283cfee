"""What the database itself refuses: each way to change the log, for each table and whoever asks, and lost guards."""

import re
from collections.abc import Iterator
from importlib import import_module
from io import StringIO
from secrets import token_hex

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from dsr.audit import checkpoints, guards, log, sequencer
from dsr.audit.verifying import verify
from dsr.models.audit import Pending
from dsr.models.tree import Checkpoint, Head, Leaf
from tests.audit import many
from tests.audit.conftest import Grows, run

pytestmark = pytest.mark.django_db

ON_POSTGRESQL = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
REFUSED = re.compile("append-only|permission denied|must be owner|must be superuser")

# Of each table: what names a row, and another column.
COLUMNS = {
    "dsr_auditentry": ("id", "event"),
    "dsr_pending": ("entry_id", "entry_id"),
    "dsr_leaf": ('"index"', "hash"),
    "dsr_node": ("id", "hash"),
    "dsr_head": ("id", "size"),
    "dsr_checkpoint": ("id", "note"),
}
CHANGES = [
    "UPDATE {table} SET {column} = {column}",
    "UPDATE {table} SET {key} = {key} + 1000000",
    "DELETE FROM {table}",
    "INSERT INTO {table} SELECT * FROM {table} WHERE true"
    " ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}",
]
CHANGES += (
    [
        "TRUNCATE {table} CASCADE",
        "MERGE INTO {table} AS t USING {table} AS s ON s.{key} = t.{key} WHEN MATCHED THEN DELETE",
        "MERGE INTO {table} AS t USING {table} AS s ON s.{key} = t.{key}"
        " WHEN MATCHED THEN UPDATE SET {column} = s.{column}",
    ]
    if ON_POSTGRESQL
    else [
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
        "UPDATE OR REPLACE {table} SET {key} = {key} + 1",
    ]
)


@pytest.fixture
def filled(grows: Grows, signs) -> None:
    """A row or more in every table of the log."""
    grows(300)
    signs()
    many.written(3, first=300)


@pytest.fixture
def as_service(filled) -> Iterator[None]:
    """The role of the service, made and granted in the test's own transaction, and gone with it."""
    role = f"dsr_{token_hex(4)}"
    run(f"CREATE ROLE {role}")
    guards.grant(connection, role)
    run(f"SET LOCAL ROLE {role}")
    yield
    run("RESET ROLE")


@pytest.fixture
def as_replica(filled) -> None:
    """A superuser, in the session of a replica, where ordinary triggers do not fire."""
    run("SET LOCAL session_replication_role = replica")


def refused(change: str, table: str = "") -> None:
    """A change that meets an error, and leaves everything as it was."""
    before = contents()
    key, column = COLUMNS.get(table, ("", ""))
    with pytest.raises((IntegrityError, ProgrammingError), match=REFUSED), transaction.atomic():
        run(change.format(table=table, key=key, column=column))
    assert contents() == before


def contents() -> list[list[tuple[object, ...]]]:
    def rows(table: str) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            return [tuple(bytes(each) if isinstance(each, memoryview) else each for each in row) for row in cursor]

    return [rows(table) for table in COLUMNS]


@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("change", CHANGES)
def test_the_owner_of_the_tables_changes_nothing(filled: None, change: str, table: str) -> None:
    refused(change, table)


@pytest.mark.parametrize(
    ("row", "unique", "column"),
    [
        (
            "dsr_auditentry (subject, n, event, at, actor, canonical) SELECT subject, n, 'x', at, actor, canonical",
            "subject, n",
            "event",
        ),
        ('dsr_leaf ("index", entry_id, hash) SELECT "index" + 1000000, entry_id, hash', "entry_id", "hash"),
        ('dsr_node (level, "index", hash) SELECT level, "index", hash', 'level, "index"', "hash"),
    ],
)
def test_no_row_takes_the_place_of_another_under_a_new_number(filled: None, row: str, unique: str, column: str) -> None:
    insert = f"INSERT {'' if ON_POSTGRESQL else 'OR REPLACE'} INTO {row} FROM {row.split(maxsplit=1)[0]} WHERE true"
    upsert = f" ON CONFLICT ({unique}) DO UPDATE SET {column} = excluded.{column}" if ON_POSTGRESQL else ""
    refused(insert + upsert)


@pytest.mark.postgresql
@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("change", CHANGES)
def test_the_service_changes_nothing(as_service: None, change: str, table: str) -> None:
    refused(change, table)


@pytest.mark.postgresql
@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_superuser_changes_nothing_as_a_replica(as_replica: None, change: str, table: str) -> None:
    refused(change, table)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE dsr_auditentry DISABLE TRIGGER dsr_auditentry_is_never_changed",
        "ALTER TABLE dsr_auditentry DISABLE TRIGGER ALL",
        "DROP TRIGGER dsr_leaf_is_never_removed ON dsr_leaf",
        "CREATE OR REPLACE FUNCTION dsr_head_only_grows() RETURNS trigger LANGUAGE plpgsql"
        " AS $$BEGIN RETURN NEW; END$$",
        "DROP FUNCTION dsr_head_only_grows() CASCADE",
        "DROP TABLE dsr_node",
        "ALTER TABLE dsr_node RENAME TO elsewhere",
        "ALTER TABLE dsr_leaf ADD COLUMN another int",
        "SET session_replication_role = replica",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER TABLE dsr_auditentry OWNER TO CURRENT_USER",
        "DELETE FROM django_migrations",
    ],
)
def test_the_service_takes_no_guard_down(as_service: None, change: str) -> None:
    refused(change)
    assert guards.missing(connection) == []


@pytest.mark.postgresql
def test_the_service_does_its_work(as_service: None, asks, at) -> None:
    assert guards.owned(connection) == []
    log.record("request.viewed", about=asks(), by=log.SYSTEM, at=at)
    assert sequencer.run() == 5
    assert checkpoints.publish(at=at) is not None
    assert list(verify()) == []


@pytest.mark.postgresql
def test_who_migrated_owns_the_tables() -> None:
    assert guards.owned(connection) == sorted(COLUMNS)


def test_the_head_grows_and_what_has_its_leaf_leaves_the_queue(filled: None) -> None:
    head = Head.objects.get()
    refused("UPDATE dsr_head SET size = 299")
    sequencer.run()
    assert Head.objects.get().size == head.size + 3
    assert list(verify()) == []


def test_every_guard_stands() -> None:
    assert guards.missing(connection) == []
    assert len({(guard.name, guard.engine) for guard in guards.GUARDS}) == len(guards.GUARDS)


def test_guards_are_taken_down_and_put_up_again(filled: None) -> None:
    every = [guard.name for guard in guards.GUARDS if guard.engine in {"", connection.vendor}]
    migration = import_module("dsr.migrations.0005_guards")
    migration.lift(apps, connection.schema_editor())
    assert guards.missing(connection) == every
    for _time in range(2):
        migration.install(apps, connection.schema_editor())
    assert guards.missing(connection) == []
    refused("DELETE FROM dsr_leaf")


ON = " ON dsr_node" if ON_POSTGRESQL else ""
DROPPED = f"DROP TRIGGER dsr_node_is_never_removed{ON}"
NO_OP = f"{DROPPED}; CREATE TRIGGER dsr_node_is_never_removed BEFORE DELETE ON dsr_node "
BROKEN = [DROPPED]
BROKEN += (
    [
        "ALTER TABLE dsr_node DISABLE TRIGGER dsr_node_is_never_removed",
        "ALTER TABLE dsr_node ENABLE TRIGGER dsr_node_is_never_removed",
        "ALTER TABLE dsr_node ENABLE REPLICA TRIGGER dsr_node_is_never_removed",
        "CREATE OR REPLACE FUNCTION dsr_node_is_never_removed() RETURNS trigger LANGUAGE plpgsql"
        " AS $$BEGIN RETURN OLD; END$$",
        f"{NO_OP} FOR EACH ROW WHEN (false) EXECUTE FUNCTION dsr_node_is_never_removed();"
        "ALTER TABLE dsr_node ENABLE ALWAYS TRIGGER dsr_node_is_never_removed",
        f"{NO_OP} FOR EACH STATEMENT EXECUTE FUNCTION suppress_redundant_updates_trigger();"
        "ALTER TABLE dsr_node ENABLE ALWAYS TRIGGER dsr_node_is_never_removed",
    ]
    if ON_POSTGRESQL
    else [
        f"{NO_OP} BEGIN SELECT 1; END",
        f"{NO_OP} WHEN false BEGIN SELECT RAISE(ABORT, '{guards.REFUSED}'); END",
        "CREATE TABLE remade AS SELECT * FROM dsr_node; DROP TABLE dsr_node; ALTER TABLE remade RENAME TO dsr_node",
    ]
)


@pytest.mark.parametrize("how", BROKEN)
def test_a_guard_that_was_dropped_disabled_or_hollowed_out_is_missed(how: str) -> None:
    for statement in re.split(";(?! END)", how):
        run(statement)
    assert "dsr_node_is_never_removed" in guards.missing(connection)


def test_migrating_puts_up_what_was_lost_and_says_so(filled: None) -> None:
    run(DROPPED)
    said = StringIO()
    call_command("migrate", verbosity=0, stderr=said)
    assert "dsr_node_is_never_removed" in said.getvalue()
    assert guards.missing(connection) == []


@pytest.mark.parametrize("forged", [-1, 10**9], ids=["older", "longer"])
def test_a_checkpoint_of_another_size_than_its_note_or_older_than_the_last_is_refused(grows, signs, forged) -> None:
    grows(5)
    old = signs()
    grows(5)
    signs(later=1)
    size = old.size if forged < 0 else forged
    with pytest.raises(IntegrityError), transaction.atomic():
        Checkpoint.objects.create(size=size, note=old.note, published_at=old.published_at)


@pytest.mark.parametrize("entry", ["placed", "invented"])
def test_nothing_waits_but_an_entry_without_a_place(grows, entry) -> None:
    grows(5)
    placed = Leaf.objects.get(index=0).entry_id
    with pytest.raises(IntegrityError), transaction.atomic():
        Pending(entry_id=placed if entry == "placed" else 10**9).save(force_insert=True)
