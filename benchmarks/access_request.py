"""One access request through its whole life, human waits left out: reader, officer and worker in one process."""

from django.utils import timezone

from dsr import hints, notifications
from dsr.lifecycle import intake, reading, running, triage
from dsr.models.request import Channel, DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status, Step
from dsr.states import Kind, State


def accepted(email: str, *, by: Staff) -> DataRequest:
    """Asked, proven, accepted; its letters have left."""
    at = timezone.now()
    asked = intake.receive(kinds=[Kind.ACCESS], email=email, channel=Channel.FORM, language="fr", at=at)[0]
    send_letters(asked)
    proven = intake.confirm(asked, code=asked.secrets.latest("pk").code, at=at)
    triage.accept(proven, by=by, at=at)
    send_letters(proven)
    return proven


def answered(email: str, *, by: Staff) -> DataRequest:
    """The same, then screened, packed, read, released and announced."""
    data_request = accepted(email, by=by)
    work(data_request)
    if data_request.steps.filter(action=Action.READ, status=Status.WAITING).exists():
        reading.read(data_request, by=by, at=timezone.now())
        reading.release(data_request, by=by, at=timezone.now())
    send_letters(data_request)
    data_request.refresh_from_db()
    if data_request.state != State.ANSWERED:
        raise RuntimeError(f"{data_request} is {data_request.state}")
    return data_request


def work(data_request: DataRequest) -> None:
    """Carry out what a worker has to."""
    while due := _due(data_request, "dsr.run_step"):
        if not running.run(due[0], now=timezone.now):
            raise RuntimeError(Step.objects.get(pk=due[0]).failure)


def send_letters(data_request: DataRequest) -> None:
    """Send what a worker of the mail queue would."""
    for pk in _due(data_request, "dsr.send_notice"):
        notifications.deliver(pk, now=timezone.now)


def _due(data_request: DataRequest, task: str) -> list[int]:
    """The rows that are due, as the doors and the workers ask what to hint."""
    return [key for name, keys in hints.of_request(data_request.pk, at=timezone.now()) if name == task for key in keys]
