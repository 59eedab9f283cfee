"""Between two tasks a worker keeps its connection, and for no longer than Django's own pages would."""

import pytest
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection

from dsr.tasks import expire
from site_config.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(monkeypatch):
    """The connection, open since now and to be kept for a minute, as in production."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
    connection.ensure_connection()
    yield connection.connection
    connection.close()


def between_two_tasks():
    """What Celery does with the connection, then what we do."""
    DjangoWorkerFixup(app).close_database()
    expire.apply()


def test_the_next_task_has_the_same_connection(kept):
    between_two_tasks()
    assert connection.connection is kept


def test_one_that_is_too_old_is_closed_first(kept, monkeypatch):
    monkeypatch.setattr(connection, "close_at", 0)
    between_two_tasks()
    assert connection.connection is not kept
