"""The law's clock: the law page's table line by line, then what holds for any day of a century."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr.deadlines import (
    PARIS,
    alarm_on,
    days_late,
    due_on,
    is_contestable,
    is_late,
    notice_due_on,
    receipt_day,
)

D = date.fromisoformat


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-09-15", "2026-10-15"),
        ("2026-01-30", "2026-03-02"),
        ("2028-01-31", "2028-02-29"),
        ("2026-03-05", "2026-04-07"),
        ("2026-04-14", "2026-05-15"),
        ("2026-11-25", "2026-12-28"),
        ("2027-02-28", "2027-03-30"),
    ],
)
def test_an_answer_is_due_in_a_calendar_month_ended_on_a_working_day(received, due):
    assert due_on(D(received)) == D(due)


@pytest.mark.parametrize(
    ("received", "notice", "due"),
    [("2026-01-31", "2026-03-02", "2026-04-30"), ("2026-11-30", "2026-12-30", "2027-03-01")],
)
def test_an_extension_is_counted_from_receipt_and_announced_within_the_first_month(received, notice, due):
    assert notice_due_on(D(received)) == D(notice)
    assert due_on(D(received), extended=True) == D(due)


@pytest.mark.parametrize(
    ("received", "asked", "answered", "due"),
    [
        ("2026-02-10", "2026-02-12", "2026-02-20", "2026-03-18"),
        ("2026-01-25", "2026-01-27", "2026-02-10", "2026-03-09"),
    ],
)
def test_a_suspension_gives_the_earlier_of_its_two_readings(received, asked, answered, due):
    assert due_on(D(received), suspensions=[(D(asked), D(answered))]) == D(due)


def test_a_suspension_moves_the_notice_as_well_as_the_extended_date():
    suspensions = [(D("2026-02-03"), D("2026-02-13"))]
    assert notice_due_on(D("2026-01-31"), suspensions=suspensions) == D("2026-03-10")
    assert due_on(D("2026-01-31"), extended=True, suspensions=suspensions) == D("2026-05-11")


def test_a_message_of_the_last_hour_in_london_was_received_the_next_day_in_paris():
    received = receipt_day(datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    assert (received, due_on(received)) == (D("2026-04-01"), D("2026-05-04"))


@pytest.mark.parametrize("name", ["Alsace-Moselle", "57", "6AE", "Alsace", "Moselle"])
def test_regional_holidays_count_only_when_chosen(name):
    assert due_on(D("2026-03-03")) == D("2026-04-03")
    assert due_on(D("2026-03-03"), subdivision=name) == D("2026-04-07")


def test_no_subdivision_may_be_written_as_an_empty_setting():
    assert due_on(D("2026-03-03"), subdivision="") == D("2026-04-03")


def test_an_unknown_subdivision_is_named():
    with pytest.raises(ValueError, match="Atlantide"):
        due_on(D("2026-03-03"), subdivision="Atlantide")


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-28T22:59:59.999999+00:00", "2026-03-28"),
        ("2026-03-28T23:00:00+00:00", "2026-03-29"),  # the night to summer time
        ("2026-03-29T21:59:59+00:00", "2026-03-29"),
        ("2026-03-29T22:00:00+00:00", "2026-03-30"),
        ("2026-10-24T21:59:59+00:00", "2026-10-24"),
        ("2026-10-24T22:00:00+00:00", "2026-10-25"),  # the night to winter time
        ("2026-10-25T22:59:59+00:00", "2026-10-25"),
        ("2026-10-25T23:00:00+00:00", "2026-10-26"),
        ("2026-12-31T18:00:00-05:00", "2027-01-01"),
        ("2026-07-01T08:00:00+10:00", "2026-07-01"),
        ("2026-07-01T07:59:59+10:00", "2026-06-30"),
    ],
)
def test_a_day_is_the_day_in_paris_also_when_the_clocks_change(instant, day):
    assert receipt_day(datetime.fromisoformat(instant)) == D(day)


@pytest.mark.parametrize("fold", [0, 1])
def test_both_passages_of_the_repeated_hour_are_the_same_day(fold):
    assert receipt_day(datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=fold)) == D("2026-10-25")


def test_an_instant_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        receipt_day(datetime(2026, 3, 31, 22, 30))  # noqa: DTZ001


def test_a_due_date_is_counted_from_a_day_never_from_an_instant():
    with pytest.raises(TypeError, match="receipt_day"):
        due_on(datetime(2026, 3, 31, 22, 30, tzinfo=UTC))


def test_questions_open_together_suspend_once():
    together = [
        (D("2026-02-14"), D("2026-02-20")),
        (D("2026-02-12"), D("2026-02-17")),
        (D("2026-02-15"), D("2026-02-16")),
    ]
    assert due_on(D("2026-02-10"), suspensions=together) == D("2026-03-18")


def test_a_question_answered_the_same_day_suspends_nothing():
    assert due_on(D("2026-09-15"), suspensions=[(D("2026-09-16"), D("2026-09-16"))]) == D("2026-10-15")


@pytest.mark.parametrize(("asked", "answered"), [("2026-02-20", "2026-02-12"), ("2026-02-09", "2026-02-12")])
def test_a_suspension_runs_forwards_and_after_receipt(asked, answered):
    with pytest.raises(ValueError, match="2026-02-12"):
        due_on(D("2026-02-10"), suspensions=[(D(asked), D(answered))])


@pytest.mark.parametrize(("asked", "contestable"), [("2026-02-10", False), ("2026-02-17", False), ("2026-02-18", True)])
def test_a_question_after_the_seventh_day_is_contestable(asked, contestable):
    assert is_contestable(D("2026-02-10"), D(asked)) is contestable


def test_a_contestable_suspension_does_not_silence_the_alarm():
    received, early, late = D("2026-02-10"), (D("2026-02-12"), D("2026-02-20")), (D("2026-02-25"), D("2026-03-02"))
    assert due_on(received, suspensions=[early, late]) == D("2026-03-23")
    assert alarm_on(received, suspensions=[early, late]) == D("2026-03-18")
    assert alarm_on(received, extended=True, suspensions=[late]) == D("2026-05-11")


@pytest.mark.parametrize(
    ("at", "days"),
    [
        ("2026-03-02T23:59:59.999999+01:00", 0),
        ("2026-03-03T00:00:00+01:00", 1),
        ("2026-03-02T23:30:00+00:00", 1),
        ("2026-02-01T00:00:00+01:00", 0),
        ("2026-03-31T23:59:59+02:00", 29),
    ],
)
def test_late_begins_when_the_due_day_has_ended_in_paris(at, days):
    due, instant = D("2026-03-02"), datetime.fromisoformat(at)
    assert days_late(due, instant) == days
    assert is_late(due, instant) is (days > 0)


# A second implementation: no month arithmetic, no library, days walked one by one.

days = st.dates(D("2000-01-01"), D("2100-12-31"))


@st.composite
def clocks(draw):
    """A receipt day and its suspensions, which may touch, overlap and repeat."""
    received = draw(days)
    offsets = draw(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=4))
    return received, [
        (received + timedelta(days=start), received + timedelta(days=start + length)) for start, length in offsets
    ]


def easter(year):
    """Gauss's rule for the Gregorian calendar, as corrected in 1816."""
    a, b, c, k = year % 19, year % 4, year % 7, year // 100
    p, q = (13 + 8 * k) // 25, k // 4
    d = (19 * a + (15 - p + k - q) % 30) % 30
    e = (2 * b + 4 * c + 6 * d + (4 + k - q) % 7) % 7
    late_full_moon = (d == 29 and e == 6) or (d == 28 and e == 6 and (11 * ((15 - p + k - q) % 30) + 11) % 30 < 19)
    return date(year, 3, 22) + timedelta(days=d + e - 7 * late_full_moon)


