"""A small newspaper for the tests of packages: real sources of the contract that hold what a test gives them."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from dsr.packages import archive
from dsr.packages.inventory import Contents
from dsr.sources.activities import Activity, Recipient
from dsr.sources.base import Attachment, Chunk, Column, Found, Identifier, Preview, Source, Subject

ALICE = Subject(frozenset({Identifier("email", "alice@example.org")}))

DEBATE = Activity(
    code="comments",
    name="Débat sous les articles",
    purpose="Publier et modérer ce que les lecteurs écrivent.",
    legal_basis="Exécution du contrat (RGPD art. 6, 1, b).",
    categories="Signature, adresse électronique, adresse IP, textes.",
    recipients=(
        Recipient("equipe", "L’équipe de modération", not_told="C’est nous."),
        Recipient("hebergeur", "Hébergeur Exemple SAS", not_told="Il travaille dans nos outils."),
    ),
    retention="Tant que le commentaire est en ligne, puis un an pour l’adresse IP.",
    origin="Vous-même, en écrivant un commentaire.",
)
BILLING = replace(
    DEBATE,
    code="billing",
    name="Abonnements et factures",
    purpose="Vendre et livrer l’abonnement.",
    recipients=(Recipient("paiement", "Prestataire de paiement Exemple SA", not_told="Sa copie est la nôtre."),),
    transfers="Vers la Suisse, pays reconnu adéquat.",
)

Fields = dict[str, Any]


class Shelf(Source):
    """A source that holds the rows and files a test puts there."""

    def __init__(
        self,
        name: str,
        *,
        label: str = "",
        rows: Sequence[Fields] | Callable[[], Iterator[str]] = (),
        columns: tuple[Column, ...] = (),
        files: dict[str, bytes | None] | None = None,
        activity: Activity = DEBATE,
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.label = label or name.capitalize()  # type: ignore[misc]
        self.description = f"Ce que contient « {self.label} »."  # type: ignore[misc]
        self.activity = activity  # type: ignore[misc]
        self.readings = 0
        self._rows = rows
        self._columns = columns or tuple(Column(each, each.capitalize()) for each in _members(rows))
        self._files = files or {}

    def find(self, subject, *, rows=None):
        return Found(0)

    def plan(self, subject, *, on, rows=None):
        return Preview(0, 0)

    def erase(self, subject, *, on, limit, cursor, rows=None):
        return Chunk(cursor=None)

    def columns(self):
        return self._columns

    def collect(self, subject, *, rows=None):
        self.readings += 1
        if callable(self._rows):
            yield from self._rows()
            return
        for number, fields in enumerate(self._rows):
            if rows is None or str(number) in rows:
                yield json.dumps(fields, ensure_ascii=False)

    def attachments(self, subject, *, rows=None):
        for name, content in self._files.items():
            yield Attachment(name, partial(_opened, content))


def contents(*sources: Source, language: str = "fr", **more: Any) -> Contents:
    """What Alice asked, with these sources."""
    facts: dict[str, Any] = {
        "reference": "DSR-7K4M-2QXP",
        "language": language,
        "kind": "access",
        "received_on": date(2026, 11, 2),
        "made_at": datetime(2026, 11, 23, 10, 4, tzinfo=UTC),
        "subject": ALICE,
        "sources": sources,
    }
    return Contents(**facts | more)


def packed(*sources: Source, **more: Any) -> zipfile.ZipFile:
    """The archive of these sources, opened."""
    return zipfile.ZipFile(io.BytesIO(b"".join(archive.stream(contents(*sources, **more)))))


def manifest_of(package: zipfile.ZipFile) -> dict[str, Any]:
    """Its manifest."""
    return json.loads(package.read("manifest.json"))


def _members(rows: object) -> Sequence[str]:
    """The members of the first row."""
    return tuple(rows[0]) if isinstance(rows, list | tuple) and rows else ()


def _opened(content: bytes | None) -> io.BytesIO:
    """The file, or what a storage raises for one that is gone."""
    if content is None:
        raise FileNotFoundError
    return io.BytesIO(content)
