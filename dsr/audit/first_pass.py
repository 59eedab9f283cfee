"""The quick pass over the log: a thousand entries at a time compared with what they must be, and the tree hashed anew.

It only sorts out: what does not compare is left to the second look.
"""

import hashlib
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from dsr.audit import batches, merkle, tree
from dsr.audit.batches import BATCH, LEVEL, Batch
from dsr.models.tree import HEIGHT

CHAINS_AT_ONCE: Final = 20_000  # ends of chains held in memory; a batch that asks for one let go is looked at again
Progress = Callable[[int], object]

_WIDTH: Final = merkle.HASH_BYTES


class FirstPass:
    """What was seen of the leaves from ``start``, a multiple of BATCH, up to ``size``.

    ``doubtful`` holds the stretches to look at again; ``roots`` the root of each size in ``sizes``, as far as the
    leaves are all there; ``levels`` a digest of the nodes of each level that is kept, laid end to end.
    """

    def __init__(self, start: int, size: int, sizes: Sequence[int]) -> None:
        self.start, self.size = start, size
        self.doubtful: list[tuple[int, int]] = []
        self.roots: dict[int, bytes] = {}
        self.levels = {level: hashlib.sha256() for level in range(HEIGHT, size.bit_length() + 1, HEIGHT)}
        self._sizes = sorted({each for each in sizes if start <= each <= size}, reverse=True)
        self._ends: dict[str, str] = {}
        self._known = tree.nodes(merkle.peaks(start))
        self._frontier: merkle.Frontier | None = self._begun()

    def run(self, progress: Progress) -> None:
        """Read it all; ``progress`` hears how many leaves more were read."""
        self._note_roots(self.start, [])
        due = self.start
        for batch in batches.batches(self.start, self.size):
            self._lacks(due, batch.start)
            due = min(batch.start + BATCH, self.size)
            self._take(batch, due)
            progress(due - batch.start)
        self._lacks(due, self.size)

    def _begun(self) -> merkle.Frontier | None:
        """The right edge at the start, counted in batches."""
        peaks = merkle.peaks(self.start)
        if any(peak not in self._known for peak in peaks):
            return None
        return merkle.Frontier(self.start >> LEVEL, [self._known[peak] for peak in peaks])

    def _lacks(self, start: int, end: int) -> None:
        """A stretch in which leaves are missing."""
        if start < end:
            self._doubt(start, end)
            self._frontier = None

    def _doubt(self, start: int, end: int) -> None:
        if self.doubtful and self.doubtful[-1][1] == start:
            start = self.doubtful.pop()[0]
        self.doubtful.append((start, end))

    def _take(self, batch: Batch, end: int) -> None:
        if not batch.hashes:
            self._lacks(batch.start, end)
            return
        if not batch.texts or not self._compares(batch):
            self._doubt(batch.start, end)
        self._grow(batch)

    def _compares(self, batch: Batch) -> bool:
        """Whether each text hashes to its leaf, and is what its columns and the end of its chain make of it."""
        hashed = merkle.leaf_row(map(str.encode, batch.texts)) == batch.hashes
        begin = [
            f'{{"actor":"{actor}","at":"{at}Z","event":"{event}","facts":{{'
            for actor, at, event in zip(batch.actors, batch.instants, batch.events, strict=True)
        ]
        end = [
            f',"n":{n},"previous":"{previous}","subject":"{subject}"}}'
            for n, previous, subject in zip(batch.numbers, self._previous(batch), batch.subjects, strict=True)
        ]
        return hashed and all(map(str.startswith, batch.texts, begin)) and all(map(str.endswith, batch.texts, end))

    def _previous(self, batch: Batch) -> list[str]:
        """The leaf hash of the entry before each in its chain, in hexadecimal; empty for one whose chain begins."""
        ends, found = self._ends, []
        for subject, link in zip(batch.subjects, batch.hashes.hex(" ", _WIDTH).split(), strict=True):
            found.append(ends.pop(subject, ""))
            ends[subject] = link
        if len(ends) > CHAINS_AT_ONCE:  # the last in the dictionary are those that went on last
            self._ends = dict(islice(ends.items(), CHAINS_AT_ONCE // 2, None))
        return found

    def _grow(self, batch: Batch) -> None:
        """Hash the nodes over a batch, and note the roots of the sizes that end in it."""
        if self._frontier is None:
            return
        rows = [batch.hashes]
        while len(rows[-1]) >= 2 * _WIDTH:
            rows.append(merkle.parents(rows[-1]))
        self._note_roots(batch.start, rows)
        for level in range(HEIGHT, min(len(rows), LEVEL), HEIGHT):
            self.levels[level].update(rows[level])
        if len(rows) > LEVEL:
            for (level, _index), value in self._frontier.append(rows[LEVEL]):
                if (level + LEVEL) % HEIGHT == 0:
                    self.levels[level + LEVEL].update(value)

    def _note_roots(self, start: int, rows: list[bytes]) -> None:
        """The roots of the sizes wanted up to the end of these rows, each level of them laid end to end."""
        end = start + (len(rows[0]) // _WIDTH if rows else 0)
        while self._frontier and self._sizes and self._sizes[-1] <= end:
            size = self._sizes.pop()
            peaks = [rows[level][index * _WIDTH : (index + 1) * _WIDTH] for level, index in merkle.peaks(size - start)]
            self.roots[size] = merkle.root_of([*self._frontier.hashes, *peaks])
