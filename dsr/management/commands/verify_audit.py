"""``manage.py verify_audit``: is the log what was recorded?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dsr.audit import log
from dsr.models.audit import AuditEntry


class Command(BaseCommand):
    """Re-hash every entry, follow every chain, name each that is not what was recorded; exit 1 if there is one."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Verify all chains."""
        entries, bad = AuditEntry.objects.count(), 0
        for problem in log.verify():
            bad += 1
            self.stderr.write(problem)
        if bad:
            raise CommandError(f"{bad} of {entries} entries are not what was recorded")
        self.stdout.write(f"{entries} entries verified")
