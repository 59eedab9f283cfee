"""Where the log went on after a restored backup: signed notes that name the checkpoints no log continues any more.

A restored log is shorter than what was published. What was recorded since the backup is lost, and no key may hide it:
the note stays beside the checkpoints, and the log's next entries say so, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.core.files.storage import storages

from dsr import durable
from dsr.audit import note
from dsr.audit.signing import signer, verifiers

FOLDER: Final = "restarts"
_STAMP: Final = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Restart:
    """The log went on from ``size`` entries; ``superseded`` are the names of the checkpoints it does not continue."""

    name: str
    size: int
    superseded: tuple[str, ...]


def found() -> Iterator[Restart]:
    """Every restart that we signed, the oldest first; a note that is not ours supersedes nothing."""
    storage = storages["checkpoints"]
    try:
        names = sorted(storage.listdir(FOLDER)[1])
    except FileNotFoundError:
        return
    for name in names:
        with storage.open(f"{FOLDER}/{name}", "rb") as file:
            text = file.read().decode(errors="replace")
        try:
            origin, size, *superseded = note.opened(text, verifiers()).splitlines()
        except (note.NoteError, ValueError):
            continue
        if origin == _origin():
            yield Restart(name, int(size), tuple(superseded))


def superseded() -> frozenset[str]:
    """The names of the checkpoints that no log continues any more."""
    return frozenset(name for restart in found() for name in restart.superseded)


def write(*, size: int, superseded: list[str], at: datetime) -> None:
    """Say that the log goes on from so many entries; raises OSError when the storage does not answer."""
    text = signer().sign("\n".join([_origin(), str(size), *superseded]) + "\n")
    durable.save(storages["checkpoints"], f"{FOLDER}/{at.astimezone(UTC):{_STAMP}}", text.encode())


def _origin() -> str:
    return f"{settings.DSR_LOG_ORIGIN}/restart"
