"""``manage.py replay_erasures``: after a restored backup, erase again whoever was erased since it was made."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dsr.lifecycle import replaying, restoring


class Command(BaseCommand):
    """Replay the ledger, restore the suppression list, let the log go on; a second run finds nothing to do."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Say what was done, and what is left to a person."""
        at = timezone.now()
        restored = restoring.look(at=at)
        done = replaying.replay(at=at, progress=lambda reference: self.stdout.write(f"{reference}: erasing again"))
        if not restored and not done.replayed:
            self.stdout.write("nothing to replay: the database knows everything that the ledger does")
            return
        self.stdout.write(
            f"{len(done.replayed)} erasures replayed: {done.erased} rows erased, {done.rewritten} rewritten; "
            f"{done.suppressions} suppressions restored"
        )
        if done.checkpoints:
            self.stdout.write(f"the log goes on; it does not continue {done.checkpoints} checkpoints published before")
        for reference, why in done.left:
            self.stderr.write(f"{reference}: {why.label}")
