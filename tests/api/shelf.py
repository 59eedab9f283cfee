"""A source for the API to speak of: letters to readers, held in a list, with a family name that may be corrected."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar

from dsr.sources.activities import Activity, Recipient
from dsr.sources.base import (
    Change,
    Chunk,
    Column,
    Cursor,
    Found,
    KeptRows,
    Preview,
    Rows,
    RowSummary,
    Source,
    Subject,
    UnacceptableValue,
    Value,
)


class Letters(Source):
    """The rows are ``{"key", "email", "name", "text"}``; tests fill ``held``."""

    name = "letters"
    label = "Courriers"
    description = "Les lettres que vous nous avez écrites."
    activity = Activity(
        "letters",
        "Courriers",
        "Répondre",
        "intérêt légitime",
        "lettres",
        (Recipient("redaction", "La rédaction", not_told="C’est nous."),),
        "1 an",
        "vous",
    )
    held: ClassVar[list[dict[str, str]]] = []

    def of(self, subject: Subject, rows: Rows = None) -> list[dict[str, str]]:
        theirs = [row for row in self.held if row["email"] in subject.values("email")]
        return [row for row in theirs if rows is None or row["key"] in rows]

    def find(self, subject: Subject, *, rows: Rows = None) -> Found:
        return Found(rows=len(self.of(subject, rows)))

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        keys = sorted(row["key"] for row in self.of(subject, rows))
        kept = (KeptRows("LITIGE-5", date(2031, 8, 31), 1),)
        return Preview(erased=len(keys), rewritten=0, kept=kept, fingerprint=",".join(keys))

    def columns(self) -> tuple[Column, ...]:
        return (Column("key", "Clé"), Column("name", "Nom"), Column("text", "Texte"))

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        for row in self.of(subject, rows):
            yield json.dumps({"key": row["key"], "name": row["name"], "text": row["text"]})

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        gone = self.of(subject, rows)
        for row in gone:
            self.held.remove(row)
        return Chunk(cursor=None, erased=len(gone))

    def summaries(self, subject: Subject, *, limit: int) -> list[RowSummary]:
        return [RowSummary(row["key"], row["text"]) for row in self.of(subject)][:limit]

    def labels(self) -> dict[str, str]:
        return {"family_name": "Nom de famille"}

    def values(self, subject: Subject) -> list[Value]:
        return [Value("family_name", row["name"], "Nom de famille") for row in self.of(subject)]

    def validate(self, concept: str, value: str) -> None:
        if concept == "family_name" and len(value) > 50:
            raise UnacceptableValue("Cinquante caractères au plus.")

    def rectify(self, subject: Subject, *, changes: Sequence[Change], limit: int, cursor: Cursor) -> Chunk:
        return Chunk(cursor=None)
