"""Two sources for the pages to speak of: comments to tick, and an account whose values may be corrected."""

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

TALKING = Activity(
    code="talking",
    name="la discussion sous les articles",
    purpose="Publier ce que les lecteurs écrivent.",
    legal_basis="Notre intérêt légitime.",
    categories="Textes, signatures.",
    recipients=(
        Recipient("redaction", "La rédaction", not_told="C’est nous."),
        Recipient("hebergeur", "L’hébergeur Exemple", not_told="Il travaille dans nos outils."),
    ),
    retention="Cinq ans.",
    origin="Vous.",
    transfers="Aucun hors de l’Union, sauf demande.",
)
ACCOUNTS = Activity("accounts", "les comptes", "Vous reconnaître.", "Le contrat.", "Nom.", (), "Le contrat.", "Vous.")


class Shelf(Source):
    """Rows are ``{"key", "email", …}``; tests fill ``held``."""

    held: ClassVar[list[dict[str, str]]]

    def of(self, subject: Subject, rows: Rows = None) -> list[dict[str, str]]:
        theirs = [row for row in self.held if row["email"] in subject.values("email")]
        return [row for row in theirs if rows is None or row["key"] in rows]

    def find(self, subject: Subject, *, rows: Rows = None) -> Found:
        return Found(rows=len(self.of(subject, rows)))

    def columns(self) -> tuple[Column, ...]:
        return (Column("key", "Clé"), Column("text", "Texte"))

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        for row in self.of(subject, rows):
            yield json.dumps({"key": row["key"], "text": row["text"]})

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        return Preview(erased=len(self.of(subject, rows)), rewritten=0, fingerprint="-")

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        gone = self.of(subject, rows)
        for row in gone:
            self.held.remove(row)
        return Chunk(cursor=None, erased=len(gone))


class Comments(Shelf):
    name = "comments"
    label = "Commentaires"
    description = "Ce que vous avez écrit sous les articles."
    activity = TALKING
    held: ClassVar[list[dict[str, str]]] = []

    def summaries(self, subject: Subject, *, limit: int) -> list[RowSummary]:
        return [RowSummary(row["key"], row["text"]) for row in self.of(subject)][:limit]


class Accounts(Shelf):
    name = "accounts"
    label = "Compte"
    description = "Le compte que vous avez ouvert."
    activity = ACCOUNTS
    held: ClassVar[list[dict[str, str]]] = []

    def labels(self) -> dict[str, str]:
        return {"family_name": "Nom de famille", "postal_address": "Adresse postale"}

    def values(self, subject: Subject) -> list[Value]:
        concepts = self.labels().items()
        return [Value(concept, row[concept], label) for row in self.of(subject) for concept, label in concepts]

    def validate(self, concept: str, value: str) -> None:
        if len(value) > 60:
            raise UnacceptableValue("Soixante caractères au plus.")

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        kept = (KeptRows("LITIGE-5", date(2031, 8, 31), 1),) if self.of(subject, rows) else ()
        return Preview(erased=0, rewritten=0, kept=kept, fingerprint="-")

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        return Chunk(cursor=None)

    def rectify(self, subject: Subject, *, changes: Sequence[Change], limit: int, cursor: Cursor) -> Chunk:
        changed = 0
        for row in self.of(subject):
            for change in changes:
                if row[change.concept] == change.old:
                    row[change.concept] = change.new
                    changed += 1
        return Chunk(cursor=None, changed=changed)
