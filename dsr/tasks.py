"""The clock's door: Celery, each task one call; arguments are ids only."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from dsr import hints, notifications
from dsr.lifecycle import (
    addresses,
    closing,
    comparing,
    delivery,
    execution,
    files,
    intake,
    kept_lists,
    proofs,
    restoring,
    restricting,
    rounds,
    running,
    suppressing,
)
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.models.step import Step
from dsr.oversight import changes, keeping, reviews


@shared_task(name="dsr.run_step")
def run_step(step_id: int) -> None:
    """Carry out one step, then hint what it made due; a hint that came too late makes no other."""
    if running.run(step_id, now=timezone.now):
        hints.for_request(Step.objects.select_related("data_request").get(pk=step_id).data_request)


@shared_task(name="dsr.send_notice")
def send_notice(notice_id: int) -> None:
    """Mail one letter; an erasure may have waited for it."""
    if notifications.deliver(notice_id, now=timezone.now):
        hints.for_request(Notice.objects.select_related("data_request").get(pk=notice_id).data_request)


@shared_task(name="dsr.settle")
def settle(request_id: int) -> None:
    """Answer a request whose last recipient was told, and hint its letter."""
    data_request = DataRequest.objects.get(pk=request_id)
    execution.settle(data_request, at=timezone.now())
    hints.for_request(data_request)


@shared_task(name="dsr.sweep")
def sweep() -> None:
    """Let new addresses take effect, destroy decided proofs, hint again everything due, which Redis may have lost."""
    rounds.all_of(restoring.look, addresses.release, proofs.destroy, hints.everything_due, at=timezone.now())


@shared_task(name="dsr.sequence")
def sequence() -> None:
    """Give each entry of the log its place in the tree."""
    keeping.sequence(at=timezone.now())


@shared_task(name="dsr.publish")
def publish() -> None:
    """Publish the state of the log, and send it out of the house once a day."""
    keeping.publish(at=timezone.now())
    keeping.mail(at=timezone.now())


@shared_task(name="dsr.verify")
def verify() -> None:
    """Verify the whole log, and record whether it is what was recorded."""
    keeping.verify(at=timezone.now())


@shared_task(name="dsr.oversee")
def oversee() -> None:
    """Note changed settings, and open the review of the log that is due."""
    changes.note(at=timezone.now())
    reviews.open_due(at=timezone.now())


@shared_task(name="dsr.chase")
def chase() -> None:
    """Remind silent mailboxes and close those that never answered."""
    rounds.all_of(intake.chase, hints.everything_due, at=timezone.now())


@shared_task(name="dsr.expire")
def expire() -> None:
    """Destroy packages whose time is over, and lift the marks whose reader was told."""
    rounds.all_of(delivery.expire, restricting.lift, at=timezone.now())


@shared_task(name="dsr.purge")
def purge() -> None:
    """Erase what was kept and whose last ground has ended, then remove the files that a lost process left listed."""
    kept_lists.purge(now=timezone.now)
    files.sweep()


@shared_task(name="dsr.forget")
def forget() -> None:
    """Destroy requests and objections whose retention has ended."""
    rounds.all_of(suppressing.forget, closing.forget, comparing.forget, at=timezone.now())


@shared_task(name="dsr.compare")
def compare() -> None:
    """Find who was erased and is there again."""
    comparing.compare(at=timezone.now())


@worker_ready.connect
def sweep_at_start(**_signal: Any) -> None:
    """A worker that starts looks for what was left behind, and whether its database is an older one."""
    rounds.all_of(restoring.look, hints.everything_due, at=timezone.now())
