"""A package before it leaves: who reads it, what releases it, and when nobody has to."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dsr.lifecycle import delivery, downloads, execution, persons, reading, triage
from dsr.models.audit import AuditEntry
from dsr.models.step import Action, Status
from dsr.permissions import Denied, NotNow
from dsr.states import Kind, State
from tests.lifecycle.shelf import Shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves")]


class Diary(Shelf):
    """A shelf whose titles people write as they like."""

    free_text = {"title": "Titre"}


@pytest.fixture
def packed(asks, proves, olive, works, at):
    """A copy as far as the worker gets."""

    def pack():
        data_request = proves(asks(Kind.ACCESS))
        triage.accept(data_request, by=olive, at=at)
        return works(data_request, unread=True)

    return pack


def events(data_request):
    return list(
        AuditEntry.objects.filter(subject=data_request.reference, event__startswith="package.")
        .order_by("n")
        .values_list("event", flat=True)
    )


def test_the_reader_learns_of_no_package_that_was_not_released(packed, at):
    data_request = packed()
    assert data_request.state == State.EXECUTING
    assert not data_request.notices.filter(letter="package_ready").exists()
    with pytest.raises(delivery.NoPackage):
        delivery.send_code(data_request, at=at)
    with pytest.raises(delivery.NoPackage):
        downloads.begin(data_request, code="222-222-222", at=at)


def test_who_has_read_it_releases_it(packed, olive, simone, at):
    data_request = packed()
    reading.read(data_request, by=olive, at=at)
    with pytest.raises(reading.NotRead):
        reading.release(data_request, by=simone, at=at)
    reading.release(data_request, by=olive, at=at)
    data_request.refresh_from_db()
    assert data_request.state == State.ANSWERED
    assert events(data_request) == ["package.sealed", "package.examined", "package.released"]


def test_nobody_but_an_officer_reads_releases_or_sends_back(packed, remi, mallory, at):
    data_request = packed()
    for person in (remi, mallory):
        for verb in (reading.read, reading.release, reading.repack):
            with pytest.raises(Denied):
                verb(data_request, by=person, at=at)


def test_there_is_nothing_to_read_before_it_is_packed(asks, proves, olive, at):
    data_request = proves(asks(Kind.ACCESS))
    triage.accept(data_request, by=olive, at=at)
    with pytest.raises(NotNow):
        reading.read(data_request, by=olive, at=at)


def test_nobody_says_by_hand_that_it_was_read(packed, olive, at):
    with pytest.raises(NotNow):
        execution.complete_by_hand(packed().steps.get(action=Action.READ), by=olive, at=at)


def test_what_was_marked_since_has_to_be_packed(packed, works, olive, clock, settings):
    settings.DSR_SOURCES = ["tests.lifecycle.test_reading.Diary"]
    Diary.rows[:] = [{"email": "alice@example.org", "title": "Un"}]
    data_request = packed()
    persons.mark(data_request, source="shelf", text="Un", by=olive, at=clock.forward(hours=1))
    reading.read(data_request, by=olive, at=clock())
    with pytest.raises(reading.ChangedSincePacked):
        reading.release(data_request, by=olive, at=clock())


def test_a_package_sent_back_is_destroyed_and_another_is_read(packed, works, olive, clock):
    data_request = packed()
    reading.repack(data_request, by=olive, at=clock.forward(hours=1))
    assert not data_request.packages.unreleased().exists()
    assert works(data_request, unread=True).packages.count() == 2
    with pytest.raises(reading.NotRead):
        reading.release(data_request, by=olive, at=clock())
    assert works(data_request).state == State.ANSWERED


def test_a_package_waits_for_its_reading_as_long_as_it_takes(packed, works, clock, settings):
    data_request = packed()
    delivery.expire(at=clock.forward(days=settings.DSR_PACKAGE_DAYS + 1))
    assert works(data_request).state == State.ANSWERED
    assert data_request.packages.available(clock() + timedelta(days=settings.DSR_PACKAGE_DAYS - 1)).exists()


def test_the_clock_of_the_law_runs_while_it_waits(packed):
    assert packed().due_on


@pytest.mark.parametrize(
    ("reads", "source", "rows", "waits"),
    [
        ("always", "shelf.Shelf", 1, True),
        ("free-text", "shelf.Shelf", 1, False),
        ("free-text", "test_reading.Diary", 1, True),
        ("free-text", "test_reading.Diary", 0, False),
    ],
)
def test_a_setting_waives_the_reading_without_free_text(packed, settings, reads, source, rows, waits):
    settings.DSR_READ_BEFORE_RELEASE = reads
    settings.DSR_SOURCES = [f"tests.lifecycle.{source}"]
    Shelf.rows[:] = [{"email": "alice@example.org", "title": "Un"}] * rows
    data_request = packed()
    assert (data_request.state == State.EXECUTING) is waits
    step = data_request.steps.get(action=Action.READ)
    assert step.status == (Status.WAITING if waits else Status.DONE)


def test_a_file_is_read_whatever_the_setting(packed, works, olive, at, settings):
    settings.DSR_READ_BEFORE_RELEASE = "free-text"
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Drawer"]
    data_request = packed()
    found = SimpleUploadedFile("lettre.txt", b"Une lettre")
    execution.complete_by_hand(data_request.steps.get(action=Action.COLLECT), by=olive, at=at, file=found)
    assert works(data_request, unread=True).steps.get(action=Action.READ).status == Status.WAITING
