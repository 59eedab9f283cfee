"""The law's clock: when a request arrived, when its answer is due, and whether that day is past.

GDPR art. 12(3)-(4) read with Regulation (EEC, Euratom) 1182/71 art. 3: calendar months counted from the day of
receipt, ended on a working day. Days are those of Paris. Where two readings exist, the earlier day is ours.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

PARIS = ZoneInfo("Europe/Paris")
MONTHS = 1
EXTENDED_MONTHS = 3
CONTESTABLE_AFTER_DAYS = 7
SUSPENSION_ALARM_DAYS = (30, 60)
# The name everybody uses, which the library gave up for the two departments it is made of; their holidays are the same.
SUBDIVISION_ALIASES = {"Alsace-Moselle": "6AE"}


def receipt_day(instant: datetime) -> date:
    """The day in Paris on which `instant` falls. A naive instant raises ValueError: it has no day of its own."""
    if instant.utcoffset() is None:
        raise ValueError("An instant of receipt needs its time zone.")
    return instant.astimezone(PARIS).date()


def local(instant: datetime) -> datetime:
    """The instant in Paris; one at the edge of what dates can hold stays as it is."""
    try:
        return instant.astimezone(PARIS)
    except OverflowError:
        return instant


def due_on(
    received: date,
    *,
    extended: bool = False,
    suspensions: Sequence[tuple[date, date]] = (),
    subdivision: str | None = None,
) -> date:
    """The last day to answer in time.

    `suspensions` are the (asked, answered) days of the identity questions that stop the clock; days that overlap count
    once. `subdivision` adds the holidays of a part of France, under any name the `holidays` package gives it. A
    suspension that ends before it begins or begins before receipt, or an unknown subdivision, raises ValueError.
    """
    _check_is_day(received)
    months = EXTENDED_MONTHS if extended else MONTHS
    suspended = timedelta(days=_suspended_days(received, suspensions))
    # Two readings of a suspension, up to three days apart: what remained of the time is kept, or its start moves.
    time_kept = months_later(received, months) + suspended
    start_moved = months_later(received + suspended, months)
    return min(_roll(time_kept, subdivision), _roll(start_moved, subdivision))


def notice_due_on(
    received: date, *, suspensions: Sequence[tuple[date, date]] = (), subdivision: str | None = None
) -> date:
    """The last day to send the notice of an extension, or a refusal (GDPR art. 12(3)-(4)): never extended itself."""
    return due_on(received, suspensions=suspensions, subdivision=subdivision)


def alarm_on(
    received: date,
    *,
    extended: bool = False,
    suspensions: Sequence[tuple[date, date]] = (),
    subdivision: str | None = None,
) -> date:
    """The day to warn staff by: due as though a question that came too late to be safe had not stopped the clock."""
    safe = [(asked, answered) for asked, answered in suspensions if not is_contestable(received, asked)]
    return due_on(received, extended=extended, suspensions=safe, subdivision=subdivision)


def is_contestable(received: date, asked: date) -> bool:
    """Whether identity was questioned so late that a regulator may hold that the clock never stopped."""
    return (asked - received).days > CONTESTABLE_AFTER_DAYS


def is_late(due: date, at: datetime) -> bool:
    """Whether `at` is after the last instant, in Paris, of the day `due`."""
    return receipt_day(at) > due


def days_late(due: date, at: datetime) -> int:
    """Whole days in Paris from `due` to `at`, 0 when in time."""
    return max(0, (receipt_day(at) - due).days)


def _check_is_day(received: date) -> None:
    """Refuse an instant: a datetime passes for a date, belongs to some other zone's day, and equals no holiday."""
    if isinstance(received, datetime):
        raise TypeError("A due date is counted from a day: give receipt_day(instant).")


def _suspended_days(received: date, suspensions: Sequence[tuple[date, date]]) -> int:
    """How many days no answer was owed; questions that were open together are one suspension."""
    days, counted_to = 0, received
    for asked, answered in sorted(suspensions):
        if asked < received or answered < asked:
            raise ValueError(f"A suspension cannot run from {asked} to {answered} for a request received {received}.")
        days += max(0, (answered - max(asked, counted_to)).days)
        counted_to = max(counted_to, answered)
    return days


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has none (1182/71 art. 3(2)(c))."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _roll(day: date, subdivision: str | None) -> date:
    """The first working day from `day` on (1182/71 art. 3(4))."""
    while day.isoweekday() > 5 or day in _holidays(day.year, subdivision):  # noqa: PLR2004
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=512)
def _holidays(year: int, subdivision: str | None) -> frozenset[date]:
    """A year's holidays, frozen: the library's own object fills itself as it is asked, which threads may not share."""
    name = SUBDIVISION_ALIASES.get(subdivision, subdivision) if subdivision else None
    try:
        return frozenset(country_holidays("FR", subdiv=name, years=year))
    except NotImplementedError as error:
        raise ValueError(f"The holidays of {subdivision!r} are not known: see DSR_HOLIDAY_SUBDIVISION.") from error
