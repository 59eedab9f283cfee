"""Sending: real mail over loopback, claimed once, retried when it may help, marked once by whoever holds the notice."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail.utils import DNS_NAME
from django.db import connection

from dsr import notifications
from dsr.models.audit import AuditEntry
from dsr.models.identity import Purpose
from dsr.models.notice import SUPERSEDED, Notice
from dsr.models.request import DataRequest
from dsr.states import Kind
from tests.conftest import Clock
from tests.notifications.conftest import IN_TIME, Asks, Draws
from tests.notifications.mailbox import Mailbox, controller, free_port


@pytest.fixture
def clock() -> Clock:
    return Clock(IN_TIME)


@pytest.fixture
def mailbox(settings, monkeypatch) -> Iterator[Mailbox]:
    """An SMTP server that takes the place of the newspaper's."""
    mailbox = Mailbox()
    server = controller(mailbox)
    server.start()
    monkeypatch.setattr(DNS_NAME, "_fqdn", "localhost", raising=False)  # never asks the network for this host's name
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield mailbox
    server.stop()


@pytest.fixture
def receipt(alice_asks: Asks, draw: Draws) -> Notice:
    """The acknowledgement of Alice's request, written and not sent."""
    data_request = alice_asks()
    return notifications.acknowledgement(data_request, secret=draw(data_request), at=IN_TIME)


@pytest.fixture
def answer(alice_asks: Asks) -> Notice:
    """A letter that stops the clock."""
    return notifications.objection_done(alice_asks(Kind.OBJECTION), at=IN_TIME)


def events(notice: Notice) -> list[str]:
    """What the timeline of the request says, in order."""
    entries = AuditEntry.objects.filter(subject=notice.data_request.reference).order_by("n")
    return list(entries.values_list("event", flat=True))


def test_a_letter_arrives_as_it_was_written(receipt: Notice, mailbox: Mailbox, clock: Clock):
    assert notifications.deliver(receipt.pk, now=clock)
    [mail] = mailbox.received
    assert mail["Subject"].strip() == receipt.subject
    assert mail["To"] == "alice@example.org"
    assert mail["Message-ID"] == receipt.message_id
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Reply-To"] == "dpo@example.org"
    assert not [name for name in mail.keys() if name.startswith("List-")]  # noqa: SIM118 - headers may repeat
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_secrets_are_filled_in_on_the_way_out_only(receipt: Notice, mailbox: Mailbox, clock: Clock):
    notifications.deliver(receipt.pk, now=clock)
    assert receipt.secret
    for kind in ("plain", "html"):
        body = mailbox.received[0].get_body((kind,)).get_content()
        assert receipt.secret.code in body
        assert f"/demande/{receipt.data_request.reference}/#{receipt.secret.token}" in body
        assert "⟦" not in body
    receipt.refresh_from_db()
    assert receipt.secret.code not in receipt.text + receipt.html


def test_what_was_sent_is_marked_and_on_record(receipt: Notice, mailbox: Mailbox, clock: Clock):
    notifications.deliver(receipt.pk, now=clock)
    receipt.refresh_from_db()
    assert (receipt.sent_at, receipt.attempts, receipt.lease_until) == (IN_TIME, 1, None)
    entry = AuditEntry.objects.get(event="notice.sent")
    assert entry.facts == {"letter": "acknowledgement", "by_post": False}
    assert entry.actor == "system"
    receipt.data_request.refresh_from_db()
    assert receipt.data_request.answer_sent_at is None


def test_the_clock_stops_when_the_answer_is_sent(answer: Notice, mailbox: Mailbox, clock: Clock):
    notifications.deliver(answer.pk, now=clock)
    answer.data_request.refresh_from_db()
    assert answer.data_request.answer_sent_at == IN_TIME


def test_a_sent_letter_is_not_sent_again(receipt: Notice, mailbox: Mailbox, clock: Clock):
    notifications.deliver(receipt.pk, now=clock)
    clock.forward(days=1)
    assert not notifications.deliver(receipt.pk, now=clock)
    assert len(mailbox.received) == 1


@pytest.mark.django_db
def test_a_letter_that_is_not_there_is_nobodys(clock: Clock):
    assert not notifications.deliver(404, now=clock)


def test_a_letter_by_post_is_never_mailed(alice_asks: Asks, mailbox: Mailbox, clock: Clock):
    notice = notifications.entered(alice_asks(email="", postal_address="12 rue des Lilas"), at=IN_TIME)
    assert not notifications.deliver(notice.pk, now=clock)
    assert mailbox.received == []


