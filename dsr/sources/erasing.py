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

from dsr.sources.base import Chunk, Cursor, KeptRows, Preview, StoredFile
from dsr.sources.classification import Occasion, Until, Verdict, column_of, target_of
from dsr.sources.fields import NOW
from dsr.sources.selection import in_rows
from dsr.sources.verdicts import verdicts
from dsr.sources.walking import walk

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

PASSES = 2  # the second one, from the start, finds what came behind the cursor


def plan(source: "ModelSource", occasion: Occasion) -> Preview:
    """Count what a run would do on that day, reading by keyset and writing nothing."""
    erased = rewritten = files = 0
    kept: Counter[Until] = Counter()
    digest = sha256()
    for row in _foreseen(source, occasion):
        erased += not row.stays
        rewritten += bool(row.blank)
        files += len(row.files)
        kept.update(row.kept)
        grounds = ",".join(sorted({ground for ground, _until in row.kept}))
        digest.update(f"{source.row_key.text(row.key)}\t{row.disposition}\t{grounds}\n".encode())
    return Preview(
        erased=erased,
        rewritten=rewritten,
        files=files,
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
    """Erase, rewrite or keep at most ``limit`` rows; every write asks again that the row is the reader's."""
    work = _Erasure(source, occasion)
    in_scope = in_rows(source.row_key, occasion.rows)
    tasks = [source.rows().filter(condition, in_scope) for condition in source.branches(occasion.subject)] * PASSES
    with transaction.atomic(using=source.alias):
        reached = walk(source.row_key, tasks, cursor, limit, work.act)
    return Chunk(cursor=reached, erased=work.erased, rewritten=work.rewritten, files=tuple(work.files))


class _Erasure:
    """One chunk: what it wrote, and the files it let go of."""

    def __init__(self, source: "ModelSource", occasion: Occasion) -> None:
        self.source = source
        self.occasion = occasion
        self.own = source.own(occasion.subject) or Q(pk__in=[])
        self.erased = self.rewritten = 0
        self.files: list[StoredFile] = []

    def act(self, _task: int, keys: Sequence[tuple[Any, ...]]) -> None:
        """Do what the verdicts on those rows say."""
        for condition in self.source.row_key.within(keys):
            for page in verdicts(self.source, self.source.rows().filter(self.own, condition), self.occasion):
                self._remove([row for row in page if not row.stays])
                self._blank([row for row in page if row.blank])

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
