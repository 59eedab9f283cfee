"""One access request through its whole life, human waits left out: reader, officer and worker in one process."""

from django.utils import timezone

from dsr import notifications
from dsr.lifecycle import intake, reading, running, triage
from dsr.models.notice import Notice
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
    while due := _due(data_request):
        if not running.run(due, now=timezone.now):
            raise RuntimeError(Step.objects.get(pk=due).failure)


def send_letters(data_request: DataRequest) -> None:
    """Send what a worker of the mail queue would."""
    for pk in Notice.objects.claimable(timezone.now()).filter(data_request=data_request).values_list("pk", flat=True):
        notifications.deliver(pk, now=timezone.now)


def _due(data_request: DataRequest) -> int | None:
    due = Step.objects.due(timezone.now(), kind=data_request.kind).filter(data_request=data_request)
    return due.values_list("pk", flat=True).first()