def is_national_holiday(day):
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    return (day.month, day.day) in fixed or (day - easter(day.year)).days in {1, 39, 50}


def walk_months(day, months):
    """Walk to the month wanted, then on to the day wanted while the month lasts."""
    wanted, here = day.day, day
    for _ in range(months):
        month = here.month
        while here.month == month:
            here += timedelta(days=1)
    while here.day < wanted and (here + timedelta(days=1)).month == here.month:
        here += timedelta(days=1)
    return here


def walk_to_work(day):
    while day.weekday() in {5, 6} or is_national_holiday(day):
        day += timedelta(days=1)
    return day


def suspended(suspensions):
    return timedelta(days=len({a + timedelta(days=n) for a, b in suspensions for n in range((b - a).days)}))


def second_opinion(received, *, extended, suspensions):
    months, pause = (3 if extended else 1), suspended(suspensions)
    return min(walk_to_work(walk_months(received, months) + pause), walk_to_work(walk_months(received + pause, months)))


@given(clocks(), st.booleans())
def test_the_due_day_is_a_working_day_at_least_28_days_on_and_never_later_than_a_second_opinion(clock, extended):
    received, suspensions = clock
    due = due_on(received, extended=extended, suspensions=suspensions)
    opinion = second_opinion(received, extended=extended, suspensions=suspensions)
    assert due == walk_to_work(due) or due.year in range(2005, 2008)
    assert (due - received).days >= 28 + suspended(suspensions).days
    assert due <= opinion
    # Whit Monday was worked from 2005 to 2007.
    assert due == opinion or ((due - easter(due.year)).days == 50 and due.year in range(2005, 2008))


@given(clocks(), st.booleans())
def test_the_day_is_the_first_working_day_of_one_of_the_two_readings(clock, extended):
    """So it is never rolled twice, nor more than the longest run of closed days."""
    received, suspensions = clock
    months, pause = (3 if extended else 1), suspended(suspensions)
    earlier = min(walk_months(received, months) + pause, walk_months(received + pause, months))
    assert 0 <= (due_on(received, extended=extended, suspensions=suspensions) - earlier).days <= 4


@given(clocks(), st.integers(1, 60), st.booleans())
def test_a_later_receipt_is_never_due_earlier(clock, days_after, extended):
    received, _ = clock
    later = received + timedelta(days=days_after)
    assert due_on(received, extended=extended) <= due_on(later, extended=extended)


@given(clocks(), st.booleans())
def test_suspensions_extensions_and_holidays_never_bring_the_day_forward(clock, extended):
    received, suspensions = clock
    due = due_on(received, extended=extended, suspensions=suspensions)
    assert due >= due_on(received, extended=extended)
    assert due >= notice_due_on(received, suspensions=suspensions)
    assert due >= alarm_on(received, extended=extended, suspensions=suspensions)
    assert due <= due_on(received, extended=extended, suspensions=suspensions, subdivision="Alsace-Moselle")


@given(clocks(), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_suspensions_do_not_matter(clock, random):
    received, suspensions = clock
    shuffled = random.sample(suspensions * 2, k=2 * len(suspensions))
    assert due_on(received, suspensions=shuffled) == due_on(received, suspensions=suspensions)


@given(days, st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31), timezones=st.timezones()))  # noqa: DTZ001
def test_late_and_days_late_agree(due, at):
    assert is_late(due, at) is (days_late(due, at) > 0)
    assert is_late(receipt_day(at), at) is False
