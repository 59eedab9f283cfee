"""Erasures of one reader's many comments, each planned and run by the lifecycle, beside one raw UPDATE of as many."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from time import perf_counter

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.one_database import approver, officer
from dsr.lifecycle import execution, intake, running, triage
from dsr.models.request import Channel, DataRequest
from dsr.models.step import Action, Step
from dsr.readers.models import Account, Comment
from dsr.readers.sources import Comments
from dsr.states import Kind

ROWS = 100_000
TURNS = 3
COLUMNS = ("author_name", "author_url", "author_ip", "user_agent", "content")
WRITTEN = datetime(2023, 5, 1, tzinfo=UTC)  # the author is kept, the address of the machine no longer


@dataclass(frozen=True, slots=True)
class Turn:
    """The seconds that each took over as many rows of the same shape; ``longest`` is one transaction of the erasure."""

    plan: float
    erasure: float
    update: float
    longest: float


@cache
def turns() -> tuple[Turn, ...]:
    """Several, after a small one that warms up; each erases rows of its own."""
    _turn(0, 1000)
    return tuple(_turn(number, ROWS) for number in range(1, TURNS + 1))


def _turn(number: int, rows: int) -> Turn:
    update = _updated(_reader(f"raw.{number}@example.org", rows))
    email = f"erased.{number}@example.org"
    _reader(email, rows)
    return _erased(email, rows, update)


def _reader(email: str, rows: int) -> Account:
    """A reader with that many comments, ten a day, none of them answered."""
    reader = Account.objects.create(email=email, email_confirmed_at=WRITTEN, created_at=WRITTEN)
    text = "Un avis que je donne ici, en quelques phrases comme on en écrit sous un article. " * 3
    for start in range(0, rows, 10_000):
        Comment.objects.bulk_create(
            Comment(
                account=reader,
                author_name="Une lectrice",
                author_email=email,
                author_url="https://lectrice.example.org/",
                author_ip="192.0.2.1",
                user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                content=text,
                status=Comment.Status.PUBLISHED,
                article_url="https://journal.example.org/article",
                article_title="Un article",
                created_at=WRITTEN + timedelta(days=each // 1000, seconds=each % 1000),
            )
            for each in range(start, min(start + 10_000, rows))
        )
    return reader


def _updated(reader: Account) -> float:
    """What the database alone needs: the same columns of as many rows, one statement, one transaction."""
    values = {name: Comments().erased_value(name) for name in COLUMNS}
    began = perf_counter()
    with transaction.atomic():
        Comment.objects.filter(account=reader).update(**values)
    return perf_counter() - began


def _erased(email: str, rows: int, update: float) -> Turn:
    """Ask, prove, accept, plan, approve and run as the doors do; the plan and the run are timed."""
    at, everything = timezone.now(), {"comments": "*"}
    how = {"channel": Channel.FORM, "language": "fr", "at": at, "scope": everything}
    asked = intake.receive(kinds=[Kind.ERASURE], email=email, **how)[0]
    accepted = triage.accept(intake.confirm(asked, code=asked.secrets.get().code, at=at), by=officer(), at=at)
    plan = _run(accepted, Action.PLAN)
    foreseen = execution.current_plan(accepted)
    assert foreseen
    assert foreseen.lines[0]["rewritten"] == rows, foreseen.lines
    execution.approve(accepted, fingerprint=foreseen.fingerprint, by=approver(), at=at)
    _run(accepted, Action.PLAN)
    with Longest() as longest:
        erasure = _run(accepted, Action.ERASE)
    done = accepted.steps.get(action=Action.ERASE)
    assert done.result["rewritten"] == rows, done.result
    return Turn(plan, erasure, update, longest.seconds)


def _run(data_request: DataRequest, action: Action) -> float:
    step = Step.objects.due(timezone.now()).get(data_request=data_request, action=action)
    began = perf_counter()
    running.run(step.pk, now=timezone.now)
    return perf_counter() - began


class Longest:
    """The longest transaction on the connection while it is open, from the first statement to the commit."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> "Longest":
        self._begin, self._commit = connection.set_autocommit, connection.commit
        connection.set_autocommit = self._begun  # type: ignore[method-assign]
        connection.commit = self._committed  # type: ignore[method-assign]
        return self

    def __exit__(self, *_failure: object) -> None:
        connection.set_autocommit, connection.commit = self._begin, self._commit  # type: ignore[method-assign]

    def _begun(self, autocommit: bool, **options: bool) -> None:
        if not autocommit:
            self._began = perf_counter()
        self._begin(autocommit, **options)

    def _committed(self) -> None:
        self._commit()
        self.seconds = max(self.seconds, perf_counter() - self._began)
