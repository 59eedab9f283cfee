"""The contract between the service and a body of personal data: the questions a source answers and their shapes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from typing import IO, Any, ClassVar

from dsr.sources.activities import Activity, Text
from dsr.sources.contracts import ContractWords

READ_AT_ONCE = 50

Cursor = dict[str, Any]
Codes = tuple[tuple[str, Text], ...]  # each code of a field, and what it means
Rows = Sequence[str] | None  # keys of the rows in scope; None is all of the reader's rows


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """What ties a row to a reader: ``kind`` is ``email``, ``account``, ``subscriber`` or the newspaper's own."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The reader, as a source is told of them: verified identifiers, and nothing else.

    ``whole`` says that the request is about everything. Where it is not, the rows of other sources are taken to stay:
    a row that one of them points at is blanked and not removed. ``before`` leaves out rows that came to be since: the
    reader who was erased may have come back as a new one.
    """

    identifiers: frozenset[Identifier]
    whole: bool = True
    before: datetime | None = None

    def values(self, kind: str) -> tuple[str, ...]:
        """The values of one kind, sorted."""
        return tuple(sorted(identifier.value for identifier in self.identifiers if identifier.kind == kind))


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows are the reader's, and the identifiers we ourselves filed with them."""

    rows: int
    identifiers: frozenset[Identifier] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """One exported field: its name in the files and its heading in words.

    ``columns`` says that the value is a list of objects, and which members they have.
    """

    name: str
    label: Text
    columns: tuple["Column", ...] = ()


@dataclass(frozen=True, slots=True)
class FreeText:
    """What somebody wrote in one field of one row; ``row`` is the row's key as a text.

    ``field`` leads to it: ``message``, or for a member of the third row in a list ``corrections.2.explanation``.
    """

    row: str
    field: str
    text: str


def column_of(field: str) -> str:
    """Where a text stands, as ``Source.free_text`` names it: without the numbers of rows in a list."""
    return ".".join(part for part in field.split(".") if not part.isdecimal())


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file uploaded by the reader: a legal name for the archive, and how to open it; ``open`` may raise OSError."""

    name: str
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class RowSummary:
    """One row in words, for the reader who ticks what the request is about."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class KeptRows:
    """How many rows are kept on one ground until one date (None: case by case)."""

    ground: str
    until: date | None
    rows: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would do now: ``erased`` and ``rewritten`` are still to do, ``kept`` stays.

    A kept row some of whose fields must go counts in ``rewritten`` and in ``kept``. ``undecided`` rows are tied to
    another reader, too, and wait for a declaration that says what then happens. ``fingerprint`` covers the sorted (key,
    disposition, ground) of every row; it is empty for a source that is volatile or kept by hand.
    """

    erased: int
    rewritten: int
    files: int = 0
    undecided: int = 0
    kept: tuple[KeptRows, ...] = ()
    fingerprint: str = ""
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to remove from a storage of ``STORAGES`` once the chunk that let go of it is committed."""

    name: str
    storage: str = "default"


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one bounded piece of work did; ``cursor`` is None when the source has nothing more to do.

    ``made`` counts the rows of each change that was made, by its place in the call; a source that cannot tell leaves it
    empty. ``refused`` counts, by the label of the field, the rows in which the database would not write a corrected
    value.
    """

    cursor: Cursor | None
    erased: int = 0
    rewritten: int = 0
    changed: int = 0
    files: tuple[StoredFile, ...] = ()
    messages: tuple[str, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    made: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Value:
    """A value that the reader may correct: its concept (``family_name``), its label in words, and what stands now."""

    concept: str
    value: str
    label: Text = field(compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One field of one row of a source, by its name and by the key of the row."""

    field: str
    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """One accepted correction: wherever ``concept`` stands at ``old`` it becomes ``new``.

    ``places`` are named when another change of the same request turns something into ``old``, or ``new`` into something
    else: only there, so that all of them happen at once, and a second run changes nothing.
    """

    concept: str
    old: str
    new: str
    places: tuple[Place, ...] | None = None


class SourceError(Exception):
    """A source could not do its work; the sentence names the source and holds no personal data."""


class UnacceptableValue(Exception):  # noqa: N818
    """A wished value that the source cannot hold; the sentence is fit for the reader."""


class ValueTaken(UnacceptableValue):
    """The value stands in another row, and may stand once only."""


