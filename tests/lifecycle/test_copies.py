"""A fresh copy, after the first is destroyed."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dsr.lifecycle import closing, copies, delivery, downloads, execution, triage
from dsr.models.audit import AuditEntry
from dsr.models.step import Action, Status, Step
from dsr.permissions import NotNow
from dsr.states import Kind, State
from tests.lifecycle.shelf import Shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves")]


@pytest.fixture
def answered(asks, proves, olive, works, at):
    """An access that was answered with a copy, its letter gone."""
    data_request = proves(asks(Kind.ACCESS))
    triage.accept(data_request, by=olive, at=at)
    data_request = works(data_request)
    data_request.notices.update(sent_at=at)
    type(data_request).objects.update(answer_sent_at=at)
    data_request.refresh_from_db()
    return data_request


@pytest.fixture
def gone(answered, clock):
    """The same, its copy expired and destroyed."""
    delivery.expire(at=clock.forward(days=31))
    return answered


def held_in(data_request, at):
    secret = data_request.secrets.filter(purpose="download").latest("pk")
    package = downloads.begin(data_request, code=secret.code, at=at).session.package
    return zipfile.ZipFile(io.BytesIO(b"".join(delivery.content(package))))


def test_it_is_made_announced_and_opened_and_the_answer_stays(gone, works, clock):
    before = (gone.state, gone.closed_at, gone.answer_sent_at, gone.due_on)
    copies.ask(gone, at=clock())
    assert copies.is_being_made(gone)
    fresh = works(gone)
    assert (fresh.state, fresh.closed_at, fresh.answer_sent_at, fresh.due_on) == before
    letter = fresh.notices.latest("pk")
    assert (letter.letter, letter.answers) == ("package_again", False)
    assert "Un" in held_in(fresh, clock()).read("data/shelf.json").decode()
    assert fresh.packages.available(clock() + timedelta(days=29)).exists()
    assert fresh.packages.count() == 2
    events = AuditEntry.objects.filter(subject=fresh.reference).order_by("n").values_list("event", flat=True)
    tail = [each for each in events if each.startswith(("package.", "request."))][-5:]
    assert tail == ["package.requested", "package.sealed", "package.examined", "package.released", "package.opened"]


def test_what_was_erased_since_is_not_in_it(gone, works, clock):
    Shelf.rows[:] = [row for row in Shelf.rows if row["title"] != "Un"]
    copies.ask(gone, at=clock())
    assert "Un" not in held_in(works(gone), clock()).read("data/shelf.json").decode()


def test_the_first_need_only_be_expired_not_yet_destroyed(answered, works, clock):
    copies.ask(answered, at=clock.forward(days=31))
    assert works(answered).packages.available(clock()).count() == 1
    assert answered.packages.filter(destroyed_at=None).count() == 1


def test_while_the_first_is_there_none_is_made(answered, at):
    with pytest.raises(NotNow):
        copies.ask(answered, at=at)


def test_one_at_a_time_and_one_a_day(gone, works, clock):
    copies.ask(gone, at=clock())
    with pytest.raises(copies.BeingMade):
        copies.ask(gone, at=clock())
    fresh = works(gone)
    fresh.packages.filter(destroyed_at=None).update(expires_at=clock())
    with pytest.raises(copies.AskedToday):
        copies.ask(gone, at=clock())
    copies.ask(gone, at=clock.forward(days=1, seconds=1))


@pytest.mark.parametrize("kind", [Kind.ERASURE, Kind.OBJECTION])
def test_only_an_access_has_copies(asks, proves, kind, at):
    with pytest.raises(NotNow):
        copies.ask(proves(asks(kind)), at=at)


def test_before_the_answer_and_after_its_retention_there_is_none(asks, proves, gone, clock, at):
    with pytest.raises(NotNow):
        copies.ask(proves(asks(Kind.ACCESS, email="bob@example.org")), at=at)
    assert copies.may_ask(gone, at=clock.forward(days=4 * 365))
    assert not copies.may_ask(gone, at=clock.forward(days=2 * 366))
    closing.forget(at=clock())
    assert not type(gone).objects.filter(pk=gone.pk).exists()


def test_a_worker_that_dies_while_it_packs_is_followed_by_another(gone, works, clock, olive, settings):
    copies.ask(gone, at=clock())
    gone.steps.filter(action=Action.PACK, status=Status.PENDING).update(
        status=Status.NEEDS_ATTENTION, failures=settings.DSR_MAX_ATTEMPTS
    )
    step = Step.objects.get(data_request=gone, status=Status.NEEDS_ATTENTION)
    execution.retry(step, by=olive, at=clock())
    assert works(gone).packages.available(clock()).exists()


def test_a_person_looks_again_and_only_the_new_file_is_in_it(asks, proves, olive, works, clock, at, settings):
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Drawer", "tests.lifecycle.shelf.Shelf"]
    data_request = proves(asks(Kind.ACCESS))
    triage.accept(data_request, by=olive, at=at)

    def hands_in(content):
        step = Step.objects.get(action=Action.COLLECT, status=Status.WAITING)
        execution.complete_by_hand(step, by=olive, at=clock(), file=SimpleUploadedFile("l.pdf", b"%PDF-1.7 " + content))

    hands_in(b"then")
    works(data_request)
    copies.ask(data_request, at=clock.forward(days=31))
    works(data_request)
    assert not data_request.packages.available(clock()).exists()
    hands_in(b"now")
    delivery.expire(at=clock.forward(days=31))
    archive = held_in(works(data_request), clock())
    files = [archive.read(name) for name in archive.namelist() if name.startswith("files/")]
    assert files == [b"%PDF-1.7 now"]


def test_the_copy_outlives_the_erasure_that_was_asked_with_it(answered, asks, proves, olive, simone, works, clock, at):
    erasure = proves(asks(Kind.ERASURE))
    triage.accept(erasure, by=olive, at=at)
    works(erasure)
    execution.approve(erasure, fingerprint=execution.current_plan(erasure).fingerprint, by=simone, at=at)
    assert works(erasure).state == State.ANSWERED
    assert "Un" in held_in(answered, at).read("data/shelf.json").decode()
    copies.ask(answered, at=clock.forward(days=31))
    assert "data/shelf.json" not in held_in(works(answered), clock()).namelist()
