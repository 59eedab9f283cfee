"""A request of access received, proven and accepted, and the part of the log in that time."""

from time import perf_counter
from typing import Any

from django.utils import timezone

from benchmarks.one_database import Figures, officer
from dsr.audit import log
from dsr.lifecycle import intake, triage
from dsr.models.request import Channel
from dsr.models.staff import Staff
from dsr.states import Kind

REQUESTS = 60


class Stopwatch:
    """Stands in for a function and adds up the seconds spent in it."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.seconds = 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        began = perf_counter()
        answer = self.function(*args, **kwargs)
        self.seconds += perf_counter() - began
        return answer


def measure() -> Figures:
    """One after the other in one process, after one that warms up."""
    olive = officer()
    _live(olive, "warm.up@example.org")
    recording = log.record = Stopwatch(log.record)  # type: ignore[assignment]
    began = perf_counter()
    for number in range(REQUESTS):
        _live(olive, f"reader.{number}@example.org")
    seconds = perf_counter() - began
    log.record = recording.function
    return {"request.per_second": REQUESTS / seconds, "request.log_share": recording.seconds / seconds}


def _live(olive: Staff, email: str) -> None:
    at = timezone.now()
    asked = intake.receive(kinds=[Kind.ACCESS], email=email, channel=Channel.FORM, language="fr", at=at)[0]
    proven = intake.confirm(asked, code=asked.secrets.get().code, at=at)
    triage.accept(proven, by=olive, at=at)
