"""The PostgreSQL server that tests and measures may use: the one named in the environment, else one on this machine."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

HERE = ("postgres://postgres@127.0.0.1:5432/dsr", "postgres://%2Fvar%2Frun%2Fpostgresql/dsr")

WHERE = {"host", "port", "dbname", "user", "password"}


def answering(environment: Mapping[str, str]) -> str | None:
    """The address of a PostgreSQL server that lets us in, or None; one named in the environment has to answer."""
    named = environment.get("DATABASE_URL", "")
    candidates = [named] if named.startswith("postgres") else HERE
    return next((url for url in candidates if lets_us_in(url)), None)


def lets_us_in(url: str) -> bool:
    """Whether a connection opens, to the database that every server has."""
    server = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def end(connection: BaseDatabaseWrapper) -> None:
    """End a session from the server's side, as a restart of PostgreSQL does."""
    parameters = connection.get_connection_params()
    with psycopg.connect(**{name: parameters[name] for name in parameters if name in WHERE}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


def end_the_others(connection: BaseDatabaseWrapper) -> None:
    """End all sessions of this database but ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