class Source(ABC):
    """One body of personal data.

    ``name`` is a stable slug, also the file name in packages. ``volatile`` sources grow by themselves and are left out
    of the plan's fingerprint. ``marketing`` sources can stop sending messages. ``remote`` work commits apart from the
    step, so each chunk is idempotent and conditional on the old value. ``by_hand`` sources wait for a person.
    ``databases`` are the aliases that it reads along ``snapshot.reading_alias``: of those it sees one instant.
    ``contract`` words the choice put to a reader whose contract, held here, still runs.
    ``about_requests`` sources hold the requests themselves, the running one included: by it alone we know no reader.
    """

    name: ClassVar[str]
    label: ClassVar[Text]
    description: ClassVar[Text]
    activity: ClassVar[Activity]
    volatile: ClassVar[bool] = False
    marketing: ClassVar[bool] = False
    remote: ClassVar[bool] = False
    by_hand: ClassVar[bool] = False
    about_requests: ClassVar[bool] = False
    contract: ClassVar[ContractWords | None] = None

    @property
    def databases(self) -> tuple[str, ...]:
        """None, or what a snapshot is held of while a package is made."""
        return ()

    @property
    def free_text(self) -> Mapping[str, Text]:
        """The exported fields that people fill in with their own words, and their labels.

        A member of the rows in a list is named with it: ``corrections.explanation``.
        """
        return {}

    @abstractmethod
    def find(self, subject: Subject, *, rows: Rows = None) -> Found:
        """Count the reader's rows and name the identifiers filed with them."""

    def revealed(self, subject: Subject) -> frozenset[Identifier]:
        """The identifiers filed with the reader's rows, when nobody asks how many rows there are."""
        return self.find(subject).identifiers

    def filed(self) -> Iterator[Identifier]:
        """Every identifier that ties rows here to a reader, for the comparison with the ledger; it may come twice."""
        return iter(())

    @abstractmethod
    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        """Say what ``erase`` would do on that day; writes nothing."""

    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """The exported fields, in the order of every record."""

    @abstractmethod
    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        """Each of the reader's rows as the text of one JSON object whose members are the columns, in keyset order."""

    def free_texts(self, subject: Subject, *, rows: Rows = None) -> Iterator[FreeText]:  # noqa: ARG002
        """What stands in the fields of free text, as the copy would show it, in the order of the rows."""
        return iter(())

    def collect_pages(self, subject: Subject, *, rows: Rows = None) -> Iterator[list[bytes]]:
        """The same rows in UTF-8, several at a time, each on one line.

        A line end in JSON stands between members only.
        """
        texts = (text.replace("\n", " ").replace("\r", " ") for text in self.collect(subject, rows=rows))
        while page := [text.encode(errors="replace") for text in islice(texts, READ_AT_ONCE)]:
            yield page

    def table_pages(self, subject: Subject, *, rows: Rows = None) -> Iterator[list[bytes]] | None:  # noqa: ARG002
        """The same rows as lines of CSV, for a source that is read in a snapshot; None has them made of the JSON."""
        return None

    def keyed_lines(self, subject: Subject, rows: Sequence[str]) -> Iterator[tuple[str, bytes, bytes | None]]:
        """Those rows, each with its key, as both give it: the line of JSON, and of CSV where there is one."""
        for key in rows:
            cells = chain.from_iterable(self.table_pages(subject, rows=[key]) or ())
            for line in chain.from_iterable(self.collect_pages(subject, rows=[key])):
                yield key, line, next(cells, None)

    @abstractmethod
    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        """Erase, rewrite or keep at most ``limit`` rows from the cursor on; ``{}`` starts."""

    def apart(self) -> AbstractContextManager[object]:
        """What one chunk of a remote source is done in, and at whose end it is committed."""
        return nullcontext()

    def naming(self, files: Sequence[StoredFile]) -> Iterator[StoredFile]:  # noqa: ARG002
        """Those of the files that a row, anybody's, still names."""
        return iter(())

    def codes(self) -> tuple[tuple[Text, Codes], ...]:
        """The exported fields that hold codes: the heading of each, and what its codes mean."""
        return ()

    def withheld(self) -> tuple[tuple[Text, Text], ...]:
        """What the source holds of the reader and never hands over: what it is, and why."""
        return ()

    def attachments(self, subject: Subject, *, rows: Rows = None) -> Iterator[Attachment]:  # noqa: ARG002
        """The files that the reader uploaded."""
        return iter(())

    def summaries(self, subject: Subject, *, limit: int) -> list[RowSummary]:  # noqa: ARG002
        """The first rows in words, newest first, for the reader to tick; empty when the source cannot be ticked."""
        return []

    def labels(self) -> Mapping[str, Text]:
        """The concepts that the reader may correct here, in words."""
        return {}

    def values(self, subject: Subject) -> list[Value]:  # noqa: ARG002
        """The distinct values that the reader may correct."""
        return []

    def places(self, subject: Subject, *, concept: str, value: str) -> Iterator[Place]:  # noqa: ARG002
        """Where the value stands in the reader's own rows; none for a source whose rows have no key."""
        return iter(())

    def validate(self, concept: str, value: str) -> None:  # noqa: B027
        """Raise UnacceptableValue when a field that holds the concept cannot hold the value."""

    def rectify(self, subject: Subject, *, changes: Sequence[Change], limit: int, cursor: Cursor) -> Chunk:  # noqa: ARG002
        """Make the changes in at most ``limit`` rows from the cursor on; a second run changes nothing."""
        return Chunk(cursor=None)

    def stop_messages(self, subject: Subject, *, at: datetime, limit: int, cursor: Cursor) -> Chunk:  # noqa: ARG002
        """Stop every message to the reader (GDPR Art. 21(3)); a second run changes nothing."""
        return Chunk(cursor=None)


Scope = Mapping[str, Any]


def rows_in_scope(scope: Scope, source_name: str) -> tuple[bool, Rows]:
    """Whether a source is in scope, and which of its rows; an empty scope is everything."""
    if not scope:
        return True, None
    selected = scope.get(source_name)
    return selected is not None, selected if isinstance(selected, list) else None
