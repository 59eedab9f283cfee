"""A source for letters to name: it holds invoices, and a family name that may be corrected."""

from collections.abc import Iterator
from datetime import date

from dsr.sources.activities import Activity
from dsr.sources.base import Chunk, Column, Cursor, Found, Preview, Rows, Source, Subject, Value


class Invoices(Source):
    """Nobody's rows: letters ask only for words."""

    name = "invoices"
    label = "Factures"
    description = "Vos factures."
    activity = Activity("billing", "Facturation", "Facturer", "contrat", "identité", (), "10 ans", "vous")

    def find(self, subject: Subject, *, rows: Rows = None) -> Found:
        return Found(rows=0)

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        return Preview(erased=0, rewritten=0)

    def columns(self) -> tuple[Column, ...]:
        return ()

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        return iter(())

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        return Chunk(cursor=None)

    def labels(self) -> dict[str, str]:
        return {"family_name": "Nom de famille"}

    def values(self, subject: Subject) -> list[Value]:
        return [Value("family_name", "Martin", "Nom de famille")]
