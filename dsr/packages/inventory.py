"""What goes into a package, as the caller says it, and what went in, as the packing finds it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from dsr.packages.records import Rewrite
from dsr.sources.activities import Activity, Text
from dsr.sources.base import Rows, Scope, Source, Subject, rows_in_scope


class Form(StrEnum):
    """What one file of the package is."""

    LETTER = "letter"
    INDEX = "index"
    JSON = "json"
    CSV = "csv"
    PAGE = "page"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file that staff fetched for a source kept by hand; ``open`` may raise OSError or VaultError."""

    source: str
    name: str
    open: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Omission:
    """Something of the reader's that the package does not hold; ``source`` is empty when it concerns no single one."""

    source: str
    what: Text
    reason: Text


@dataclass(frozen=True, slots=True)
class Consultation:
    """How often, and on which days, members of staff of one role looked at the reader's file, and why."""

    role: Text
    why: Text
    times: int
    days: tuple[date, ...]


MISSING_FILE = _("Ce fichier figure dans nos registres, mais nous ne le trouvons plus là où il devrait être.")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is asked of the packing; ``language`` is ``fr`` or ``en``, ``sources`` are all that the newspaper declared.

    A file handed in for a source that is unknown or out of scope is a ValueError: it would be lost without a word.
    ``rewritten`` names, by source and key, rows that are packed changed, and what makes the JSON text of each.
    """

    reference: str
    language: str
    kind: str
    received_on: date
    made_at: datetime
    subject: Subject
    sources: tuple[Source, ...]
    scope: Scope = field(default_factory=dict)
    uploads: tuple[HandedIn, ...] = ()
    omissions: tuple[Omission, ...] = ()
    consultations: tuple[Consultation, ...] = ()
    rewritten: Mapping[str, Mapping[str, Rewrite]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse files that belong nowhere."""
        homes = {source.name for source, _rows in self.in_scope()}
        if strays := {upload.source for upload in self.uploads} - homes:
            raise ValueError(f"files handed in for sources that are not packed: {sorted(strays)}")

    def in_scope(self) -> Iterator[tuple[Source, Rows]]:
        """Each source the request is about, with the rows it is about."""
        for source in self.sources:
            included, rows = rows_in_scope(self.scope, source.name)
            if included:
                yield source, rows

    def out_of_scope(self) -> list[Source]:
        """The sources the request is not about."""
        return [source for source in self.sources if not rows_in_scope(self.scope, source.name)[0]]


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One member of the archive; ``size`` in bytes, ``sha256`` in hex, both of the plain file."""

    path: str
    form: Form
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(slots=True)
class Holding:
    """What the package holds of one source; ``first_page`` is markup that the index shows."""

    source: Source
    rows: int = 0
    files: list[PackedFile] = field(default_factory=list)
    missing: int = 0
    first_page: SafeString = field(default_factory=SafeString)

    @property
    def rows_held(self) -> int:
        """Its rows, the running request aside."""
        return max(self.rows - 1, 0) if self.source.about_requests else self.rows

    @property
    def is_empty(self) -> bool:
        """Whether the source holds nothing of the reader's, not even a file that we lost."""
        return not self.files and not self.missing

    def of_form(self, form: Form) -> list[PackedFile]:
        """Its files of one form."""
        return [file for file in self.files if file.form == form]


@dataclass(slots=True)
class Inventory:
    """What went into one package so far."""

    contents: Contents
    holdings: list[Holding] = field(default_factory=list)
    files: list[PackedFile] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)

    @property
    def rows_and_uploads(self) -> int:
        """How many rows and files handed in are there; that the reader asks is not something that we held of them."""
        return sum(holding.rows_held for holding in self.holdings) + len(self.contents.uploads)

    def held(self) -> list[Holding]:
        """The sources that hold something."""
        return [holding for holding in self.holdings if not holding.is_empty]

    @property
    def holds_only_requests(self) -> bool:
        """Whether nothing else is held of the reader than that they asked."""
        held = self.held()
        return bool(held) and all(holding.source.about_requests for holding in held)

    def nothing_held(self) -> list[Holding]:
        """The sources that hold nothing."""
        return [holding for holding in self.holdings if holding.is_empty]

    def activities(self) -> dict[Activity, list[Holding]]:
        """The activities that really held something, each with its sources."""
        grouped: dict[Activity, list[Holding]] = {}
        for holding in self.held():
            grouped.setdefault(holding.source.activity, []).append(holding)
        return grouped
