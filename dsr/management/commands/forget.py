"""``manage.py forget``: destroy the requests and the objections whose own retention has ended."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dsr.lifecycle import closing, suppressing


class Command(BaseCommand):
    """Destroy requests five years after they closed (ground DSR), those never confirmed ninety days after.

    The tokens of the suppression list go three years after the last objection (ground OPPO).
    """

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Do it once and say how many went."""
        self.stdout.write(f"{suppressing.forget(at=timezone.now())} objections forgotten")
        self.stdout.write(f"{closing.forget(at=timezone.now())} requests forgotten")
