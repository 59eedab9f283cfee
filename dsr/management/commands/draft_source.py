"""``manage.py draft_source TABLE``: the first declaration of a table, every field listed, the undecided ones marked."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.utils.translation import gettext as _

from dsr.sources import drafting
from dsr.sources.inspecting import UnknownTable


class Command(BaseCommand):
    """Print the module; what is not decided in it fails ``manage.py check``."""

    help = __doc__ or ""
    requires_system_checks = []  # it mends what they complain of

    def add_arguments(self, parser: CommandParser) -> None:
        """The table, and the database it is in."""
        parser.add_argument("table", metavar="TABLE", help="a table of the database, or a model: app.Model")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=tuple(connections), help="an alias")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print it, or say why not."""
        try:
            module = drafting.draft(options["table"], options["database"])
        except UnknownTable as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            sentence = _("La base « %(alias)s » n’a pas répondu : %(error)s")
            raise CommandError(sentence % {"alias": options["database"], "error": str(error).strip()}) from error
        self.stdout.write(module, ending="")
