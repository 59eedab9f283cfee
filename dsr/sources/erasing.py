"""The plan of an erasure and its run over one model: one selection, one classification, two readers of it."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from hashlib import sha256
from itertools import chain, groupby, islice, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import DateTimeField, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from dsr.sources.base import Chunk, Cursor, KeptRows, Preview, SourceError, StoredFile
from dsr.sources.classification import Occasion, Until, Verdict
from dsr.sources.fields import NOW
from dsr.sources.selection import Key, in_pages
from dsr.sources.signs import column_of, target_of
from dsr.sources.sweeping import Alike, Sweep
from dsr.sources.verdicts import alone, verdicts

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

PLANNED_AT_ONCE = 20_000  # rows, of which Python holds the keys
KEY, FATE = itemgetter(0), itemgetter(1)


def plan(source: "ModelSource", occasion: Occasion) -> Preview:
    """Count what a run would do on that day, reading by keyset and writing nothing."""
    return _Plan(source, occasion).made()


class _Fate:
    """What becomes of rows that are treated alike, and how each is written down in the fingerprint."""

    def __init__(self, row: Verdict) -> None:
        self.row = row
        self.kept = row.kept
        self.tail = f"\t{row.disposition}\t{','.join(sorted({ground for ground, _until in self.kept}))}\n"


class _Plan:
    """Rows that say the same of themselves are judged once; Python touches each row for its key alone."""

    def __init__(self, source: "ModelSource", occasion: Occasion) -> None:
        self.source = source
        self.occasion = occasion
        self.sweep = Sweep(source, occasion)
        self.fates: dict[Any, _Fate | None] = {}

    def made(self) -> Preview:
        """Each row once, in the order of its key, whatever tied it to the reader."""
        text = self.source.row_key.text
        digest = sha256()
        rows: Counter[_Fate] = Counter()
        for page in self._merged():
            rows.update(map(FATE, page))
            digest.update("".join([text(key) + fate.tail for key, fate in page]).encode())
        return self._counted(rows, "" if self.source.volatile else digest.hexdigest())

    def _counted(self, rows: Mapping[_Fate, int], fingerprint: str) -> Preview:
        kept: Counter[Until] = Counter()
        for fate, count in rows.items():
            kept.update(dict.fromkeys(fate.kept, count))
        return Preview(
            erased=sum(count for fate, count in rows.items() if not fate.row.stays),
            rewritten=sum(count for fate, count in rows.items() if fate.row.blank),
            files=sum(len(fate.row.files) * count for fate, count in rows.items()),
            undecided=sum(count for fate, count in rows.items() if fate.row.undecided),
            kept=tuple(sorted((KeptRows(*each, count) for each, count in kept.items()), key=_by_ground)),
            fingerprint=fingerprint,
        )

    def _merged(self) -> Iterator[list[tuple[Key, _Fate]]]:
        """The pages of every way as one; most readers are filed in one way alone."""
        streams = map(self._pages, self.sweep.ways)
        filled = [chain([first], stream) for stream in streams if (first := next(stream, None))]
        if len(filled) <= 1:
            yield from chain.from_iterable(filled)
            return
        in_order = heapq.merge(*map(chain.from_iterable, filled), key=KEY)
        once = (next(same) for _key, same in groupby(in_order, key=KEY))
        while page := list(islice(once, PLANNED_AT_ONCE)):
            yield page

    def _pages(self, way: Q) -> Iterator[list[tuple[Key, _Fate]]]:
        for page in self.sweep.pages(way, PLANNED_AT_ONCE):
            found: list[tuple[Key, _Fate]] = []
            look: list[Key] = []
            for alike in page:
                fate = self._fate(alike)
                if fate is None:
                    look += alike.keys()
                else:
                    found += zip(alike.keys(), repeat(fate))
            found += ((row.key, _Fate(row)) for row in self._looked(way, look))
            yield sorted(found, key=KEY)

    def _fate(self, alike: Alike) -> _Fate | None:
        said = alike.numbers, alike.days
        if said not in self.fates:
            row = alone(self.source, alike, self.occasion)
            self.fates[said] = None if row is None else _Fate(row)
        return self.fates[said]

    def _looked(self, way: Q, keys: Sequence[Key]) -> Iterator[Verdict]:
        for condition in chain.from_iterable(map(self.source.row_key.within, in_pages(sorted(keys)))):
            found = self.source.rows().filter(way, condition)
            yield from chain.from_iterable(verdicts(self.source, found, self.occasion))


def _by_ground(line: KeptRows) -> tuple[str, date]:
    return line.ground, line.until or date.max


def erase(source: "ModelSource", occasion: Occasion, cursor: Cursor, limit: int) -> Chunk:
    """Erase, rewrite or keep at most ``limit`` rows, held from their reading to the end of the transaction."""
    work = _Erasure(source, occasion)
    sweep = source.under_way
    if sweep is None or sweep.occasion != occasion:
        sweep = Sweep(source, occasion)
    with transaction.atomic(using=source.alias):
        reached = sweep.chunk(cursor, limit, work.act)
    source.under_way = None if reached is None else sweep  # its last chunk lets go of the reader's identifiers
    return Chunk(cursor=reached, erased=work.erased, rewritten=work.rewritten, files=tuple(work.files))


class _MoreRows(Exception):  # noqa: N818 - nothing went wrong
    """A stretch of keys holds rows that nobody judged."""


class _Erasure:
    """One chunk: what it wrote, and the files it let go of."""

    def __init__(self, source: "ModelSource", occasion: Occasion) -> None:
        self.source = source
        self.occasion = occasion
        self.own = source.own(occasion.subject) or Q(pk__in=[])
        self.erased = self.rewritten = 0
        self.files: list[StoredFile] = []

    def act(self, page: Sequence[Alike]) -> int:
        """Do what the marks of the rows say, or else their verdicts; returns how many a ground keeps.

        Rows that need a look go last, when nothing of the reader's that goes points at them any more.
        """
        look: list[Key] = []
        kept = 0
        for alike in page:
            row = alone(self.source, alike, self.occasion)
            if row is None:
                look += alike.keys()
            else:
                self._settle(row, alike)
                kept += alike.count if row.held else 0
        return kept + self._look(look)

    def _settle(self, row: Verdict, alike: Alike) -> None:
        """Treat as many rows as one."""
        self._must_be_decided([row])
        if not row.stays:
            self.erased += self._done(alike, lambda found: found._raw_delete(self.source.alias))
        elif row.blank:
            values = {name: self._written(name) for name in row.blank}
            self.rewritten += self._done(alike, lambda found: found.update(**values))

    def _done(self, alike: Alike, act: Callable[[QuerySet[Any]], int]) -> int:
        """Act on those rows and no other; returns how many they were.

        They are held and stay in their stretch. Where it holds more, rows came in since they were judged: what was done
        to them is undone, and the rows are gone through one by one.
        """
        if alike.stretch is not None:
            with suppress(_MoreRows), transaction.atomic(using=self.source.alias):
                done = act(self.source.rows().filter(alike.stretch))
                if done != alike.count:
                    raise _MoreRows
                return done
        return sum(act(self.source.rows().filter(some)) for some in alike.conditions)

    def _look(self, keys: Sequence[Key]) -> int:
        kept = 0
        for condition in chain.from_iterable(map(self.source.row_key.within, in_pages(sorted(keys)))):
            for page in verdicts(self.source, self.source.rows().filter(self.own, condition), self.occasion):
                self._must_be_decided(page)
                self._remove([row for row in page if not row.stays])
                self._blank([row for row in page if row.blank])
                kept += sum(bool(row.held) for row in page)
        return kept

    def _must_be_decided(self, rows: Sequence[Verdict]) -> None:
        if any(row.undecided for row in rows):
            sentence = _("La source « %(source)s » a des lignes qui sont aussi à un autre lecteur : « shared » manque.")
            raise SourceError(sentence % {"source": self.source.name})

    def _remove(self, going: Sequence[Verdict]) -> None:
        """Delete those very rows: no cascade, no signal, nothing that points at them but rows that go too."""
        if not going:
            return
        for relation in self.source.sheet.threads:
            column = column_of(relation)
            targets = [row.facts[target_of(relation)] for row in going]
            replies = self.source.rows().filter(self.own, Q((f"{column}__in", targets)))
            replies.update(**{column: None})
        for condition in self.source.row_key.within([row.key for row in going]):
            found = self.source.rows().filter(self.own, condition)
            self.erased += found._raw_delete(self.source.alias)
        self.files += chain.from_iterable(row.files for row in going)

    def _blank(self, staying: Sequence[Verdict]) -> None:
        alike: dict[tuple[str, ...], list[Verdict]] = defaultdict(list)
        for row in staying:
            alike[row.blank].append(row)
        for names, rows in alike.items():
            values = {name: self._written(name) for name in names}
            for condition in self.source.row_key.within([row.key for row in rows]):
                self.rewritten += self.source.rows().filter(self.own, condition).update(**values)
            self.files += chain.from_iterable(row.files for row in rows)

    def _written(self, name: str) -> Any:
        value = self.source.erased_value(name)
        if value is not NOW:
            return value
        if not isinstance(self.source.field(name), DateTimeField):
            return self.occasion.on
        return timezone.make_aware(datetime.combine(self.occasion.on, time.min))
