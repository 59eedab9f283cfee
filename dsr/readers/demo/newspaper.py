"""The making of the invented newspaper: rows numbered, written by batches, files stored, in one transaction."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import chain, count
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from tqdm import tqdm

from dsr.readers.demo import readers as readers_rows
from dsr.readers.demo import talk
from dsr.readers.demo.people import Population
from dsr.readers.models import Account, Comment, NewsletterSubscription, SupportMessage
from dsr.sources.suppression import suppressed

TODAY = date(2026, 11, 1)
BATCH = 2000
STORED_FILES = 40


class NotEmpty(Exception):  # noqa: N818
    """The newspaper has readers already; inventing more would mix them with the true ones."""


def believable_newspaper(
    *, readers: int, comments: int, seed: int, today: date = TODAY, progress: bool = False
) -> dict[str, int]:
    """Fill the empty tables and say how many rows each received, by model name; raises NotEmpty.

    Memory does not grow with the numbers: people are computed from theirs, and rows leave by batches. Letters to an
    address of the suppression list are refused, and counted apart.
    """
    tables = list(apps.get_app_config("readers").get_models())
    if any(table._base_manager.exists() for table in tables):
        raise NotEmpty(_("Le journal a déjà des lecteurs : l’invention ne se fait que dans des tables vides."))
    population = Population(seed=seed, readers=readers, today=today)
    everyone = chain.from_iterable(readers_rows.rows(population, number) for number in range(1, readers + 1))
    with tqdm(total=readers + comments, unit="l", disable=not progress) as bar, transaction.atomic():
        press = _Press(bar)
        press.print(chain(everyone, talk.rows(population, comments)))
        _restart_numbering(tables)
        press.store_files()
    return press.counts()


class _Press:
    """Numbers rows as they come and writes each table's by batches; foreign keys are checked at the commit."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self._bar = bar
        self._numbers: dict[type[models.Model], count[int]] = defaultdict(lambda: count(1))
        self._waiting: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        self._written: dict[type[models.Model], int] = defaultdict(int)
        self._files: list[str] = []
        self.refused = 0

    def print(self, rows: Iterator[models.Model]) -> None:
        for row in rows:
            self._take(row)
        for table in list(self._waiting):
            self._write(table)

    def _take(self, row: models.Model) -> None:
        table = type(row)
        row.pk = next(self._numbers[table])
        if isinstance(row, SupportMessage):
            self._attach(row)
        self._waiting[table].append(row)
        if len(self._waiting[table]) >= BATCH:
            self._write(table)
        if table in (Account, Comment):
            self._bar.update()

    def _attach(self, message: SupportMessage) -> None:
        if len(self._files) < STORED_FILES:
            self._files.append(str(message.attachment.name))
        else:
            message.attachment, message.attachment_name = "", ""

    def _write(self, table: type[models.Model]) -> None:
        rows = self._waiting.pop(table)
        if table is NewsletterSubscription:
            rows = self._without_objections(rows)
        self._written[table] += len(table._base_manager.bulk_create(rows))

    def _without_objections(self, rows: list[models.Model]) -> list[models.Model]:
        """Nobody is subscribed whose address is in the suppression list, not even somebody invented."""
        letters = [row for row in rows if isinstance(row, NewsletterSubscription)]
        refused = suppressed({letter.email for letter in letters}, on=localdate())
        self.refused += sum(letter.email in refused for letter in letters)
        return [letter for letter in letters if letter.email not in refused]

    def store_files(self) -> None:
        """After the rows, so that a failure among them leaves no file; a leftover of the same name is replaced."""
        field = SupportMessage._meta.get_field("attachment")
        assert isinstance(field, models.FileField)  # noqa: S101 - tells the type
        for name in self._files:
            field.storage.delete(name)
            field.storage.save(name, ContentFile(_pdf() if name.endswith(".pdf") else b"Justificatif.\n"))

    def counts(self) -> dict[str, int]:
        written = {table.__name__: number for table, number in self._written.items()}
        return written | ({"NewsletterSubscription refused": self.refused} if self.refused else {})


def _restart_numbering(tables: list[type[models.Model]]) -> None:
    """PostgreSQL's sequences do not see the numbers that were given."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def _pdf() -> bytes:
    """The smallest honest document: one blank page."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ]
    document, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj%b endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(document)
    document += b"xref\n0 4\n0000000000 65535 f \n" + table
    return document + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
