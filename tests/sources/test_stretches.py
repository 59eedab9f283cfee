"""Rows erased as a stretch of keys: one that came in between after they were judged is left for the next pass."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from dsr.readers.models import Comment
from dsr.readers.sources import Comments
from dsr.sources.erasing import _Erasure
from dsr.sources.sweeping import Alike
from tests.sources.readers import ALICE, BOB, TODAY, comment, erase, subject

pytestmark = pytest.mark.django_db
some = settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])

YOUNG, OLD = "2026-03-01", "2015-03-01"  # a ground keeps the author of the one, the other goes
comments = st.tuples(st.sampled_from([ALICE, ALICE, BOB]), st.sampled_from([YOUNG, OLD]))
tens = st.dictionaries(st.integers(1, 9).map(lambda number: 10 * number), comments)
between = st.dictionaries(st.integers(1, 99).filter(lambda number: number % 10), comments, max_size=5)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside happened to nobody."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def write(rows: Mapping[int, tuple[str, str]]) -> None:
    """Comments of those numbers."""
    for pk, (who, when) in rows.items():
        comment(when, pk=pk, author_email=who, author_name=who, author_ip="192.0.2.1")


def standing(**wanted: Any) -> list[dict[str, Any]]:
    """The comments as they stand."""
    return list(Comment.objects.filter(**wanted).order_by("pk").values())


@contextmanager
def coming_in(late: Mapping[int, tuple[str, str]]) -> Iterator[None]:
    """They are written once, after the rows of a chunk were judged; the chunk must leave them as they are."""
    act, acted = _Erasure.act, list[_Erasure]()

    def act_among(work: _Erasure, page: Sequence[Alike]) -> int:
        if acted:
            return act(work, page)
        acted.append(work)
        write(late)
        came = standing(pk__in=late)
        kept = act(work, page)
        assert standing(pk__in=late) == came
        assert work.erased + work.rewritten == sum(alike.count for alike in page)
        return kept

    with mock.patch.object(_Erasure, "act", act_among):
        yield


@some
@given(rows=tens, late=between, limit=st.integers(1, 12))
@example(rows={10: (ALICE, YOUNG), 20: (ALICE, YOUNG)}, late={15: (ALICE, YOUNG)}, limit=2)
@example(rows={10: (ALICE, OLD), 20: (ALICE, OLD)}, late={15: (ALICE, OLD), 16: (ALICE, YOUNG)}, limit=5)
def test_no_row_is_touched_that_was_not_judged_and_the_next_pass_finds_it(rows: Any, late: Any, limit: int) -> None:
    with undone():
        write(rows)
        hers = {pk for pk, (who, _when) in rows.items() if who == ALICE}
        bobs = standing(author_email=BOB)
        with coming_in(late):
            erase(Comments(), subject(email=ALICE), limit=limit)
        assert [row for row in standing(author_email=BOB) if row["id"] in rows] == bobs
        assert all(row["author_name"] for row in standing(author_email=BOB))
        came = {pk for pk, (who, _when) in late.items() if who == ALICE} if hers else set()
        young = {pk for pk, (_who, when) in {**rows, **late}.items() if when == YOUNG} & (hers | came)
        assert {row["id"]: row["author_name"] for row in standing(author_email=ALICE)} == dict.fromkeys(young, "")


def test_two_erasures_by_turns_each_touch_their_own_reader_and_the_last_chunk_lets_go_of_them() -> None:
    write({number: (ALICE if number % 2 else BOB, YOUNG) for number in range(1, 9)})
    source, readers = Comments(), {ALICE: subject(email=ALICE), BOB: subject(email=BOB)}
    cursors: dict[str, Any] = {ALICE: {}, BOB: {}}
    while cursors:
        for who in list(cursors):
            before = len(standing(author_email=who, author_name=""))
            done = source.erase(readers[who], on=TODAY, limit=1, cursor=cursors.pop(who))
            assert len(standing(author_email=who, author_name="")) == before + done.rewritten
            if done.cursor is not None:
                cursors[who] = done.cursor
    assert {row["author_name"] for row in standing()} == {""}
    assert source.under_way is None


def test_what_was_compiled_for_a_chunk_serves_the_next_of_the_same_erasure_alone() -> None:
    write(dict.fromkeys(range(1, 4), (ALICE, YOUNG)))
    source, alice = Comments(), subject(email=ALICE)
    first = source.erase(alice, on=TODAY, limit=1, cursor={})
    compiled = source.under_way
    source.erase(alice, on=TODAY, limit=1, cursor=first.cursor)
    assert source.under_way is compiled
    source.erase(alice, on=TODAY + timedelta(days=1), limit=1, cursor=first.cursor)
    assert source.under_way is not compiled


def test_sqlite_looks_up_what_points_at_a_row_in_an_index_and_makes_no_list_of_it() -> None:
    write({1: (ALICE, YOUNG)})
    with CaptureQueriesContext(connection) as queries:
        Comments().erase(subject(email=ALICE), on=TODAY, limit=5, cursor={})
    marked = next(query["sql"] for query in queries if "dsr_marks_0" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{marked}")
        steps = [str(row[-1]) for row in cursor.fetchall()]
    looked_up = [step for step in steps if "FOR IN-OPERATOR" in step]
    assert len(looked_up) == (3 if connection.vendor == "sqlite" else 0), steps
    assert not [step for step in steps if "LIST SUBQUERY" in step], steps
