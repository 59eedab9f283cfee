"""``manage.py forget``: destroy the requests and the objections whose own retention has ended."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dsr.lifecycle import closing, comparing, suppressing


class Command(BaseCommand):
    """Destroy requests five years after they closed (ground DSR), those never confirmed ninety days after.

    The tokens of the suppression list go three years after the last objection (ground OPPO). The ledger of a month goes
    with its key once the last backup of that month has expired.
    """

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Do it once and say how many went."""
        at = timezone.now()
        self.stdout.write(f"{suppressing.forget(at=at)} objections forgotten")
        self.stdout.write(f"{closing.forget(at=at)} requests forgotten")
        self.stdout.write(f"{comparing.forget(at=at)} months of the ledger forgotten")
