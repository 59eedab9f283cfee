"""Workers are killed, Redis forgets, PostgreSQL ends sessions, two beats run: nothing is lost nor done twice."""

import time
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from dsr import hints, permissions
from dsr.audit import sequencer
from dsr.audit.verifying import verify
from dsr.lifecycle import contracts, execution, intake, persons, recipients, triage
from dsr.models.audit import AuditEntry
from dsr.models.identity import Secret
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.recipient import RecipientNotice
from dsr.models.request import Channel, DataRequest, Ending
from dsr.models.step import Step
from dsr.models.tree import Leaf
from dsr.readers.models import Account
from dsr.states import Kind, State
from tests import postgresql
from tests.conftest import let_go
from tests.redis_server import RedisServer
from tests.workers import CeleryProcess

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("newspaper")]

# The whole hundred requests where newspapers run it; on SQLite, whose writers wait for each other, half of them.
READERS = 12 if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else 25
KILLS = 10
FLUSHES = {3, 7}
ENDED_SESSIONS = {1, 4, 8}
PROGRESS = READERS // 2  # steps and letters between two kills
PATIENCE_SECONDS = 400  # no goal: a run that takes longer has lost something


@pytest.fixture
def postbox(tmp_path) -> Path:
    """Where the workers' letters are dropped."""
    folder = tmp_path / "mail"
    folder.mkdir()
    return folder


@pytest.fixture
def engine(tmp_path, postbox, settings):
    """Redis, a worker group of two processes and two beats."""
    now = {"DSR_LEASE_SECONDS": "2", "DSR_SWEEP_SECONDS": "3", "DSR_MAX_ATTEMPTS": "50"}
    mail = {"EMAIL_URL": f"file:///{postbox}"}
    with RedisServer() as redis:
        worker = CeleryProcess(
            "worker", "-c", "2", "-Q", "steps,mail", "-l", "WARNING",
            redis_url=redis.url, log=tmp_path / "worker.log", **now, **mail,
        )  # fmt: skip
        beats = [
            CeleryProcess(
                "beat", "-s", str(tmp_path / f"beat-{n}"), redis_url=redis.url, log=tmp_path / "beat.log", **now
            )
            for n in (1, 2)
        ]
        with worker, beats[0], beats[1]:
            yield redis, worker


def ask_everything(at) -> list[DataRequest]:
    """Requests of four kinds, proven, of each reader."""
    asked = []
    for email in Account.objects.exclude(email=None).order_by("pk").values_list("email", flat=True)[:READERS]:
        for kind in (Kind.ACCESS, Kind.OBJECTION, Kind.ERASURE, Kind.OTHER):
            facts = {"kinds": [kind], "channel": Channel.FORM, "language": "fr", "at": at}
            data_request = intake.receive(email=email, **facts)[0]
            intake.confirm(data_request, code=Secret.objects.latest("pk").code, at=at)
            asked.append(data_request)
    return asked


def decide(asked, olive, at) -> None:
    for data_request in asked:
        if data_request.kind in {Kind.ACCESS, Kind.ERASURE}:
            triage.accept(data_request, by=olive, at=at)
        elif data_request.kind == Kind.OTHER:
            triage.refuse(data_request, because="right-not-applicable", by=olive, at=at)
        hints.for_request(data_request)


def approve_what_is_planned(simone, at) -> None:
    for data_request in DataRequest.objects.filter(state=State.APPROVAL):
        plan = execution.current_plan(data_request)
        if plan and not data_request.steps.unfinished().exists():
            if plan.bound and not data_request.ending:
                contracts.choose(data_request, ending=Ending.AT_TERM, at=at)
            execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)


def release_what_is_packed(olive, at) -> None:
    for data_request in DataRequest.objects.filter(state=State.EXECUTING, kind=Kind.ACCESS):
        if permissions.may("finish_screening", olive, data_request):
            persons.mask_rest(data_request, by=olive, at=at)
            persons.finish(data_request, by=olive, at=at)
        let_go(data_request, at=at)
        hints.for_request(data_request)


def letters(postbox: Path) -> list[Message]:
    """Django's file backend ends each letter with a line of dashes."""
    written = [letter for path in postbox.iterdir() for letter in path.read_bytes().split(b"-" * 79)]
    return [message_from_bytes(letter.strip()) for letter in written if letter.strip()]


def test_kills_flushes_and_ended_sessions_lose_and_double_nothing(engine, postbox, olive, simone, at):
    redis, worker = engine
    asked = ask_everything(at)
    decide(asked, olive, at)
    for kill in range(KILLS):
        wait_for_progress()
        if kill in ENDED_SESSIONS and connection.vendor == "postgresql":
            postgresql.end_the_others(connection)
            wait_for_progress()
        worker.kill()
        if kill in FLUSHES:
            redis.flush()
        approve_what_is_planned(simone, at)
        worker.start()
    wait_until_all_is_answered(olive, simone, at)

    assert set(DataRequest.objects.values_list("state", flat=True)) == {State.ANSWERED, State.REFUSED}
    assert not Step.objects.unfinished().exists()
    assert Package.objects.count() == READERS
    done = AuditEntry.objects.filter(event="step.done").count()
    assert done == Step.objects.exclude(finished_at=None).count()
    answers = Notice.objects.filter(answers=True)
    assert answers.count() == len(asked)
    sent = {message["Message-ID"] for message in letters(postbox)}
    assert sent == set(Notice.objects.exclude(failure="superseded").values_list("message_id", flat=True))
    sequencer.run()
    assert Leaf.objects.count() == AuditEntry.objects.count()
    assert list(verify()) == []


def wait_for_progress() -> None:
    """Let the workers do something worth interrupting, then not finish it."""
    limit, before = time.monotonic() + PATIENCE_SECONDS, progress()
    while progress() < before + PROGRESS and DataRequest.objects.on_the_clock().exists():
        assert time.monotonic() < limit, "the workers do nothing"
        time.sleep(0.1)


def progress() -> int:
    return AuditEntry.objects.filter(event__in=["step.done", "notice.sent"]).count()


def tell_by_hand(olive) -> None:
    """Olive opens the carrier's extranet for each erased subscriber."""
    for task in RecipientNotice.objects.waiting().filter(letter=None):
        recipients.told(task, on=timezone.localdate(), how="Extranet", by=olive, at=timezone.now())


def what_is_left() -> list[object]:
    """What keeps the requests from being answered, or their letters from leaving."""
    return [
        *Step.objects.unfinished().values("action", "source", "status", "failure"),
        *DataRequest.objects.on_the_clock().values("kind", "state", "answer_sent_at"),
        *RecipientNotice.objects.waiting().values("recipient", "letter__sent_at"),
        *Notice.objects.unsent().values("letter", "attempts", "needs_attention", "failure"),
    ]


def wait_until_all_is_answered(olive, simone, at) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while DataRequest.objects.on_the_clock().exists() or Notice.objects.unsent().exists():
        approve_what_is_planned(simone, at)
        tell_by_hand(olive)
        release_what_is_packed(olive, at)
        assert time.monotonic() < limit, what_is_left()
        time.sleep(1)
