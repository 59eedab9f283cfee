"""A source kept by hand: no request is answered before a person has done what it asks, and ticked."""

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from dsr.lifecycle import delivery, downloads, execution, running, triage
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status, Step
from dsr.readers.models import SupportMessage
from dsr.readers.sources.activities import SUPPORT
from dsr.sources import registry
from dsr.sources.base import SourceError, Subject
from dsr.sources.by_hand import ByHand
from dsr.states import Kind, State
from tests.conftest import ALICE, Clock, let_go
from tests.sources.readers import instant, subject

Act = Callable[..., DataRequest]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drawer")]


class PaperLetters(ByHand):
    """A drawer of letters, which no machine reads."""

    name = "paper_letters"
    label = "Lettres reçues par la poste"
    description = "Les lettres que vous nous avez envoyées, rangées dans un classeur."
    activity = SUPPORT
    marketing = True
    tool = "Classeur du service des lecteurs"
    to_collect = "Numérisez les lettres du lecteur en un seul PDF et remettez-le ici."
    to_erase = "Détruisez les lettres du lecteur."


@pytest.fixture
def drawer(settings: Settings, db: None) -> None:
    """A message of Alice's in a table, and perhaps a letter in a drawer."""
    settings.DSR_SOURCES = [f"{__name__}.PaperLetters", "dsr.readers.sources.SupportMessages"]
    SupportMessage.objects.create(email=ALICE, name="Alice", body="Bonjour.", created_at=instant("2026-02-01"))


@pytest.fixture
def accepted(asks: Act, proves: Act, works: Act, olive: Staff, clock: Clock) -> Act:
    """A request of Alice's that an officer accepted, carried as far as machines can."""

    def accept(kind: Kind) -> DataRequest:
        return works(triage.accept(proves(asks(kind)), by=olive, at=clock()))

    return accept


@pytest.fixture
def works(clock: Clock) -> Act:
    """A worker that carries out whatever is due, in the test's own process."""

    def work(data_request: DataRequest) -> DataRequest:
        while due := Step.objects.due(clock()).filter(data_request=data_request).first():
            running.run(due.pk, now=clock)
        let_go(data_request, at=clock())
        data_request.refresh_from_db()
        return data_request

    return work


def waiting(data_request: DataRequest) -> Step:
    """The step that waits for a person."""
    return data_request.steps.get(status=Status.WAITING)


def test_what_a_person_fetched_ends_in_the_package(accepted: Act, works: Act, olive: Staff, clock: Clock) -> None:
    data_request = accepted(Kind.ACCESS)
    assert (data_request.state, waiting(data_request).action) == (State.EXECUTING, Action.COLLECT)
    scan = SimpleUploadedFile("lettres.pdf", b"%PDF-1.7 trois lettres")
    execution.complete_by_hand(waiting(data_request), by=olive, at=clock(), file=scan)
    assert works(data_request).state == State.ANSWERED
    code = data_request.secrets.filter(purpose="download").latest("pk").code
    package = downloads.begin(data_request, code=code, at=clock()).session.package
    archive = zipfile.ZipFile(io.BytesIO(b"".join(delivery.content(package))))
    assert archive.read("files/paper_letters/lettres.pdf") == b"%PDF-1.7 trois lettres"
    assert b"Bonjour." in archive.read("data/support_messages.json")


def test_an_access_can_be_ticked_with_nothing_found(accepted: Act, works: Act, olive: Staff, clock: Clock) -> None:
    data_request = accepted(Kind.ACCESS)
    execution.complete_by_hand(waiting(data_request), by=olive, at=clock())
    assert works(data_request).state == State.ANSWERED


def test_an_erasure_is_answered_once_a_person_ticked(
    accepted: Act, works: Act, olive: Staff, simone: Staff, clock: Clock
) -> None:
    data_request = accepted(Kind.ERASURE)
    plan = execution.current_plan(data_request)
    assert plan is not None
    assert [line["by_hand"] for line in plan.lines] == [True, False]
    data_request = works(execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=clock()))
    assert data_request.state == State.EXECUTING
    assert SupportMessage.objects.filter(email=ALICE).exists()
    step = execution.complete_by_hand(waiting(data_request), by=olive, at=clock())
    assert (step.status, step.finished_by) == (Status.DONE, olive.reference)
    assert works(data_request).state == State.ANSWERED
    assert not SupportMessage.objects.exists()


def test_a_marketing_source_kept_by_hand_waits_for_a_person_too(
    asks: Act, proves: Act, works: Act, olive: Staff, clock: Clock
) -> None:
    data_request = works(proves(asks(Kind.OBJECTION)))
    assert data_request.state == State.EXECUTING
    execution.complete_by_hand(waiting(data_request), by=olive, at=clock())
    assert works(data_request).state == State.ANSWERED


@pytest.mark.parametrize(
    ("action", "task"),
    [
        (Action.COLLECT, "Numérisez les lettres"),
        (Action.ERASE, "Détruisez les lettres"),
        (Action.RECTIFY, "Remplacez-y chaque valeur"),
        (Action.OBJECT, "Désinscrivez-y le lecteur"),
    ],
)
def test_staff_read_what_to_do_and_where(action: Action, task: str) -> None:
    said = PaperLetters().instructions(action)
    assert said.startswith("Classeur du service des lecteurs")
    assert task in said


def test_a_machine_never_ticks_in_a_persons_place() -> None:
    letters, alice = registry.source("paper_letters"), subject(email=ALICE)
    for act in (
        lambda: letters.erase(alice, on=date(2026, 9, 16), limit=9, cursor={}),
        lambda: letters.rectify(alice, changes=[], limit=9, cursor={}),
        lambda: letters.stop_messages(alice, at=instant("2026-09-16"), limit=9, cursor={}),
    ):
        with pytest.raises(SourceError, match="paper_letters"):
            act()


def test_nobody_is_asked_to_tick_rows_in_a_drawer() -> None:
    letters, alice = PaperLetters(), Subject(frozenset())
    assert letters.summaries(alice, limit=9) == []
    assert list(letters.collect(alice)) == []
    assert letters.columns() == ()
