"""The quick pass over the log: a thousand entries at a time compared with what they must be, and the tree hashed anew.

It only sorts out: what does not compare is left to the second look.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from dsr.audit import merkle, reading, tree
from dsr.audit.reading import BATCH, LEVEL, Batch, Row
from dsr.models.tree import HEIGHT

CHAINS_AT_ONCE: Final = 200_000  # ends of chains held in memory; a batch that asks for one let go is looked at again
Progress = Callable[[int], object]


class FirstPass:
    """What was seen of the leaves from ``start``, a multiple of BATCH, up to ``size``.

    ``doubtful`` holds the batches to look at again; ``roots`` the root of each size in ``sizes``, as far as the leaves
    are all there; ``levels`` a digest of the nodes of each level that is kept, laid end to end.
    """

    def __init__(self, start: int, size: int, sizes: Sequence[int]) -> None:
        self.start, self.size = start, size
        self.doubtful: list[int] = []
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
        for batch in reading.batches(self.start, self.size):
            self._lacks(due, batch.start)
            due = min(batch.start + BATCH, self.size)
            self._take(batch, due)
            progress(len(batch.rows))
        self._lacks(due, self.size)

    def _begun(self) -> merkle.Frontier | None:
        """The right edge at the start, counted in batches."""
        peaks = merkle.peaks(self.start)
        if any(peak not in self._known for peak in peaks):
            return None
        return merkle.Frontier(self.start >> LEVEL, [self._known[peak] for peak in peaks])

    def _lacks(self, start: int, end: int) -> None:
        """Batches that came without any leaf."""
        if start < end:
            self.doubtful += range(start, end, BATCH)
            self._frontier = None

    def _take(self, batch: Batch, end: int) -> None:
        if not batch.reaches(end):
            self.doubtful.append(batch.start)
            self._frontier = None
            return
        if not self._compares(batch.rows):
            self.doubtful.append(batch.start)
        self._grow(batch)

    def _compares(self, rows: list[Row]) -> bool:
        """Whether each text hashes to its leaf, and is what its columns and the end of its chain make of it."""
        leaf_hash, ends = merkle.leaf_hash, self._ends
        good = [leaf_hash(row[2].encode()) for row in rows] == [row[1] for row in rows]
        for _index, value, text, subject, n, event, at, actor in rows:
            begins = text.startswith(f'{{"actor":"{actor}","at":"{at}","event":"{event}","facts":{{')
            link = f',"n":{n},"previous":"{ends.get(subject, "")}","subject":"{subject}"}}'
            if not (begins and text.endswith(link)):
                good = False
            ends[subject] = value.hex()
        if len(ends) > CHAINS_AT_ONCE:
            ends.clear()
        return good

    def _grow(self, batch: Batch) -> None:
        """Hash the nodes over a batch, and note the roots of the sizes that end in it."""
        if self._frontier is None:
            return
        rows = [b"".join([row[1] for row in batch.rows])]
        while len(rows[-1]) >= 2 * merkle.HASH_BYTES:
            rows.append(merkle.parents(rows[-1]))
        self._note_roots(batch.start, rows)
        for level in range(HEIGHT, min(len(rows), LEVEL), HEIGHT):
            self.levels[level].update(rows[level])
        if len(batch.rows) == BATCH:
            for (level, _index), value in self._frontier.append(rows[LEVEL]):
                if (level + LEVEL) % HEIGHT == 0:
                    self.levels[level + LEVEL].update(value)

    def _note_roots(self, start: int, rows: list[bytes]) -> None:
        """The roots of the sizes wanted up to the end of these rows, each level of them laid end to end."""
        end = start + (len(rows[0]) // merkle.HASH_BYTES if rows else 0)
        while self._frontier and self._sizes and self._sizes[-1] <= end:
            size = self._sizes.pop()
            width = merkle.HASH_BYTES
            peaks = [rows[level][index * width : (index + 1) * width] for level, index in merkle.peaks(size - start)]
            self.roots[size] = merkle.root_of([*self._frontier.hashes, *peaks])
