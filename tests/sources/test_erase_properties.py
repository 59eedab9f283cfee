"""What holds of an erasure whatever the newspaper declares: what goes, what stays, a plan is its run, twice is once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dsr.grounds import keeping
from dsr.sources import declaration
from dsr.sources.base import Chunk, StoredFile
from dsr.sources.fields import BLANK_OWN_FIELDS, LEAVE
from dsr.sources.model_source import ModelSource
from tests.sources.invented import (
    ALICE,
    BLANKS,
    GROUNDS,
    NOBODY,
    THIRD,
    Declared,
    Dump,
    Newspaper,
    dump,
    has_two_readers,
    is_alices,
    newspapers,
    published,
)
from tests.sources.readers import TODAY

pytestmark = pytest.mark.django_db
some = settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
limits = st.integers(1, 4)
later = st.integers(0, 12 * 365).map(lambda days: TODAY + timedelta(days=days))


@contextmanager
def a_world(newspaper: Newspaper) -> Iterator[dict[str, ModelSource]]:
    """One newspaper, whose constraints are looked at with each statement; undone before the next."""
    with transaction.atomic(), published(newspaper) as sources:
        connection.check_constraints()
        if connection.vendor == "postgresql":
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield sources
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside happened to nobody."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def chunk(source: ModelSource, cursor: Any, limit: int, on: date) -> Chunk:
    """The next piece of work, after which every reference still leads somewhere."""
    done = source.erase(ALICE, on=on, limit=limit, cursor=cursor)
    if connection.vendor == "sqlite":
        assert not connection.cursor().execute("PRAGMA foreign_key_check").fetchall()
    return done


def erase(source: ModelSource, limit: int, *, lost: int | None = None, on: date = TODAY) -> Chunk:
    """A whole erasure as one chunk; the one of number ``lost`` is done, and nobody learns that it was."""
    cursor: Any = {}
    erased, rewritten, number = 0, 0, 0
    files: set[StoredFile] = set()
    while cursor is not None:
        done = chunk(source, cursor, limit, on)
        files.update(done.files)
        if number != lost:
            cursor, erased, rewritten = done.cursor, erased + done.erased, rewritten + done.rewritten
        number += 1
    return Chunk(None, erased, rewritten, files=tuple(sorted(files, key=lambda file: file.name)))


def may_stand(said: Declared, before: Mapping[str, Any], on: date) -> set[str]:
    """The fields of a row of hers that an erasure leaves as they were, if it leaves the row."""
    tie = "owner" if before["owner"] == "alice" else "other"
    hers = set(said.kinds)
    if has_two_readers(before) and said.shared is LEAVE:
        return hers
    if has_two_readers(before) and said.shared is BLANK_OWN_FIELDS:
        hers = {tie, *(said.owns if tie == "owner" else ())}
    others = {name for name, kind in said.kinds.items() if kind in {THIRD, NOBODY} or name not in hers}
    held = kept_in(said, before, on) & hers
    return others | held | ({tie} if any(before[name] for name in held) else set())


def kept_in(said: Declared, row: Mapping[str, Any], on: date) -> set[str]:
    """The fields that one ground or another holds on the day."""
    filed_on = row["filed_on"]
    grounds = {name: [keeping(held.ground) for held in GROUNDS.get(kind, ())] for name, kind in said.kinds.items()}
    return {name for name, each in grounds.items() if filed_on and any(one.last_day(filed_on) >= on for one in each)}


@some
@given(newspaper=newspapers)
def test_the_system_checks_let_every_invented_declaration_pass(newspaper: Newspaper) -> None:
    with a_world(newspaper) as sources:
        for source in sources.values():
            assert not declaration.contradictions(source), declaration.contradictions(source)
            assert not declaration.unclassified(source)


@some
@given(newspaper=newspapers, limit=limits)
def test_nothing_of_hers_is_left_outside_the_kept_list_and_nobody_elses_row_changes(
    newspaper: Newspaper, limit: int
) -> None:
    with a_world(newspaper) as sources:
        before = dump()
        for source in sources.values():
            erase(source, limit)
        left = dump()
        assert {key: row for key, row in before.items() if not is_alices(row)} == {
            key: row for key, row in left.items() if key in before and not is_alices(before[key])
        }
        assert_hers_are_gone(newspaper, before, left)


@some
@given(newspaper=newspapers, limit=limits, day=later)
def test_when_one_ground_ends_only_what_no_other_holds_goes(newspaper: Newspaper, limit: int, day: date) -> None:
    with a_world(newspaper) as sources:
        before = dump()
        for on in (TODAY, day):
            for source in sources.values():
                erase(source, limit, on=on)
        assert_hers_are_gone(newspaper, before, dump(), on=day)


def assert_hers_are_gone(newspaper: Newspaper, before: Dump, left: Dump, on: date = TODAY) -> None:
    """What is left of her rows is blank, or what somebody said stays; and all of that does stay."""
    said = {"folders": newspaper.folders, "pages": newspaper.pages}
    for (table, pk), was in before.items():
        if is_alices(was) and (table, pk) in left:
            row, stands = left[table, pk], may_stand(said[table], was, on)
            assert {name: row[name] for name in stands} == {name: was[name] for name in stands}
            gone = set(said[table].kinds) - stands
            told = {name for name in gone if row[name] not in {None, "", BLANKS.get(name, "")}}
            assert not told, (table, told)
        elif is_alices(was):
            assert not any(was[name] for name in kept_in(said[table], was, on)), (table, was)


@some
@given(newspaper=newspapers, limit=limits)
def test_a_plan_is_its_run_count_by_count(newspaper: Newspaper, limit: int) -> None:
    with a_world(newspaper) as sources:
        plans = {name: source.plan(ALICE, on=TODAY) for name, source in sources.items()}
        for name, source in sources.items():
            plan, done = plans[name], erase(source, limit)
            assert (done.erased, done.rewritten, len(done.files)) == (plan.erased, plan.rewritten, plan.files), name
        for name, source in sources.items():
            after = source.plan(ALICE, on=TODAY)
            assert (after.erased, after.rewritten, after.files, after.kept) == (0, 0, 0, plans[name].kept), name


@some
@given(newspaper=newspapers, limit=limits, lost=st.integers(0, 5))
def test_twice_is_once_and_a_run_that_was_cut_off_ends_as_one_that_was_not(
    newspaper: Newspaper, limit: int, lost: int
) -> None:
    with a_world(newspaper) as sources:
        with undone():
            once = {name: erase(source, limit).files for name, source in sources.items()}
            left = dump()
            again = [erase(source, limit) for source in sources.values()]
            assert {(done.erased, done.rewritten, done.files) for done in again} == {(0, 0, ())}
            assert dump() == left
        cut = {name: erase(source, limit, lost=lost).files for name, source in sources.items()}
        assert (dump(), cut) == (left, once)
