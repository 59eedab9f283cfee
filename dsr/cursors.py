"""Cursors for statements that are run again and again: PostgreSQL parses each of them once for a connection.

SQLite keeps what it compiled by itself, and Django's cursors leave PostgreSQL to parse and plan each statement anew:
a pooler may give each transaction another session. Where one does, ``DATABASE_POOLED`` says so (it is the database's
``DISABLE_SERVER_SIDE_CURSORS``), and nothing is prepared.
"""

from typing import Any, Final, cast

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

RUNS: Final = 2  # before a statement is worth being prepared
KEPT: Final = 512  # prepared statements of a connection; whole requests have some 200


def repeating(connection: BaseDatabaseWrapper) -> Any:
    """A cursor of Django's; its values travel apart from the statement where it is prepared."""
    plain = connection.vendor != "postgresql" or connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    if plain or connection.queries_logged:  # psycopg cannot say what it ran of a prepared statement
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw = connection.connection
    raw.prepare_threshold, raw.prepared_max = RUNS, KEPT
    return cast(Any, connection)._prepare_cursor(psycopg.Cursor(raw))
