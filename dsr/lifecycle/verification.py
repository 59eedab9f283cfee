"""The search that proves an erasure of everything: the old values, wherever text stands, and what is made of each hit.

A hit in a row that was the reader's and that no ground keeps wants attention; one in another person's row is a mention,
which an officer decides. Names and IP addresses, which many bear, are looked for in the reader's own rows alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from django.core.files.storage import storages
from django.utils.translation import gettext as _

from dsr import keys
from dsr.lifecycle import claim, files, old_values
from dsr.models.request import DataRequest
from dsr.models.step import Step
from dsr.models.verification import Fate, Mention
from dsr.sources import base, past_requests, remembering, searching, verdicts
from dsr.sources.classification import Occasion
from dsr.sources.fields import Owner
from dsr.sources.model_source import ModelSource
from dsr.sources.needles import Needles, OldValue
from dsr.sources.own_tables import OWN_TABLES, OwnTable
from dsr.sources.searching import Hit, Table
from dsr.sources.selection import Key

PURPOSE: Final = "mentions"
UNDECIDED: Final = {"decision": Fate.PENDING, "decided_at": None, "decided_by": None, "reason": ""}
ROWS: Final = searching.PAGE
NAMES_AT_ONCE: Final = 1_000

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Place:
    """One table to search and its name for staff: the sources that claim it, or that it is one of the service's own."""

    name: str
    table: Table
    sources: tuple[ModelSource, ...] = ()
    own: OwnTable | None = None

    def maskable(self, name: str) -> bool:
        """Whether a passage in that column can be written anew: not where the service goes by what stands there."""
        acted_upon = self.own.acted_upon if self.own else ()
        return name not in acted_upon and searching.is_maskable(self.table.fields[name])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search found: how many values in how many tables, the mentions, and what is left, by table."""

    tables: int
    values: int
    mentions: int
    left: dict[str, int]


def places() -> list[Place]:
    """Every claimed table, once, and the service's own: requests, what belongs to them, the outbox."""
    found: dict[tuple[str, str], list[ModelSource]] = {}
    for source in old_values.models():
        found.setdefault((source.alias, source.model._meta.db_table), []).append(source)
    claimed = [Place(each[0].name, each[0].table, tuple(each)) for each in found.values()]
    return [*claimed, *(Place(each.name, each.table, own=each) for each in OWN_TABLES)]


