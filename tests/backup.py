"""A backup of every table, and its restoring: what an administrator does on a bad day, without a server's tools."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connection

from dsr.audit import guards

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


def tables(*labels: str) -> list[str]:
    """The tables of these applications, or of all; an application's own migrations are not data."""
    models = apps.get_models(include_auto_created=True)
    return [
        model._meta.db_table
        for model in models
        if model._meta.managed and (not labels or model._meta.app_label in labels)
    ]


def dump(names: Iterable[str]) -> Rows:
    """What stands in the tables, in the order of their first column."""
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}" ORDER BY 1')
            found[name] = ([column[0] for column in cursor.description], [tuple(row) for row in cursor.fetchall()])
    return found


def restore(backup: Rows) -> None:
    """Put everything back as it was: what came since is gone, as it is from a restored server."""
    guards.lift(connection)
    with connection.cursor() as cursor:
        for name, (columns, rows) in backup.items():
            cursor.execute(f'DELETE FROM "{name}"')
            listed = ", ".join(f'"{column}"' for column in columns)
            places = ", ".join(["%s"] * len(columns))
            if rows:
                cursor.executemany(f'INSERT INTO "{name}" ({listed}) VALUES ({places})', [_sent(row) for row in rows])
    connection.check_constraints()
    guards.install(connection)


def _sent(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """JSON is read as what it says and written as text."""
    if connection.vendor != "postgresql":
        return row
    from psycopg.types.json import Jsonb  # noqa: PLC0415 - only where it is the database

    return tuple(Jsonb(value) if isinstance(value, dict | list) else value for value in row)
