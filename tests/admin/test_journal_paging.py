"""The pages of the log: no entry lost or shown twice, and each page a stretch of an index."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr.admin import journal_paging
from dsr.admin.journal_filters import Filters
from dsr.admin.journal_paging import Page, page
from dsr.audit import log
from dsr.models.audit import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(journal_paging, "SIZE", 3)


@pytest.fixture
def looks(remi, at):
    """``looks(0, 2, 2)`` writes an entry of each of these minutes; returns their numbers, as they were written."""

    @transaction.atomic
    def write(*minutes, by=remi):
        return [log.record("log.viewed", by=by, at=at + timedelta(minutes=each)).pk for each in minutes]

    return write


def everything():
    return [AuditEntry.objects.all()]


def walked(streams, key):
    """Every page from the newest to the oldest, and back again from there."""
    there = [page(streams, key=key)]
    while there[-1].has_older:
        there.append(page(streams, key=key, before=str(there[-1].pks[-1])))
    back = there[-1:]
    while back[-1].has_newer:
        back.append(page(streams, key=key, after=str(back[-1].pks[0])))
    return there, back


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(minutes=st.lists(st.integers(0, 3), min_size=1, max_size=14))
def test_every_entry_is_on_one_page_there_and_back(minutes, looks, olive, simone):
    with transaction.atomic():
        pks = [looks(each, by=(olive, simone)[number % 2])[0] for number, each in enumerate(minutes)]
        expected = [pk for _minute, pk in sorted(zip(minutes, pks, strict=True), reverse=True)]
        for streams in (everything(), [AuditEntry.objects.filter(actor=each.reference) for each in (olive, simone)]):
            there, back = walked(streams, "at")
            assert [pk for each in there for pk in each.pks] == expected
            assert {pk for each in back for pk in each.pks} == set(expected)
        transaction.set_rollback(True)


def test_a_chain_is_shown_in_its_own_order(looks):
    pks = looks(5, 3, 4, 1, 2)
    there, _back = walked(everything(), "n")
    assert [each.pks for each in there] == [pks[:1:-1], pks[1::-1]]


def test_going_back_to_the_newest_shows_a_whole_page(looks):
    pks = looks(*range(7))[::-1]
    assert page(everything(), key="at", after=str(pks[1])) == Page(pks[:3], has_older=True, has_newer=False)
    assert page(everything(), key="at", after=str(pks[4])) == Page(pks[1:4], has_older=True, has_newer=True)


def test_no_entry_makes_an_empty_page():
    assert page(everything(), key="at") == page([], key="at") == Page([], has_older=False, has_newer=False)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "entries_by_instant"),
        ({"event": "log.viewed"}, "entries_of_an_event"),
        ({"by": "reader"}, "entries_of_an_actor"),
        ({"by": "staff"}, "entries_of_an_actor"),
        ({"agent": "S-222222"}, "entries_of_an_actor"),
        ({"about": "S-222222"}, "chain"),
        ({"since": "2026-09-16", "until": "2026-09-16"}, "entries_by_instant"),
    ],
)
@pytest.mark.parametrize("side", ["before", "after"])
def test_each_page_is_a_stretch_of_an_index(side, query, index, looks):
    [edge] = looks(0)
    filters = Filters(query)
    with CaptureQueriesContext(connection) as queries:
        page(filters.streams, key=filters.key, **{side: str(edge)})
    plan = plan_of(next(each["sql"] for each in queries if "LIMIT 4" in each["sql"]))
    assert index in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN" not in plan


def plan_of(sql):
    """How the database goes about it, were the table a large one; an index that has no name is called a chain."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        plan = "\n".join(str(line[-1]) for line in cursor.fetchall())
    return plan.replace("(subject=? AND n", "chain (n")
