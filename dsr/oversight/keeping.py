"""What the clock asks for the log: publish it, send its state out of the house, verify it, and raise the alarm."""

from collections.abc import Iterator
from datetime import datetime, time

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from dsr import deadlines
from dsr.audit import checkpoints, log, sequencer, tree
from dsr.audit.note import NoteError
from dsr.audit.verifying import verify as problems
from dsr.models.audit import AuditEntry
from dsr.models.tree import Checkpoint

logger = structlog.get_logger(__name__)


def sequence(*, at: datetime) -> int:
    """Give every entry its place; an error line when one has waited for longer than a minute."""
    if sequencer.is_late(at):
        logger.error("log_sequenced_late")
    return sequencer.run()


def publish(*, at: datetime) -> Checkpoint | None:
    """Publish a checkpoint when one is due; an error line, and no signature, if the log does not continue the last."""
    try:
        return checkpoints.publish(at=at)
    except checkpoints.Inconsistent as error:
        logger.error("log_not_signed", reason=str(error))  # noqa: TRY400 - a trace says no more
    except OSError as error:
        logger.error("log_not_signed", reason=type(error).__name__)  # noqa: TRY400 - its storage does not answer
    return None


def mail(*, at: datetime) -> bool:
    """Send the data protection officer the last checkpoint, once a day; whether it went now.

    A worker that dies between sending and recording sends it again, with the same Message-ID.
    """
    if AuditEntry.objects.filter(event="checkpoint.mailed", at__range=_day(at)).exists():
        return False
    try:
        last = checkpoints.newest()
        if last is None:
            return False
        size = checkpoints.opened(last.text).size
        _letter(last, at=at).send()
    except (OSError, NoteError) as error:  # the next round tries again
        logger.error("checkpoint_not_mailed", error=type(error).__name__)  # noqa: TRY400
        return False
    with transaction.atomic():
        log.record("checkpoint.mailed", about=log.itself(), by=log.SYSTEM, at=at, facts={"entries": size})
    return True


def verify(*, at: datetime) -> int:
    """Verify the whole log and record the outcome; returns how many things are not what was recorded."""
    size, found = tree.size(), 0
    for problem in _problems():
        found += 1
        logger.error("log_not_verified", problem=problem)
    with transaction.atomic():
        log.record("log.verified", about=log.itself(), by=log.SYSTEM, at=at, facts={"entries": size, "problems": found})
    return found


def _problems() -> Iterator[str]:
    """Those of the log, and a storage of its checkpoints that does not answer."""
    try:
        yield from problems()
    except OSError as error:
        yield f"checkpoints cannot be read: {type(error).__name__}"


def _day(at: datetime) -> tuple[datetime, datetime]:
    """The first and the last instant of a day in Paris."""
    day = deadlines.receipt_day(at)
    return datetime.combine(day, time.min, deadlines.PARIS), datetime.combine(day, time.max, deadlines.PARIS)


def _letter(last: checkpoints.Published, *, at: datetime) -> EmailMessage:
    day = timezone.localdate(at)
    with translation.override(settings.LANGUAGE_CODE):
        values = {
            "note": last.text,
            "day": day,
            "newspaper": settings.DSR_NEWSPAPER_NAME,
            "origin": settings.DSR_LOG_ORIGIN,
        }
        subject = render_to_string("dsr/oversight/checkpoint.subject.txt", values).strip()
        text = render_to_string("dsr/oversight/checkpoint.txt", values)
    host = settings.DSR_LOG_ORIGIN.partition("/")[0]
    return EmailMessage(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [settings.DSR_DPO_EMAIL],
        headers={"Message-ID": f"<checkpoint-{day:%Y-%m-%d}@{host}>", "Auto-Submitted": "auto-generated"},
    )
