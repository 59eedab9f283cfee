"""A worker is killed in the middle of a long step: the next one ends it, and nothing is there twice or by half."""

import signal
import time
from collections.abc import Callable

import pytest
from django.conf import settings

from dsr.lifecycle import execution, triage, wishes
from dsr.models.audit import AuditEntry
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status, Step
from dsr.readers.models import Comment
from dsr.states import Kind
from tests.chaos import deadly
from tests.conftest import ALICE, BOB
from tests.groups import give_groups_back
from tests.lifecycle.conftest import works  # noqa: F401
from tests.redis_server import RedisServer
from tests.sources.readers import account, comment
from tests.workers import CeleryProcess

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

COMMENTS = 3 * deadly.READ
LEASE_SECONDS = 2
PATIENCE_SECONDS = 120
SOURCES = ("tests.chaos.deadly.Comments", "dsr.readers.sources.Accounts")


@pytest.fixture
def writers(transactional_db, settings):
    """Alice and Bob, who quote one another again and again."""
    give_groups_back()
    settings.DSR_SOURCES, settings.DSR_HOSTING_GROUNDS = list(SOURCES), "drop"
    for writer, other in ((ALICE, BOB), (BOB, ALICE)):
        reader = account(writer, pen_name=f"Plume {writer}")
        for _number in range(COMMENTS):
            comment(account=reader, author_name=reader.pen_name, content=f"Écrivez à {other}.")


@pytest.fixture
def worker(tmp_path, writers):
    """A worker group on the deadly source, not started yet."""
    short = {"DSR_LEASE_SECONDS": str(LEASE_SECONDS), "DSR_CHUNK_ROWS": str(deadly.READ), "DSR_HOSTING_GROUNDS": "drop"}
    command = ("worker", "-c", "1", "-Q", "steps,mail", "-l", "WARNING")
    with RedisServer() as redis:
        process = CeleryProcess(
            *command, redis_url=redis.url, log=tmp_path / "worker.log", DSR_SOURCES=",".join(SOURCES), **short
        )
        yield process
        process.kill()


@pytest.fixture
def screened(asks, proves, olive, at) -> DataRequest:
    """A copy of Alice's comments."""
    return triage.accept(proves(asks(Kind.ACCESS)), by=olive, at=at)


@pytest.fixture
def rectified(asks, proves, olive, at) -> DataRequest:
    """Alice's pen name, wherever it stands."""
    data_request = proves(asks(Kind.RECTIFICATION))
    wishes.wish(data_request, wishes=[wishes.Wish("pen_name", f"Plume {ALICE}", "Alicia")], at=at)
    triage.decide_correction(data_request.corrections.get(), accepted=True, by=olive, at=at)
    return triage.accept(data_request, by=olive, at=at)


@pytest.fixture
def erased(asks, proves, olive, simone, works, at) -> DataRequest:  # noqa: F811
    """Everything of Alice's, which Bob has quoted."""
    data_request = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=at))
    plan = execution.current_plan(data_request)
    return execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)


def dies_and_goes_on(worker: CeleryProcess, action: Action, until: Callable[[Step], bool], *, source: str = "") -> Step:
    """Kill the worker at that step, start another once the lease is over, and wait for what the step comes to."""
    settings.DSR_DATA_DIR.mkdir(exist_ok=True)
    deadly.sentence(action).touch()
    worker.start()
    assert worker.process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert Step.objects.get(action=action, source=source).status == Status.PENDING
    time.sleep(LEASE_SECONDS)
    worker.start()
    limit = time.monotonic() + PATIENCE_SECONDS
    while not until(step := Step.objects.get(action=action, source=source)):
        assert time.monotonic() < limit, step.failure
        time.sleep(0.1)
    assert step.attempts > 1
    return step


def waits(step: Step) -> bool:
    return step.status == Status.WAITING


def is_done(step: Step) -> bool:
    return step.status == Status.DONE


def test_a_screening_lists_each_passage_once(worker, screened):
    dies_and_goes_on(worker, Action.SCREEN, waits)
    places = list(screened.passages.values_list("row", "field", "start"))
    assert len(places) == len(set(places)) == COMMENTS
    assert facts("passage.listed") == [{"passages": COMMENTS, "undecided": COMMENTS}]


def test_a_rectification_changes_every_row_once(worker, rectified):
    step = dies_and_goes_on(worker, Action.RECTIFY, is_done, source="comments")
    names = sorted(Comment.objects.values_list("author_name", flat=True))
    assert names == ["Alicia"] * COMMENTS + [f"Plume {BOB}"] * COMMENTS
    assert step.result["changed"] == COMMENTS
    assert [each["changed"] for each in facts("step.done") if each["source"] == "comments"] == [COMMENTS]


def test_a_search_lists_each_mention_once(worker, erased):
    dies_and_goes_on(worker, Action.VERIFY, waits)
    rows = list(erased.mentions.values_list("row_key", flat=True))
    assert len(rows) == len(set(rows)) == COMMENTS
    assert [(each["mentions"], each["remaining"]) for each in facts("erasure.searched")] == [(COMMENTS, 0)]


def facts(event: str) -> list[dict[str, object]]:
    return [entry.facts for entry in AuditEntry.objects.filter(event=event)]
