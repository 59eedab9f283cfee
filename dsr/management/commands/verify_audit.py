"""``manage.py verify_audit``: is the log what was recorded?"""

from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from dsr.audit import checkpoints, restarts, signing, tree
from dsr.audit.note import NoteError
from dsr.audit.verifying import verify


class Command(BaseCommand):
    """Hash every text, chain and node again, compare with every checkpoint; exit 1 if anything is wrong."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """A checkpoint somebody else kept, and where to begin."""
        parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="one more checkpoint to compare with")
        parser.add_argument("--from", type=int, default=0, dest="start", metavar="N", help="the first place to verify")

    def handle(self, *, checkpoint: Path | None, start: int, verbosity: int, **_options: Any) -> None:
        """Say what is wrong as it is found, then how much was read, and how quickly."""
        against = _kept(checkpoint) if checkpoint else ""
        begun, size, bad = monotonic(), tree.size(), 0
        with tqdm(total=size, initial=min(start, size), unit=" entries", disable=verbosity == 0 or None) as bar:
            for problem in verify(start=start, against=against, progress=bar.update):
                bad += 1
                bar.write(problem, file=self.stderr, end="")
        if bad:
            raise CommandError(f"the log of {size} entries is not what was recorded: {bad} faults")
        rate = (size - min(start, size)) / (monotonic() - begun)
        self.stdout.write(f"{size} entries verified")
        for restart in restarts.found():
            self.stdout.write(
                f"restored: the log went on from {restart.size} entries on {restart.name}, "
                f"leaving {len(restart.superseded)} checkpoints behind"
            )
        if verbosity:
            self.stdout.write(f"{rate:,.0f} entries a second; the key is {signing.signer().verifier.text}")


def _kept(path: Path) -> str:
    """A checkpoint as somebody kept it, without what a mail program or an editor put around its lines."""
    try:
        lines = path.read_text(encoding="utf-8-sig").replace("\u00a0", " ").strip().splitlines()
        text = "\n".join(line.strip() for line in lines) + "\n"
        checkpoints.opened(text)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    except NoteError as error:
        raise CommandError(f"{path} is no checkpoint of this log: {error}") from error
    return text
