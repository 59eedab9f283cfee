"""Migrations go back and forth, and a log written before there was a tree still verifies."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from dsr.audit import guards, sequencer
from dsr.audit.verifying import verify
from dsr.models.audit import AuditEntry
from dsr.models.tree import Leaf

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def before_the_tree(asks, at) -> Iterator[None]:
    """The tables as they were, with a request and its entries in them."""
    asks()
    call_command("migrate", "dsr", "0002", verbosity=0)
    yield
    call_command("migrate", verbosity=0)


def columns() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT canonical, facts, previous FROM dsr_auditentry ORDER BY id")
        return cursor.fetchall()


def test_the_columns_of_old_are_filled_in_again(before_the_tree):
    (canonical, facts, previous), *_others = columns()
    assert '"kind": "access"' in str(facts).replace("'", '"')
    assert previous == ""
    assert '"event":"request.received"' in canonical


def test_no_guard_stays_behind(before_the_tree):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dsr_auditentry SET actor = actor")


def test_what_was_written_before_there_was_a_tree_gets_its_place(before_the_tree):
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
    assert sequencer.run() == AuditEntry.objects.count() == Leaf.objects.count() > 0
    assert list(verify()) == []


def test_each_step_back_may_be_followed_by_another(transactional_db):
    call_command("migrate", "dsr", "0004", verbosity=0)
    assert guards.missing(connection)
    call_command("migrate", "dsr", "0003", verbosity=0)
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
