"""Reading the records of one source: few are read once, many again for each form of the data."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from dsr.packages import cells
from dsr.packages.cells import Number
from dsr.sources import snapshot
from dsr.sources.base import Rows, Source, SourceError, Subject

REMEMBERED_BYTES = 256 * 1024

Record = dict[str, Any]
Pages = Iterator[list[bytes]]
Rewrite = Callable[[str], str]


class SourceChangedError(SourceError):
    """Rows changed between two readings, so JSON, CSV and pages would not say the same; the packing starts again."""


class Records:
    """The reader's rows of one source, in the order of the source, as lines of text.

    The first whole reading remembers the rows when they are small enough; the others are read anew. A source that
    writes its own table is read in a snapshot, so that all readings say the same; another is compared with the first.
    ``rows`` is known once they were read to the end. ``rewritten`` gives, by their key, rows that go into the package
    changed: each is asked for the JSON text that stands for the row's own.
    """

    def __init__(
        self,
        source: Source,
        subject: Subject,
        *,
        rows: Rows,
        language: str,
        pulse: Callable[[int], None],
        rewritten: Mapping[str, Rewrite],
    ) -> None:
        self._source = source
        self._subject = subject
        self._scope = rows
        self._language = language
        self._pulse = pulse
        self._rewritten = rewritten
        self._names = [column.name for column in source.columns()]
        self._digest = ""
        self._remembered: list[bytes] | None = None
        self.rows = 0

    def json(self) -> Pages:
        """The records as lines of JSON, several at a time."""
        return self._read() if self._remembered is None else iter([self._remembered])

    def csv(self) -> Pages:
        """The same as lines of CSV: made of what is remembered, else written by the source if it can."""
        written = None if self._remembered is not None else self._source.table_pages(self._subject, rows=self._scope)
        if written is None:
            return ([self._csv_line(line) for line in lines] for lines in self.json())
        return self._replaced(self._ahead(written), self._csv_replacements)

    def batches(self, *, first: int, rows: int, size: int) -> Iterator[tuple[list[Record], bool]]:
        """Lists of records, and whether the list is the last.

        The first holds at most ``first`` records, the others ``rows``; each ``size`` bytes of JSON, or one record.
        """
        batch: list[Record] = []
        weight, limit = 0, first
        for lines in self.json():
            for line in lines:
                if batch and (len(batch) == limit or weight + len(line) > size):
                    yield batch, False
                    batch, weight, limit = [], 0, rows
                batch.append(self._parse(line))
                weight += len(line)
        yield batch, True

    def _read(self) -> Pages:
        """Read the source, and remember what it gave."""
        remembered: list[bytes] = []
        digest, rows, weight = hashlib.sha256(), 0, 0
        pages = self._ahead(self._source.collect_pages(self._subject, rows=self._scope))
        for lines in self._replaced(pages, self._json_replacements):
            rows += len(lines)
            if weight <= REMEMBERED_BYTES:
                weight += sum(map(len, lines))
                remembered = [*remembered, *lines] if weight <= REMEMBERED_BYTES else []
            if not self._source.databases:
                digest.update(b"\n".join([*lines, b""]))
            self._pulse(len(lines))
            yield lines
        self._settle(rows, digest.hexdigest())
        self._remembered = remembered if weight <= REMEMBERED_BYTES else None

    def _ahead(self, pages: Pages) -> Pages:
        """Read on while what was read is compressed."""
        return snapshot.ahead(self._in_language(pages), databases=self._source.databases)

    def _in_language(self, pages: Pages) -> Pages:
        """Ask the source in the language of the package, for records explain codes; what reads us keeps its own."""
        while True:
            with translation.override(self._language):
                lines = next(pages, None)
            if lines is None:
                return
            yield lines

    def _settle(self, rows: int, digest: str) -> None:
        """Remember what the first reading found, and want the same of the others."""
        if self._digest and digest != self._digest:
            raise self._source_changed()
        self.rows, self._digest = rows, digest

    def _source_changed(self) -> SourceChangedError:
        return SourceChangedError(_("La source « %s » a changé pendant la lecture.") % self._source.name)

    def _replaced(self, pages: Pages, replacements: Callable[[], dict[bytes, bytes]]) -> Pages:
        """The lines, those of the rewritten rows changed; all others pass as they are."""
        if not self._rewritten:
            yield from pages
            return
        changed, met = replacements(), set[bytes]()
        for lines in pages:
            met.update(changed.keys() & set(lines))
            yield [changed.get(line, line) for line in lines]
        if len(met) < len(changed):  # it stands there otherwise, with what was to be masked
            raise self._source_changed()

    def _json_replacements(self) -> dict[bytes, bytes]:
        return {line: self._rewrite(key, line) for key, line, _cells in self._to_rewrite()}

    def _csv_replacements(self) -> dict[bytes, bytes]:
        found = self._to_rewrite()
        return {cells: self._csv_line(self._rewrite(key, line)) for key, line, cells in found if cells is not None}

    def _to_rewrite(self) -> list[tuple[str, bytes, bytes | None]]:
        """Each row to rewrite with its key, as it stands in JSON and, where the source can, in CSV."""
        with translation.override(self._language):
            return list(self._source.keyed_lines(self._subject, list(self._rewritten)))

    def _rewrite(self, key: str, line: bytes) -> bytes:
        return self._rewritten[key](line.decode()).encode()

    def _csv_line(self, line: bytes) -> bytes:
        record = self._parse(line)
        return cells.visible(cells.line(record[name] for name in self._names)).encode()

    def _parse(self, line: bytes) -> Record:
        """One record, its numbers as they were written; SourceError when its members are not the columns."""
        try:
            record = json.loads(line, parse_int=Number, parse_float=Number, parse_constant=_refuse_constant)
        except ValueError:
            record = None
        if not isinstance(record, dict) or record.keys() != set(self._names):
            message = _("La source « %s » a rendu un enregistrement qui n’a pas la forme annoncée.")
            raise SourceError(message % self._source.name) from None
        return record


def _refuse_constant(name: str) -> None:
    """NaN and the infinities are not JSON (RFC 8259, section 6)."""
    raise ValueError(name)