def test_a_busy_server_is_asked_again_a_little_later(receipt: Notice, mailbox: Mailbox, clock: Clock):
    mailbox.data = ["451 greylisted", "451 greylisted"]
    assert not notifications.deliver(receipt.pk, now=clock)
    receipt.refresh_from_db()
    assert (receipt.failure, receipt.needs_attention) == ("smtp-451", False)
    assert receipt.lease_until == IN_TIME + timedelta(minutes=1)
    assert not notifications.deliver(receipt.pk, now=clock), "its time has not come"
    clock.forward(minutes=1)
    assert not notifications.deliver(receipt.pk, now=clock)
    receipt.refresh_from_db()
    assert receipt.lease_until == clock() + timedelta(minutes=5)
    clock.forward(minutes=5)
    assert notifications.deliver(receipt.pk, now=clock)
    receipt.refresh_from_db()
    assert (receipt.failure, receipt.attempts) == ("", 3)
    assert events(receipt) == ["notice.sent"]


def test_an_address_that_does_not_exist_needs_a_person(receipt: Notice, mailbox: Mailbox, clock: Clock):
    mailbox.rcpt = ["550 no alice@example.org here"]
    assert not notifications.deliver(receipt.pk, now=clock)
    receipt.refresh_from_db()
    assert (receipt.failure, receipt.needs_attention, receipt.sent_at) == ("smtp-550", True, None)
    assert AuditEntry.objects.get(event="notice.failed").facts == {"letter": "acknowledgement", "attempts": 1}
    clock.forward(days=1)
    assert not notifications.deliver(receipt.pk, now=clock)


def test_a_letter_refused_for_good_needs_a_person(receipt: Notice, mailbox: Mailbox, clock: Clock):
    mailbox.data = ["554 looks like advertising"]
    notifications.deliver(receipt.pk, now=clock)
    receipt.refresh_from_db()
    assert (receipt.failure, receipt.needs_attention) == ("smtp-554", True)


def test_a_server_that_is_down_is_tried_until_a_person_must_look(
    receipt: Notice, mailbox: Mailbox, clock: Clock, settings
):
    settings.EMAIL_PORT = free_port()
    for _attempt in range(settings.DSR_MAX_ATTEMPTS):
        assert not notifications.deliver(receipt.pk, now=clock)
        clock.forward(hours=1)
    receipt.refresh_from_db()
    assert (receipt.failure, receipt.needs_attention, receipt.attempts) == ("unreachable", True, 5)
    assert events(receipt) == ["notice.failed"]


def test_a_letter_may_be_given_another_try(receipt: Notice, mailbox: Mailbox, clock: Clock, settings):
    mailbox.rcpt = ["550 moved"]
    notifications.deliver(receipt.pk, now=clock)
    assert notifications.send_again(receipt, at=clock())
    assert not notifications.send_again(receipt, at=clock()), "it is being tried already"
    assert notifications.deliver(receipt.pk, now=clock)


def test_a_letter_whose_workers_all_died_needs_a_person(receipt: Notice, mailbox: Mailbox, clock: Clock, settings):
    Notice.objects.update(attempts=settings.DSR_MAX_ATTEMPTS)
    assert not notifications.deliver(receipt.pk, now=clock)
    receipt.refresh_from_db()
    assert (receipt.failure, receipt.needs_attention) == ("interrupted", True)
    assert notifications.send_again(receipt, at=clock())
    assert notifications.deliver(receipt.pk, now=clock)


def test_an_address_no_mail_can_carry_needs_a_person(receipt: Notice, mailbox: Mailbox, clock: Clock):
    Notice.objects.update(to="alice@example.org\nBcc: mallory@example.org")
    assert not notifications.deliver(receipt.pk, now=clock)
    receipt.refresh_from_db()
    assert (receipt.failure, receipt.needs_attention) == ("unsendable", True)
    assert mailbox.received == []


@pytest.mark.parametrize("field", ["used_at", "revoked_at", "expires_at"])
def test_a_letter_that_is_only_a_dead_code_does_not_leave(
    field, alice_asks: Asks, draw: Draws, mailbox: Mailbox, clock: Clock
):
    data_request = alice_asks()
    secret = draw(data_request, Purpose.FOLLOW)
    notice = notifications.code(data_request, secret=secret, at=IN_TIME)
    setattr(secret, field, IN_TIME)
    secret.save()
    assert not notifications.deliver(notice.pk, now=clock)
    notice.refresh_from_db()
    assert (notice.failure, notice.needs_attention, notice.sent_at) == (SUPERSEDED, False, None)
    assert notice not in Notice.objects.claimable(clock.forward(days=1))
    assert notice not in Notice.objects.unsent()
    assert mailbox.received == []


