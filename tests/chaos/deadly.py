"""The newspaper's comments, on which whoever reads or writes them dies once: workers that are killed in the middle."""

import os
import signal
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings

from dsr.readers import sources
from dsr.sources import searching
from dsr.sources.base import Chunk

READ = 20  # rows before it dies


def sentence(step: str) -> Path:
    """As long as this file is there, the next process to carry out that step is killed."""
    return settings.DSR_DATA_DIR / f"dies-at-{step}"


def die(step: str) -> None:
    """SIGKILL to the worker and to all that it started."""
    if sentence(step).exists():
        sentence(step).unlink()
        os.killpg(os.getpgid(0), signal.SIGKILL)


class Comments(sources.Comments):
    """Comments, and the three places to die."""

    def free_texts(self, *asked: Any, **more: Any) -> Iterator[Any]:
        """In the middle of the texts."""
        for number, text in enumerate(super().free_texts(*asked, **more)):
            if number == READ:
                die("screen")
            yield text

    def rectify(self, *asked: Any, **more: Any) -> Chunk:
        """After some values were written, before that is committed."""
        chunk = super().rectify(*asked, **more)
        if more["cursor"]:
            die("rectify")
        return chunk

    @cached_property
    def table(self) -> searching.Table:
        """Read in short pages."""
        codes = super().table.codes
        return Pages(self.model, self.alias, self.row_key, codes=sorted(codes))


class Pages(searching.Table):
    """A table whose second page is read to the end by nobody."""

    def search(self, *asked: Any, **more: Any) -> searching.Page:
        """In the middle of the search, with mentions already written."""
        if more["after"]:
            die("verify")
        return super().search(*asked, **{**more, "size": READ})
