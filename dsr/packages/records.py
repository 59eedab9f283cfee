"""Reading the records of one source: once when they are few, again for each form of the data when they are many."""

import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from dsr.packages.cells import Number
from dsr.sources.base import Rows, Source, SourceError, Subject

REMEMBERED_BYTES = 256 * 1024
READ_AT_ONCE = 50

Record = dict[str, Any]


class SourceChangedError(SourceError):
    """Rows changed between two readings, so JSON, CSV and pages would not say the same; the packing starts again."""


class Records:
    """The reader's rows of one source, in the order of the source.

    The first whole reading remembers the rows when they are small enough; the others are read anew from the source and
    compared with the first. ``rows`` is known once they were read to the end.
    """

    def __init__(
        self, source: Source, subject: Subject, *, rows: Rows, language: str, each_row: Callable[[], None]
    ) -> None:
        self._source = source
        self._subject = subject
        self._scope = rows
        self._language = language
        self._each_row = each_row
        self._names = frozenset(column.name for column in source.columns())
        self._digest = ""
        self._remembered: list[bytes] | None = None
        self.rows = 0

    def lines(self) -> Iterator[bytes]:
        """Each record as one line of JSON, without its line end."""
        return self._read() if self._remembered is None else iter(self._remembered)

    def parsed(self) -> Iterator[Record]:
        """Each record as a dictionary; SourceError when it is not an object whose members are the columns."""
        for line in self.lines():
            yield self._parse(line)

    def batches(self, *, first: int, rows: int, size: int) -> Iterator[tuple[list[Record], bool]]:
        """Lists of records, and whether the list is the last.

        The first holds at most ``first`` records, the others ``rows``; each ``size`` bytes of JSON, or one record.
        """
        batch: list[Record] = []
        weight, limit = 0, first
        for line in self.lines():
            if batch and (len(batch) == limit or weight + len(line) > size):
                yield batch, False
                batch, weight, limit = [], 0, rows
            batch.append(self._parse(line))
            weight += len(line)
        yield batch, True

    def _read(self) -> Iterator[bytes]:
        """Read the source."""
        remembered: list[bytes] = []
        digest, rows, size = hashlib.sha256(), 0, 0
        for text in self._collected():
            line = _one_line(text)
            digest.update(line + b"\n")
            rows, size = rows + 1, size + len(line)
            if size <= REMEMBERED_BYTES:
                remembered.append(line)
            self._each_row()
            yield line
        self._settle(rows, digest.hexdigest())
        self._remembered = remembered if size <= REMEMBERED_BYTES else None

    def _collected(self) -> Iterator[str]:
        """Ask the source in the language of the package, for records explain codes; what reads us keeps its own."""
        with translation.override(self._language):
            texts = iter(self._source.collect(self._subject, rows=self._scope))
        while True:
            with translation.override(self._language):
                batch = list(islice(texts, READ_AT_ONCE))
            if not batch:
                return
            yield from batch

    def _settle(self, rows: int, digest: str) -> None:
        """Remember what the first reading found, and want the same of the others."""
        if self._digest and digest != self._digest:
            raise SourceChangedError(_("La source « %s » a changé pendant la lecture.") % self._source.name)
        self.rows, self._digest = rows, digest

    def _parse(self, line: bytes) -> Record:
        """One record, its numbers as they were written."""
        try:
            record = json.loads(line, parse_int=Number, parse_float=Number, parse_constant=_refuse_constant)
        except ValueError:
            record = None
        if not isinstance(record, dict) or record.keys() != self._names:
            message = _("La source « %s » a rendu un enregistrement qui n’a pas la forme annoncée.")
            raise SourceError(message % self._source.name) from None
        return record


def _one_line(text: str) -> bytes:
    """JSON text on one line: a line end in valid JSON stands between members only."""
    if "\n" in text or "\r" in text:
        text = text.replace("\n", " ").replace("\r", " ")
    return text.encode(errors="replace")


def _refuse_constant(name: str) -> None:
    """NaN and the infinities are not JSON (RFC 8259, section 6)."""
    raise ValueError(name)
