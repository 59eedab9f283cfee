"""The source for any Django model on any database alias, from a declaration in which every field is classified."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cache, cached_property, lru_cache, partial
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.storage import Storage, default_storage, storages
from django.db import router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CompositePrimaryKey, FileField, Model, Q, QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dsr.sources import (
    acceptable,
    copying,
    correcting,
    erasing,
    free_text,
    places,
    reading,
    remembering,
    searching,
    selection,
    snapshot,
)
from dsr.sources.activities import Text
from dsr.sources.base import (
    Attachment,
    Change,
    Chunk,
    Codes,
    Column,
    Cursor,
    Found,
    FreeText,
    Identifier,
    Place,
    Preview,
    Rows,
    RowSummary,
    Source,
    SourceError,
    StoredFile,
    Subject,
    Value,
)
from dsr.sources.classification import Occasion, Sheet
from dsr.sources.csv_text import CSV
from dsr.sources.fields import Classified, Link, Revealed, Shared, Sought
from dsr.sources.json_text import JSON
from dsr.sources.sweeping import Sweep


class ModelSource(Source):
    """Rows of a model, each field classified in ``fields`` by its name.

    ``using`` is a database alias; without one the router says. ``key`` names fields that tell rows apart, where the
    primary key does not. ``dated_by`` is the day or the instant at which a row came to be. ``identified_by`` ties rows
    to their reader, ``mentioned_by`` to a reader whom they only mention: those rows are copied with the other person
    masked, and never erased. ``shared`` says what becomes of a row that two links tie to two readers. ``stays_for``
    names reverse relations: while a row that stays points here through one of them, the row stays too, blanked.
    ``on_objection`` is what a marketing source writes to stop its messages. ``completable`` lets the reader fill in
    what is empty (GDPR Art. 16). ``summary`` is a template: ``"%(created_at)s : %(content)s"``.
    """

    model: ClassVar[type[Model]]
    using: ClassVar[str] = ""
    key: ClassVar[tuple[str, ...]] = ()
    identified_by: ClassVar[tuple[Link, ...]]
    mentioned_by: ClassVar[tuple[Link, ...]] = ()
    reveals: ClassVar[tuple[Revealed, ...]] = ()
    shared: ClassVar[Shared | None] = None
    stays_for: ClassVar[tuple[str, ...]] = ()
    on_objection: ClassVar[Mapping[str, Any]] = {}
    completable: ClassVar[bool] = False
    summary: ClassVar[Text] = ""
    dated_by: ClassVar[str] = ""
    fields: ClassVar[Mapping[str, Classified]]
    under_way: Sweep | None = None  # of the erasure whose chunks come one after the other, compiled for the first

    @cached_property
    def alias(self) -> str:
        """The database of the rows."""
        return self.using or router.db_for_write(self.model)

    @property
    def databases(self) -> tuple[str, ...]:
        """The database of the rows."""
        return (self.alias,)

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """The connection of this thread to it, or to the snapshot that is held of it."""
        return snapshot.connection_to(self.alias)

    @cached_property
    def row_key(self) -> selection.RowKey:
        """What tells rows apart, and gives them their order."""
        return selection.RowKey(self.model, self.key)

    @cached_property
    def concrete_fields(self) -> tuple[selection.AnyField, ...]:
        """Every field that has a column of its own."""
        every = self.model._meta.concrete_fields
        return tuple(field for field in every if not isinstance(field, CompositePrimaryKey))

    @cached_property
    def exported(self) -> dict[str, Classified]:
        """The classified fields that go into the copy, in declared order."""
        return {name: classified for name, classified in self.fields.items() if classified.exported}

    @cached_property
    def concepts(self) -> dict[str, str]:
        """The rectifiable fields, and the concept that each one holds."""
        return {name: classified.concept for name, classified in self.fields.items() if classified.concept}

    def labels(self) -> dict[str, Text]:
        """The concepts in the words of their fields."""
        return {concept: self.fields[name].label for name, concept in self.concepts.items()}

    @property
    def may_leave_rows(self) -> bool:
        """Whether an erasure may leave a row behind, for a ground or for what points at it."""
        return bool(self.stays_for or any(classified.kept for classified in self.fields.values()))

    @cached_property
    def file_fields(self) -> tuple[str, ...]:
        """The fields that name an uploaded file."""
        return tuple(field.name for field in self.concrete_fields if isinstance(field, FileField))

    @cached_property
    def free_text(self) -> dict[str, Text]:
        """The exported fields that people fill in with their own words, and their labels; a role stands for nobody."""
        return {name: each.label for name, each in self.exported.items() if free_text.is_free(self.field(name), each)}

    def field(self, name: str) -> selection.AnyField:
        """A field of the model; raises FieldDoesNotExist."""
        return selection.field_at(self.model, name)

    @cached_property
    def sheet(self) -> Sheet:
        """The declaration as questions to each row."""
        return Sheet(self)

    @cached_property
    def table(self) -> searching.Table:
        """The table as its texts, in which an erasure is verified."""
        codes = [name for name, each in self.fields.items() if each.searched is Sought.NOTHING]
        return searching.Table(self.model, self.alias, self.row_key, codes=codes)

    @cached_property
    def identifying(self) -> dict[str, Sought]:
        """The fields whose values are looked for again after an erasure."""
        return remembering.identifying(self)

    def erased_value(self, name: str) -> Any:
        """What an erasure leaves in a field; a sentence is in the language of the site, not of who clicked."""
        value = self.fields[name].erased_to
        if not isinstance(value, Promise):
            return value
        with translation.override(settings.LANGUAGE_CODE):
            return str(value)

    def storage_alias(self, name: str) -> str:
        """The alias in ``STORAGES`` of a field's storage; raises SourceError when it has none there."""
        stored = self.storage(name)
        for alias in settings.STORAGES:
            if storages[alias] == stored or (alias == "default" and stored is default_storage):
                return alias
        sentence = _("La source « %(source)s » range des fichiers hors de STORAGES.")
        raise SourceError(sentence % {"source": self.name})

    def storage(self, name: str) -> Storage:
        """Where the files of a field stand."""
        storage: Storage = self.field(name).storage  # type: ignore[attr-defined]
        return storage

    def empty(self, path: str) -> Q:
        """Where nothing stands at a path."""
        return selection.empty(self.model, path)

    def rows(self) -> QuerySet[Any]:
        """Every row of the table, as in the snapshot if one is held: no manager can hide those deleted for show."""
        return QuerySet(self.model, using=snapshot.reading_alias(self.alias))

    def key_of(self, row: Model) -> selection.Key:
        """The key of a row."""
        return tuple(getattr(row, name) for name in self.row_key.names)

    def branches(self, subject: Subject) -> list[Q]:
        """The reader's own rows, one condition for each way that leads to them."""
        return self._ways(self.identified_by, subject)

    def mentions(self, subject: Subject) -> list[Q]:
        """The rows of other people that mention the reader, likewise."""
        return self._ways(self.mentioned_by, subject)

    def _ways(self, links: Sequence[Link], subject: Subject) -> list[Q]:
        """One condition for each link; a number of ours is never given twice, so no date tells readers apart."""
        if subject.before is None:
            return selection.branches(self.model, links, subject)
        if not self.dated_by:
            return selection.branches(self.model, [link for link in links if not link.caseless], subject)
        older = selection.older(self.model, self.dated_by, subject.before)
        return [way & older for way in selection.branches(self.model, links, subject)]

    @cached_property
    def statement(self) -> Callable[..., places.Statement | None]:
        """Statements compiled once for all readers, by what they ask, in which language, of how many values."""
        return lru_cache(places.KEPT_STATEMENTS)(partial(places.kept, self))

    def filed(self) -> Iterator[Identifier]:
        """The distinct values of each link, read from the table as they stand."""
        for link in self.identified_by:
            found = self.rows().exclude(self.empty(link.path)).order_by().values_list(link.path, flat=True).distinct()
            for value in found.iterator(selection.PAGE):
                yield Identifier(link.kind, str(value))

    def own(self, subject: Subject) -> Q | None:
        """The reader's own rows, None when no identifier leads here."""
        return selection.any_of(self.branches(subject))

    def find(self, subject: Subject, *, rows: Rows = None) -> Found:
        """Count the rows that are the reader's or mention them; name the identifiers filed with their own."""
        in_scope = selection.in_rows(self.row_key, rows)
        ways = self.branches(subject) + self.mentions(subject)
        count = 0
        for number, way in enumerate(ways):  # each along its own index, and without the rows already counted
            found = self.rows().filter(way, in_scope)
            before = selection.any_of(ways[:number])
            count += (found if before is None else selection.not_of(before, found)).count()
        return Found(count, self.revealed(subject))

    def revealed(self, subject: Subject) -> frozenset[Identifier]:
        """The identifiers filed with the reader's own rows; most sources reveal none, and ask nothing."""
        return frozenset(reading.revealed(self, subject))

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        """Say what ``erase`` would do on that day; raises SourceError when a reference was not declared."""
        return erasing.plan(self, Occasion(subject, on, rows))

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        """Erase, rewrite or keep at most ``limit`` rows; raises SourceError when a reference was not declared."""
        return erasing.erase(self, Occasion(subject, on, rows, foreseen=False), cursor, limit)

    def apart(self) -> AbstractContextManager[object]:
        """A transaction of the rows' own database."""
        return transaction.atomic(using=self.alias)

    def naming(self, files: Sequence[StoredFile]) -> Iterator[StoredFile]:
        """Those that a row names, read once for each field."""
        for name in self.file_fields:
            alias = self.storage_alias(name)
            wanted = [file.name for file in files if file.storage == alias]
            found = self.rows().filter(**{f"{name}__in": wanted}).order_by() if wanted else self.rows().none()
            yield from (StoredFile(str(each), alias) for each in found.values_list(name, flat=True).distinct())

    def columns(self) -> tuple[Column, ...]:
        """The exported fields in declared order; a code is followed by its meaning."""
        return self._columns(translation.get_language())

    @cached_property
    def _columns(self) -> Callable[[str | None], tuple[Column, ...]]:
        """By language, in which some of the labels are written."""
        return cache(lambda _language: copying.columns(self))

    def codes(self) -> tuple[tuple[Text, Codes], ...]:
        """The exported fields with a list of choices, roles of other people aside."""
        return copying.codes(self)

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        """Each row as the text of one JSON object, in keyset order."""
        return copying.collect(self, subject, rows)

    def free_texts(self, subject: Subject, *, rows: Rows = None) -> Iterator[FreeText]:
        """What stands in the fields of free text, row by row in keyset order, as the copy would show it."""
        return free_text.read(self, subject, rows)

    def collect_pages(self, subject: Subject, *, rows: Rows = None) -> Iterator[list[bytes]]:
        """The same, as many rows at a time as the database gives."""
        return copying.lines(self, subject, rows, JSON)

    def table_pages(self, subject: Subject, *, rows: Rows = None) -> Iterator[list[bytes]]:
        """The same rows as lines of CSV."""
        return copying.lines(self, subject, rows, CSV)

    def keyed_lines(self, subject: Subject, rows: Sequence[str]) -> Iterator[tuple[str, bytes, bytes | None]]:
        """Those rows with their keys, many at a time."""
        return copying.keyed_lines(self, subject, rows)

    def attachments(self, subject: Subject, *, rows: Rows = None) -> Iterator[Attachment]:
        """The files of the reader's own rows, under the names that the records give."""
        return copying.attachments(self, subject, rows)

    def summaries(self, subject: Subject, *, limit: int) -> list[RowSummary]:
        """The newest of the reader's own rows, in words."""
        return copying.summaries(self, subject, limit)

    def summarise(self, row: Model) -> str:
        """One row in words."""
        return str(self.summary) % copying.InWords(self, row)

    def values(self, subject: Subject) -> list[Value]:
        """What stands in the rectifiable fields of the reader's own rows, each value once."""
        return correcting.values(self, subject)

    def places(self, subject: Subject, *, concept: str, value: str) -> Iterator[Place]:
        """Where the value stands in the reader's own rows, in keyset order."""
        return correcting.places(self, subject, concept, value)

    def validate(self, concept: str, value: str) -> None:
        """Raise UnacceptableValue when a field that holds the concept cannot hold the value."""
        acceptable.validate(self, concept, value)

    def rectify(self, subject: Subject, *, changes: Sequence[Change], limit: int, cursor: Cursor) -> Chunk:
        """Make the changes wherever the old value still stands; a second run changes nothing."""
        return correcting.rectify(self, subject, changes, cursor, limit)

    def stop_messages(self, subject: Subject, *, at: datetime, limit: int, cursor: Cursor) -> Chunk:
        """Write ``on_objection`` where it does not stand yet; a second run changes nothing."""
        return correcting.stop_messages(self, subject, at, cursor, limit)
