"""``manage.py sweep``: everything the clock asks for, now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dsr import hints
from dsr.lifecycle import addresses, delivery, intake, proofs, restoring, restricting
from dsr.oversight import changes, keeping, reviews


class Command(BaseCommand):
    """Chase silent mailboxes, destroy expired packages, keep the log, hint every step and letter that is due."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Do it once and say how many hints were published."""
        at = timezone.now()
        restoring.look(at=at)
        addresses.release(at=at)
        intake.chase(at=at)
        delivery.expire(at=at)
        restricting.lift(at=at)
        proofs.destroy(at=at)
        keeping.sequence(at=at)
        keeping.publish(at=at)
        keeping.mail(at=at)
        changes.note(at=at)
        reviews.open_due(at=at)
        self.stdout.write(f"{hints.everything_due(at=at)} hints published")
