"""The command line's door to the import of a WordPress export."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from dsr.readers import wordpress
from dsr.readers.wxr import NotAnExport


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Importe les commentaires d’un export WordPress (WXR 1.2) sans jamais les doubler. "
            "Un fichier illisible n’importe rien."
        )
        parser.add_argument("file", type=Path, metavar="FICHIER", help=_("le fichier XML exporté par WordPress"))

    def handle(self, *, file: Path, verbosity: int, **_options: Any) -> None:
        try:
            summary = wordpress.import_file(file, progress=verbosity > 0)
        except NotAnExport as error:
            raise CommandError(str(error)) from error
        if verbosity > 0:
            self.stdout.write("\n".join(summary.sentences()))