class Search:
    """One search, page by page; where it stands is saved with each page, so that a crash costs a page."""

    def __init__(self, step: Step, subject: base.Subject, *, on: date, now: Clock) -> None:
        self.step = step
        self.occasion = Occasion(subject, on, foreseen=False)
        self.now = now
        self.left: Counter[str] = Counter(step.cursor.get("left", {}))
        self.read = 0

    @cached_property
    def needles(self) -> Needles:
        """What names one person alone."""
        return Needles.of(value for value in self._values if value.is_unique)

    @cached_property
    def _values(self) -> frozenset[OldValue]:
        return old_values.values(self.step) | remembering.of_subject(self.occasion.subject)

    def run(self) -> "Outcome":
        """Search everything and write the mentions; raises Lost."""
        searched = places()
        number: int = self.step.cursor.get("place", 0)
        for place in searched[number:]:
            self._table(place, number)
            number += 1
            self._save(number, None)
        for source in old_values.models():
            self._own_rows(source)
        for alias in sorted({each for source in old_values.models() for each in _storages(source)}):
            self._files(alias)
        mentions = Mention.objects.filter(data_request=self.step.data_request).count()
        return Outcome(len(searched), len(self.needles.each), mentions, dict(+self.left))

    def _table(self, place: Place, number: int) -> None:
        cursor = self.step.cursor
        after = place.table.key.load(cursor["after"]) if cursor.get("after") else None
        while True:
            page = place.table.search(self.needles, after=after, size=ROWS)
            self._sort_out(place, page.hits)
            after = page.after
            if after is None:
                return
            self._save(number, place.table.key.dump(after))

    def _sort_out(self, place: Place, hits: Sequence[Hit]) -> None:
        """Whose each row was, and what that makes of the hit."""
        mine = self._mine(place, list({hit.key for hit in hits}))
        kept = self._kept(place, list(mine))
        for hit in hits:
            if hit.key in mine and hit.field not in kept.get(hit.key, ()):
                self.left[place.name] += 1
        self._mention(place, [hit for hit in hits if hit.key not in mine and hit.alone])

    def _mine(self, place: Place, keys: list[Key]) -> set[Key]:
        if place.sources:
            return {key for source in place.sources for key in old_values.theirs(self.step, source, keys)}
        requests = place.own.requests(keys) if place.own and keys else ()
        return {key for key, data_request in requests if self._is_theirs(data_request)}

    def _kept(self, place: Place, keys: list[Key]) -> dict[Key, Iterable[str]]:
        if not place.sources:  # their own requests and letters are kept, on the ground DSR
            return dict.fromkeys(keys, place.table.fields)
        found: dict[Key, Iterable[str]] = {}
        for source in place.sources:
            found |= verdicts.kept_fields(source, self.occasion, keys)
        return found

    def _is_theirs(self, data_request: DataRequest) -> bool:
        """Whether a request is the reader's: proven so, of the same proven person, or made from an old address."""
        ours = self.step.data_request
        same = bool(ours.person) and data_request.person == ours.person
        proven = same or data_request.pk in self._requests
        return proven or data_request.pk == ours.pk or bool(self.needles.within(data_request.email, strictly=True))

    @cached_property
    def _requests(self) -> frozenset[int]:
        return frozenset(past_requests.theirs(self.occasion.subject).values_list("pk", flat=True))

    def _mention(self, place: Place, hits: Sequence[Hit]) -> None:
        found_at, ours = self.now(), self.step.data_request
        Mention.objects.bulk_create(
            (
                Mention(
                    data_request=ours,
                    source=place.name,
                    row_key=place.table.key.text(hit.key),
                    field=hit.field,
                    kinds=",".join(sorted(hit.alone)),
                    maskable=place.maskable(hit.field),
                    passage=keys.seal(PURPOSE, hit.passage.encode(), tied_to=ours.reference),
                    found_at=found_at,
                )
                for hit in hits
            ),
            ignore_conflicts=True,
        )
        self._decide_again(place, {(place.table.key.text(hit.key), hit.field) for hit in hits})

    def _decide_again(self, place: Place, found: set[tuple[str, str]]) -> None:
        """A mention that was masked, and was written anew since, is decided anew."""
        masked = Mention.objects.filter(data_request=self.step.data_request, source=place.name, decision=Fate.MASKED)
        there = masked.filter(row_key__in={row for row, _field in found})
        again = [pk for pk, *where in there.values_list("pk", "row_key", "field") if tuple(where) in found]
        Mention.objects.filter(pk__in=again).update(**UNDECIDED)

    def _own_rows(self, source: ModelSource) -> None:
        """Names and IP addresses, in what remains of the rows that were the reader's and no ground keeps."""
        wanted = Needles.of(value for value in self._values if not value.is_unique)
        mine = [name for name, each in source.fields.items() if each.owner is Owner.READER]
        blank = {source.field(name).attname: _blank(source, name) for name in mine}
        for page in old_values.pages(self.step, source) if wanted.each else ():
            hits = list(source.table.reread(page, wanted, blank))
            kept = verdicts.kept_fields(source, self.occasion, list({hit.key for hit in hits}))
            self.left[source.name] += sum(hit.field not in kept.get(hit.key, ()) for hit in hits)
            self._beat(len(page))

    def _files(self, alias: str) -> None:
        """The names of stored files that no row names: the others were read with their row."""
        for names in _batches(_stored(alias)):
            found = [base.StoredFile(name, alias) for name in names if self.needles.within(name, strictly=False)]
            self.left[alias] += len(found) - len(files.still_named(found))
            self._beat(len(names))

    def _save(self, number: int, after: list[Any] | None) -> None:
        self.step.cursor = {"place": number, "after": after, "left": +self.left}
        claim.save(self.step, at=self.now())

    def _beat(self, rows: int) -> None:
        self.read += rows
        self.step.result["rows"] = self.read
        claim.report(self.step, at=self.now())


def sentence(left: Iterable[str]) -> str:
    """What staff read of what is left: the tables, never a value."""
    return _("Une valeur du lecteur se trouve encore dans : %(places)s") % {"places": ", ".join(sorted(left))}


def passage(mention: Mention) -> str:
    """What stands around a mention, for the officer who decides; empty once it is destroyed."""
    if mention.passage is None:
        return ""
    return keys.unseal(PURPOSE, mention.passage, tied_to=mention.data_request.reference).decode()


def _blank(source: ModelSource, name: str) -> Any:
    return source.erased_value(name) if source.fields[name].can_be_blanked else ""


def _storages(source: ModelSource) -> set[str]:
    return {source.storage_alias(name) for name in source.file_fields}


def _stored(alias: str) -> Iterator[str]:
    """Every name in a storage, folder by folder."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            folders, names = storages[alias].listdir(folder)
        except FileNotFoundError:
            continue
        prefix = f"{folder}/" if folder else ""
        waiting += [f"{prefix}{each}" for each in folders]
        yield from (f"{prefix}{each}" for each in names)


def _batches(names: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == NAMES_AT_ONCE:
            yield batch
            batch = []
    yield batch
