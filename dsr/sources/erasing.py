"""The plan of an erasure and its run over one model: one selection, one classification, two readers of it."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from hashlib import sha256
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import DateTimeField, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from dsr.sources.base import Chunk, Cursor, KeptRows, Preview, SourceError, StoredFile
from dsr.sources.classification import Occasion, Until, Verdict
from dsr.sources.fields import NOW
from dsr.sources.selection import Key, in_rows
from dsr.sources.signs import column_of, target_of
from dsr.sources.sweeping import Alike, Sweep
from dsr.sources.verdicts import alone, verdicts

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource


def plan(source: "ModelSource", occasion: Occasion) -> Preview:
    """Count what a run would do on that day, reading by keyset and writing nothing."""
    erased = rewritten = files = undecided = 0
    kept: Counter[Until] = Counter()
    digest = sha256()
    for row in _foreseen(source, occasion):
        erased += not row.stays
        rewritten += bool(row.blank)
        files += len(row.files)
        undecided += row.undecided
        kept.update(row.kept)
        grounds = ",".join(sorted({ground for ground, _until in row.kept}))
        digest.update(f"{source.row_key.text(row.key)}\t{row.disposition}\t{grounds}\n".encode())
    return Preview(
        erased=erased,
        rewritten=rewritten,
        files=files,
        undecided=undecided,
        kept=tuple(sorted((KeptRows(*each, count) for each, count in kept.items()), key=_by_ground)),
        fingerprint="" if source.volatile else digest.hexdigest(),
    )


def _by_ground(line: KeptRows) -> tuple[str, date]:
    return line.ground, line.until or date.max


def _foreseen(source: "ModelSource", occasion: Occasion) -> Iterator[Verdict]:
    """Each row once, in the order of its key, whatever tied it to the reader."""
    in_scope = in_rows(source.row_key, occasion.rows)
    streams = (
        chain.from_iterable(verdicts(source, source.rows().filter(condition, in_scope), occasion))
        for condition in source.branches(occasion.subject)
    )
    for _key, same in groupby(heapq.merge(*streams, key=lambda row: row.key), key=lambda row: row.key):
        yield next(same)


def erase(source: "ModelSource", occasion: Occasion, cursor: Cursor, limit: int) -> Chunk:
    """Erase, rewrite or keep at most ``limit`` rows, held from their reading to the end of the transaction."""
    work = _Erasure(source, occasion)
    with transaction.atomic(using=source.alias):
        reached = Sweep(source, occasion).chunk(cursor, limit, work.act)
    return Chunk(cursor=reached, erased=work.erased, rewritten=work.rewritten, files=tuple(work.files))


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
            row = alone(self.source, alike.numbers, self.occasion)
            if row is None:
                look += alike.keys()
            else:
                self._settle(row, alike)
                kept += alike.count if row.held else 0
        return kept + self._look(look)

    def _settle(self, row: Verdict, alike: Alike) -> None:
        """Treat as many rows as one."""
        self._must_be_decided([row])
        found = self.source.rows().filter(alike.condition)
        if not row.stays:
            self.erased += found._raw_delete(self.source.alias)
        elif row.blank:
            self.rewritten += found.update(**{name: self._written(name) for name in row.blank})

    def _look(self, keys: Sequence[Key]) -> int:
        kept = 0
        for condition in self.source.row_key.within(keys) if keys else ():
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
