"""The guards that the database itself keeps over the log: what was written is never changed, removed or replaced.

They are triggers, put up by a migration. On PostgreSQL only the owner of the tables can take them down, and the service
does not run as the owner; on SQLite altering a table drops its triggers without a word. So every start looks for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

REFUSED: Final = "the log is append-only"

# What the service's own role may do with each table of the log (PostgreSQL); with the others it may do everything.
PRIVILEGES: Final[Mapping[str, str]] = {
    "dsr_auditentry": "SELECT, INSERT",
    "dsr_pending": "SELECT, INSERT, DELETE",
    "dsr_leaf": "SELECT, INSERT",
    "dsr_node": "SELECT, INSERT",
    "dsr_head": "SELECT, INSERT, UPDATE",
    "dsr_checkpoint": "SELECT, INSERT",
    "django_migrations": "SELECT",
}

# What names a row of each table: an INSERT OR REPLACE of SQLite takes the place of the one that is named so.
NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "dsr_auditentry": ("id = NEW.id", "subject = NEW.subject AND n = NEW.n"),
    "dsr_pending": ("entry_id = NEW.entry_id",),
    "dsr_leaf": ('"index" = NEW."index"', "entry_id = NEW.entry_id"),
    "dsr_node": ("id = NEW.id", 'level = NEW.level AND "index" = NEW."index"'),
    "dsr_head": ("id = NEW.id",),
    "dsr_checkpoint": ("id = NEW.id",),
}


_SIGNED: Final = "SELECT id FROM dsr_review WHERE signed_at IS NOT NULL"
# A checkpoint's row is of no smaller size than those before it, and of the size that its note states.
_SHRINKS: Final = "NEW.size < (SELECT coalesce(max(size), 0) FROM dsr_checkpoint)"
_UNSAID_SQLITE: Final = "instr(NEW.note, char(10) || NEW.size || char(10)) = 0"
_UNSAID_POSTGRESQL: Final = "position(chr(10) || NEW.size || chr(10) IN NEW.note) = 0"


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger: its table, what it refuses, on which condition (none: always), and on which engine alone if any."""

    name: str
    table: str
    refuses: str
    condition: str = ""
    engine: str = ""


GUARDS: Final = (
    *(Guard(f"{table}_is_never_changed", table, "UPDATE") for table in NAMED_BY if table != "dsr_head"),
    *(Guard(f"{table}_is_never_removed", table, "DELETE") for table in NAMED_BY if table != "dsr_pending"),
    *(Guard(f"{table}_is_never_emptied", table, "TRUNCATE", engine="postgresql") for table in NAMED_BY),
    *(
        Guard(
            f"{table}_is_never_replaced",
            table,
            "INSERT",
            f"EXISTS (SELECT 1 FROM {table} WHERE {' OR '.join(keys)})",  # noqa: S608 - the tables and keys above
            engine="sqlite",
        )
        for table, keys in NAMED_BY.items()
    ),
    Guard(
        "dsr_pending_waits_for_its_leaf",
        "dsr_pending",
        "DELETE",
        "NOT EXISTS (SELECT 1 FROM dsr_leaf WHERE entry_id = OLD.entry_id)",
    ),
    Guard(
        "dsr_pending_is_of_an_entry_without_a_leaf",
        "dsr_pending",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM dsr_auditentry WHERE id = NEW.entry_id)"
        " OR EXISTS (SELECT 1 FROM dsr_leaf WHERE entry_id = NEW.entry_id)",
    ),
    Guard("dsr_head_only_grows", "dsr_head", "UPDATE", "NEW.size <= OLD.size"),
    Guard("dsr_checkpoint_only_grows", "dsr_checkpoint", "INSERT", f"{_SHRINKS} OR {_UNSAID_SQLITE}", engine="sqlite"),
    Guard(
        "dsr_checkpoint_only_grows",
        "dsr_checkpoint",
        "INSERT",
        f"{_SHRINKS} OR {_UNSAID_POSTGRESQL}",
        engine="postgresql",
    ),
    Guard("dsr_review_is_never_removed", "dsr_review", "DELETE"),
    Guard("dsr_review_stays_as_signed", "dsr_review", "UPDATE", "OLD.signed_at IS NOT NULL"),
    Guard("dsr_finding_is_never_removed", "dsr_finding", "DELETE"),
    Guard("dsr_finding_stays_as_signed", "dsr_finding", "UPDATE", f"OLD.review_id IN ({_SIGNED})"),
    Guard("dsr_finding_comes_before_the_signature", "dsr_finding", "INSERT", f"NEW.review_id IN ({_SIGNED})"),
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every guard up, anew where it stands."""
    lift(connection)
    statements = _sqlite if connection.vendor == "sqlite" else _postgresql
    with connection.cursor() as cursor:
        for guard in _of(connection):
            for statement in statements(guard):
                cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take every guard down, as the owner of the tables may: to undo the migration, and between tests."""
    with connection.cursor() as cursor:
        for guard in _of(connection):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {guard.name}()")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the guards that do not stand as they were put up; a table that is not there yet misses none."""
    standing = _standing(connection)
    return [guard.name for guard in _of(connection) if standing.get(guard.name) != _proof(connection, guard)]


def owned(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables of the log that this very connection's role owns, and whose guards it could take down (PostgreSQL)."""
    if connection.vendor != "postgresql":
        return []
    sql = "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_has_role(relowner, 'USAGE') ORDER BY relname"
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(NAMED_BY)])
        return [name for (name,) in cursor.fetchall()]


def grant(connection: BaseDatabaseWrapper, role: str) -> None:
    """Let the service's role work with every table, and with those of the log only as PRIVILEGES says (PostgreSQL)."""
    name = connection.ops.quote_name(role)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table, privileges in PRIVILEGES.items():
            cursor.execute(f"REVOKE ALL ON {table} FROM {name}")
            cursor.execute(f"GRANT {privileges} ON {table} TO {name}")


def _of(connection: BaseDatabaseWrapper) -> list[Guard]:
    """The guards of this engine, over the tables that are there already."""
    there = set(connection.introspection.table_names())
    return [guard for guard in GUARDS if guard.engine in {"", connection.vendor} and guard.table in there]


def _sqlite(guard: Guard) -> list[str]:
    when = f"WHEN {guard.condition} " if guard.condition else ""
    fires = f"BEFORE {guard.refuses} ON {guard.table} {when}"
    return [f"CREATE TRIGGER {guard.name} {fires}BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"]


def _postgresql(guard: Guard) -> list[str]:
    """A function that refuses, and its trigger, which fires also while a session calls itself a replica."""
    each = "ROW" if guard.condition else "STATEMENT"
    return [
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $${_body(guard)}$$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.refuses} ON {guard.table}"
        f" FOR EACH {each} EXECUTE FUNCTION {guard.name}()",
        f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}",
    ]


def _body(guard: Guard) -> str:
    refuse = f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation';"
    if guard.condition:
        refuse = f"IF {guard.condition} THEN {refuse} END IF; RETURN COALESCE(NEW, OLD);"
    return f"BEGIN {refuse} END"


def _standing(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """What stands in the database under each name: the trigger itself, and the body of the function it always calls."""
    sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        sql = (
            "SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true) || prosrc"
            " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgenabled = 'A'"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())


def _proof(connection: BaseDatabaseWrapper, guard: Guard) -> str:
    return _sqlite(guard)[0] if connection.vendor == "sqlite" else _postgresql(guard)[1] + _body(guard)
