"""The command line's door to the invented newspaper."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from dsr.readers.demo import TODAY, NotEmpty, believable_newspaper


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(_("« %(text)s » n’est pas un nombre entier positif.") % {"text": text})
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(_("« %(text)s » n’est pas une date AAAA-MM-JJ.") % {"text": text}) from None


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Invente un journal vraisemblable dans des tables vides. Les mêmes nombres donnent les mêmes lignes."
        )
        parser.add_argument("--readers", type=_count, default=1000, help=_("combien de lecteurs ont un compte"))
        parser.add_argument("--comments", type=_count, default=5000, help=_("combien de commentaires"))
        parser.add_argument("--seed", type=int, default=38, help=_("le hasard à rejouer"))
        parser.add_argument("--today", type=_day, default=TODAY, help=_("le dernier jour du journal inventé"))

    def handle(self, *, readers: int, comments: int, seed: int, today: date, verbosity: int, **_options: Any) -> None:
        if not readers:
            raise CommandError(_("Il faut au moins un lecteur."))
        try:
            counts = believable_newspaper(
                readers=readers, comments=comments, seed=seed, today=today, progress=verbosity > 0
            )
        except NotEmpty as error:
            raise CommandError(str(error)) from error
        if verbosity > 0:
            self.stdout.write("\n".join(f"{table}: {number}" for table, number in sorted(counts.items())))
