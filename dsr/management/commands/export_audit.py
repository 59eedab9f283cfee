"""``manage.py export_audit``: the log with its proofs, as JSON Lines that ``docs/verify_log.py`` verifies anywhere."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from dsr.audit import exporting, tree


class Command(BaseCommand):
    """Write the newest checkpoint, every entry below it with its proof, and what ties earlier checkpoints to it."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and which part; a part verifies by itself."""
        parser.add_argument("--output", type=Path, metavar="FILE", help="a file, rather than the screen")
        parser.add_argument(
            "--subject", default="", metavar="REFERENCE", help="only what is about one request or person"
        )
        parser.add_argument("--from", type=int, default=0, dest="start", metavar="N", help="only from this place on")

    def handle(self, *, output: Path | None, subject: str, start: int, verbosity: int, **_options: Any) -> None:
        """Write it; a file appears whole or not at all."""
        total = None if subject else max(tree.size() - start, 0)
        with tqdm(total=total, unit=" entries", disable=verbosity == 0 or None) as bar:
            lines = exporting.lines(subject=subject, start=start, progress=bar.update)
            try:
                if output is None:
                    self.stdout.writelines(f"{line}\n" for line in lines)
                else:
                    _write(output, lines)
            except exporting.NothingPublished as error:
                raise CommandError(str(error)) from error


def _write(output: Path, lines: Iterator[str]) -> None:
    unfinished = output.with_name(f"{output.name}.part")
    with unfinished.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    os.replace(unfinished, output)
