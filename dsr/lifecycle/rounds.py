"""A round over many rows at the clock's bidding: one that fails keeps no other waiting, and is still heard of."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

Row = TypeVar("Row")


def over(rows: Iterable[Row], act: Callable[[Row], object]) -> int:
    """Act on each row and say how many; an ExceptionGroup of what failed comes once all had their turn."""
    done, failures = 0, []
    for row in rows:
        try:
            act(row)
            done += 1
        except Exception as failure:  # noqa: BLE001 - whatever it is, the next reader's deadline does not wait for it
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {done + len(failures)} failed", failures)
    return done


def all_of(*acts: Callable[..., object], at: datetime) -> int:
    """Several rounds at one bidding, each at its turn, likewise."""
    return over(acts, lambda act: act(at=at))
