"""Small sources for the lifecycle's tests: real subclasses of the contract over rows in memory."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import ClassVar

from dsr.sources.activities import Activity, Recipient
from dsr.sources.base import Change, Chunk, Column, Cursor, Found, Identifier, Preview, Rows, Source, Subject, Value

READING = Activity(
    code="reading",
    name="Lecture",
    purpose="Prêter des livres",
    legal_basis="Contrat",
    categories="Livres empruntés",
    recipients=(Recipient("bibliotheque", "La bibliothèque d’exemple", not_told="C’est nous."),),
    retention="Un an",
    origin="Le lecteur",
)


class Shelf(Source):
    """Rows of ``{"email", "title"}``; a row is the reader's by its address."""

    name = "shelf"
    label = "Livres"
    description = "Les livres empruntés"
    activity = READING
    rows: ClassVar[list[dict[str, str]]] = []
    telephones: ClassVar[dict[str, str]] = {}  # of those who still have a row

    def _theirs(self, subject: Subject) -> list[dict[str, str]]:
        return [row for row in self.rows if row["email"] in subject.values("email")]

    def find(self, subject: Subject, *, rows: Rows = None) -> Found:
        return Found(len(self._theirs(subject)))

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        titles = sorted(row["title"] for row in self._theirs(subject))
        return Preview(erased=len(titles), rewritten=0, fingerprint="-".join(titles))

    def columns(self) -> tuple[Column, ...]:
        return (Column("email", "Adresse"), Column("title", "Titre"))

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        return (json.dumps(row) for row in self._theirs(subject))

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        theirs = self._theirs(subject)
        for row in theirs[:limit]:
            self.rows.remove(row)
        return Chunk(cursor={"again": True} if len(theirs) > limit else None, erased=len(theirs[:limit]))

    def labels(self) -> dict[str, str]:
        return {"title": "Titre", "phone": "Téléphone"} if self.telephones else {"title": "Titre"}

    def values(self, subject: Subject) -> list[Value]:
        theirs = self._theirs(subject)
        numbers = sorted({self.telephones[row["email"]] for row in theirs if row["email"] in self.telephones})
        return [
            *(Value("phone", number, "Téléphone") for number in numbers),
            *(Value("title", title, "Titre") for title in sorted({row["title"] for row in theirs})),
        ]

    def rectify(self, subject: Subject, *, changes: Sequence[Change], limit: int, cursor: Cursor) -> Chunk:
        made: dict[int, int] = {}
        for row in self._theirs(subject):
            for place, change in enumerate(changes):
                if row[change.concept] == change.old:
                    row[change.concept] = change.new
                    made[place] = made.get(place, 0) + 1
        return Chunk(cursor=None, changed=sum(made.values()), made=made)


class Cellar(Shelf):
    """A second source, which fails when asked to erase as long as ``flooded``, and counts all changes together."""

    name = "cellar"
    label = "Cave"
    rows: ClassVar[list[dict[str, str]]] = []
    flooded: ClassVar[bool] = False

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        if self.flooded:
            raise RuntimeError("alice@example.org cannot be reached")
        return super().erase(subject, on=on, limit=limit, cursor=cursor, rows=rows)

    def rectify(self, subject: Subject, *, changes: Sequence[Change], limit: int, cursor: Cursor) -> Chunk:
        return replace(super().rectify(subject, changes=changes, limit=limit, cursor=cursor), made={})


class Drawer(Shelf):
    """A source kept by hand: a person looks, and ticks."""

    name = "drawer"
    label = "Tiroir"
    by_hand = True

    def find(self, subject: Subject, *, rows: Rows = None) -> Found:
        return Found(0, frozenset[Identifier]())

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        return Preview(erased=0, rewritten=0, by_hand=True)

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        return iter(())


class Mishap(Shelf):
    """A source that answers in another shape."""

    name = "mishap"

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:
        return {"erased": 3}  # type: ignore[return-value]


class Endless(Shelf):
    """A source that goes on for ever, slowly: whoever packs it can be killed at it."""

    name = "endless"

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        while True:
            time.sleep(0.001)
            yield json.dumps({"email": "alice@example.org", "title": "un secret de lecture " * 200})
