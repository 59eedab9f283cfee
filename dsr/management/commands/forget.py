"""``manage.py forget``: destroy what was kept and whose time has ended, and look for whoever came back."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dsr.lifecycle import closing, comparing, files, kept_lists, suppressing


class Command(BaseCommand):
    """Destroy requests five years after they closed (ground DSR), those never confirmed ninety days after.

    What an erasure kept goes the day after its last ground ends. The tokens of the suppression list go three years
    after the last objection (ground OPPO). The ledger of a month goes with its key once the last backup of that month
    has expired; what is left of it is compared with every source.
    """

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Do it once and say how many went."""
        at = timezone.now()
        files.sweep()
        self.stdout.write(f"{kept_lists.purge(now=timezone.now)} lists of what was kept looked at")
        self.stdout.write(f"{suppressing.forget(at=at)} objections forgotten")
        self.stdout.write(f"{closing.forget(at=at)} requests forgotten")
        self.stdout.write(f"{comparing.forget(at=at)} months of the ledger forgotten")
        self.stdout.write(f"{comparing.compare(at=at)} erased people are there again")
