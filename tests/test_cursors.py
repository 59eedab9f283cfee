"""What is asked for again and again is prepared on PostgreSQL, where a connection is one session and stays it."""

import pytest
from django.db import close_old_connections, connection

from dsr import cursors
from tests import postgresql

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

STATEMENT = "SELECT %s::integer + 1"


def asked_three_times():
    """The statements that this session holds prepared afterwards."""
    for number in range(cursors.RUNS + 1):
        with cursors.repeating(connection) as cursor:
            cursor.execute(STATEMENT, [number])
            assert cursor.fetchall() == [(number + 1,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return {statement for (statement,) in cursor.fetchall()}


def test_a_statement_that_is_run_again_is_prepared():
    assert STATEMENT.replace("%s", "$1") in asked_three_times()


def test_behind_a_pooler_nothing_is_prepared(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert asked_three_times() == set()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_the_server_ended_between_two_tasks_is_followed_by_another(monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
    connection.ensure_connection()
    postgresql.end(connection)
    close_old_connections()
    assert STATEMENT.replace("%s", "$1") in asked_three_times()
