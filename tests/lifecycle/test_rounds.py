"""A round over many rows."""

import pytest

from dsr.lifecycle import rounds


def test_every_row_has_its_turn():
    seen = []
    assert rounds.over([1, 2, 3], seen.append) == 3
    assert seen == [1, 2, 3]


def test_one_that_fails_keeps_no_other_waiting_and_is_heard_of():
    seen = []

    def act(row):
        seen.append(row)
        if row == 2:
            raise ValueError

    with pytest.raises(ExceptionGroup, match="1 of 3 failed"):
        rounds.over([1, 2, 3], act)
    assert seen == [1, 2, 3]


def test_a_round_that_fails_keeps_no_later_one_waiting(at):
    seen = []

    def fails(*, at):
        raise ExceptionGroup("1 of 2 failed", [ValueError()])

    def also(*, at):
        seen.append(at)

    with pytest.raises(ExceptionGroup, match="1 of 2 failed"):
        rounds.all_of(fails, also, at=at)
    assert seen == [at]
