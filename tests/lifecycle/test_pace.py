"""How many rows go into one transaction."""

import pytest

from dsr.lifecycle import pace
from dsr.lifecycle.pace import Pace


class Watch:
    """A clock that says what it is told."""

    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def watch(monkeypatch):
    watch = Watch()
    monkeypatch.setattr(pace, "perf_counter", watch)
    return watch


def after(pace, watch, *lasting):
    """How many rows the next transaction takes after some that lasted so long."""
    for seconds in lasting:
        with pace.timed():
            watch.seconds += seconds
    return pace.rows


def test_it_begins_with_few_rows_and_doubles_them_while_they_are_quick(watch):
    assert after(Pace(), watch) == 2000
    assert after(Pace(), watch, 0.05, 0.1) == 8000


def test_it_halves_them_when_a_transaction_was_slow_and_ends_with_one(watch):
    assert after(Pace(), watch, 3) == 1000
    assert after(Pace(), watch, *[3] * 20) == 1


def test_it_comes_near_what_takes_as_long_as_it_may(watch):
    rows_a_second = 11_000
    going = Pace()
    for _transaction in range(10):
        after(going, watch, going.rows / rows_a_second)
    assert going.rows == pytest.approx(rows_a_second * pace.LONG_ENOUGH, rel=0.01)


def test_it_never_takes_more_than_the_setting_allows(watch, settings):
    settings.DSR_CHUNK_ROWS = 3000
    assert after(Pace(), watch, 0.01, 0.01) == 3000
    settings.DSR_CHUNK_ROWS = 7
    assert after(Pace(), watch) == 7


def test_no_time_at_all_is_quick(watch):
    assert after(Pace(), watch, 0) == 4000


def test_a_transaction_that_fails_changes_nothing(watch):
    going = Pace()
    with pytest.raises(ZeroDivisionError), going.timed():
        watch.seconds += 1 / 0
    assert going.rows == 2000
