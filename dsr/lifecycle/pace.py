"""How many rows one transaction takes: about as many as are through in a quarter of a second, for others wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from django.conf import settings

FIRST: Final = 2000  # rows, before anything is known of their table
LONG_ENOUGH: Final = 0.25  # seconds; a busy machine may well take three times as long for the next one


class Pace:
    """Few rows at first, then up to twice as many after each quick transaction; half as many after a slow one.

    Never more than ``DSR_CHUNK_ROWS``.
    """

    def __init__(self) -> None:
        self.rows = min(FIRST, settings.DSR_CHUNK_ROWS)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Measure one transaction, from its beginning to its commit; one that fails says nothing."""
        began = perf_counter()
        yield
        self._settle(perf_counter() - began)

    def _settle(self, seconds: float) -> None:
        fitting = int(self.rows * LONG_ENOUGH / seconds) if seconds else 2 * self.rows
        self.rows = max(1, min(max(fitting, self.rows // 2), 2 * self.rows, settings.DSR_CHUNK_ROWS))