def test_a_letter_that_says_more_leaves_without_its_dead_code(receipt: Notice, mailbox: Mailbox, clock: Clock):
    assert receipt.secret
    receipt.secret.revoked_at = IN_TIME
    receipt.secret.save()
    assert notifications.deliver(receipt.pk, now=clock)
    body = mailbox.received[0].get_body(("plain",)).get_content()
    assert receipt.secret.code not in body
    assert receipt.secret.token not in body
    assert "demandez-en un nouveau" in body


class PowerCut(BaseException):
    """The worker dies."""


def test_a_worker_that_dies_after_sending_leaves_the_same_letter_to_send(
    receipt: Notice, mailbox: Mailbox, clock: Clock, monkeypatch
):
    def dies() -> object:
        if mailbox.received:
            raise PowerCut
        return clock()

    with pytest.raises(PowerCut):
        notifications.deliver(receipt.pk, now=dies)
    clock.forward(hours=1)
    assert notifications.deliver(receipt.pk, now=clock)
    first, second = mailbox.received
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()
    assert events(receipt) == ["notice.sent"]


@pytest.fixture
def on_disk(transactional_db, tmp_path: Path) -> Iterator[None]:
    """Threads meet in a SQLite file, as they do in production; in memory a second writer is refused at once."""
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    connection.ensure_connection()
    memory, name = connection.connection, connection.settings_dict["NAME"]
    with sqlite3.connect(tmp_path / "newspaper.sqlite3") as disk:
        memory.backup(disk)
    disk.close()
    connection.settings_dict["NAME"] = str(tmp_path / "newspaper.sqlite3")
    connection.connection = None
    yield
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.connection = memory


def in_a_worker(deliver: Callable[[], bool]) -> bool:
    """Deliver on a thread's own connection."""
    try:
        return deliver()
    finally:
        connection.close()


def test_of_many_workers_one_sends(on_disk, receipt: Notice, mailbox: Mailbox, clock: Clock):
    start = threading.Barrier(6)

    def worker() -> bool:
        start.wait()
        return in_a_worker(lambda: notifications.deliver(receipt.pk, now=clock))

    with ThreadPoolExecutor(6) as workers:
        outcomes = [future.result() for future in [workers.submit(worker) for _ in range(6)]]
    assert sorted(outcomes) == [False] * 5 + [True]
    assert len(mailbox.received) == 1
    assert events(receipt) == ["notice.sent"]


def test_a_worker_whose_lease_ran_out_writes_nothing(on_disk, answer: Notice, mailbox: Mailbox, settings):
    slow, quick = Clock(IN_TIME), Clock(IN_TIME + timedelta(seconds=settings.DSR_LEASE_SECONDS))
    mailbox.hold = release = threading.Event()
    with ThreadPoolExecutor(1) as worker:
        zombie = worker.submit(in_a_worker, lambda: notifications.deliver(answer.pk, now=slow))
        mailbox.arrived.wait(timeout=10)
        assert notifications.deliver(answer.pk, now=quick)
        slow.forward(hours=2)
        release.set()
        assert not zombie.result()
    answer.refresh_from_db()
    assert (answer.sent_at, answer.attempts) == (quick(), 2)
    assert DataRequest.objects.get().answer_sent_at == quick()
    assert events(answer) == ["notice.sent"]


def test_a_worker_whose_notice_was_taken_marks_nothing_sent(on_disk, answer: Notice, mailbox: Mailbox, settings):
    slow, quick = Clock(IN_TIME), Clock(IN_TIME + timedelta(seconds=settings.DSR_LEASE_SECONDS))
    mailbox.hold = release = threading.Event()
    with ThreadPoolExecutor(1) as worker:
        zombie = worker.submit(in_a_worker, lambda: notifications.deliver(answer.pk, now=slow))
        mailbox.arrived.wait(timeout=10)
        mailbox.data = ["451 greylisted"]
        assert not notifications.deliver(answer.pk, now=quick)
        release.set()
        assert not zombie.result()
    answer.refresh_from_db()
    assert (answer.sent_at, answer.failure, answer.attempts) == (None, "smtp-451", 2)
    assert events(answer) == []
