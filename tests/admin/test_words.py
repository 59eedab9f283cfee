"""The desk has a word for everything it may have to say."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr import grounds
from dsr.admin import marks, words
from dsr.audit.events import EVENTS
from dsr.states import Kind, Owner, State


def test_every_kind_state_and_owner_has_its_word():
    assert set(words.KINDS) == set(Kind)
    assert set(words.STATES) == set(State)
    assert set(words.OWNERS) == set(Owner)


def test_every_fact_of_every_event_has_its_label():
    assert {fact for event in EVENTS.values() for fact in event.facts} == set(words.FACTS)


@given(st.text(max_size=64), st.sampled_from(sorted(words.FACTS)))
@pytest.mark.django_db
def test_a_fact_nobody_foresaw_is_told_as_it_is(value, name):
    assert isinstance(words.fact(name, value), str)


@given(st.lists(st.tuples(st.sampled_from(sorted(grounds.KEEPING)), st.dates() | st.none(), st.integers(1, 99))))
def test_kept_rows_are_told_once_for_each_ground_and_none_is_left_out(kept):
    lines = [{"ground": code, "until": day and day.isoformat(), "rows": rows} for code, day, rows in kept]
    told = words.kept(lines)
    assert len(told) == len({code for code, _day, _rows in kept})
    assert sum(int(text.split("\N{NO-BREAK SPACE}")[0].split()[0]) for text in told) == sum(rows for *_, rows in kept)


@given(st.integers(-400, 400))
def test_days_left_are_told_in_words_with_their_tone(days):
    now = datetime.now().astimezone()
    mark = marks.days_left(date.fromordinal(marks.deadlines.receipt_day(now).toordinal()) + timedelta(days=days), now)
    assert ("en retard" in mark.word) == (days < 0)
    assert mark.tone == ("bad" if days <= 0 else "warn" if days <= marks.SOON_DAYS else "plain")


def test_a_mark_escapes_its_word():
    assert "<b>" not in str(marks.Mark("<b>"))
