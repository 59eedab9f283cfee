"""Checkpoints: what the log's size and root are, signed, and published where the database's owner has no hand.

The storage ``checkpoints`` (a directory or a bucket) is what counts; the table only serves the latest quickly. Nothing
is signed that does not continue the last one published: a log that was cut, rewritten or restored stays unsigned.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import transaction

from dsr import durable
from dsr.audit import merkle, note, restarts, tree
from dsr.audit.signing import signer, verifiers
from dsr.models.tree import Checkpoint, Head

DAILY: Final = timedelta(days=1)
SIGNED: Final = "\n\n— "  # where a note's signatures begin
_FOLDER_BITS: Final = 20
_STAMP: Final = "%Y%m%dT%H%M%SZ"


class Inconsistent(Exception):  # noqa: N818
    """The log does not continue the last checkpoint published; the sentence says how. Nothing was signed."""


@dataclass(frozen=True, slots=True)
class Published:
    """One signed note and where it was found."""

    name: str
    text: str


def opened(text: str) -> note.Checkpoint:
    """What a signed note states; raises NoteError unless it is signed by us and about this log."""
    stated = note.Checkpoint.parse(note.opened(text, verifiers()))
    if stated.origin != settings.DSR_LOG_ORIGIN:
        raise note.NoteError("it is about another log")
    return stated


@transaction.atomic
def publish(*, at: datetime) -> Checkpoint | None:
    """Sign and publish the tree as it stands, if it grew since the last time or a day has passed; None otherwise.

    Raises Inconsistent rather than sign a log that does not continue the last one published. The head stays locked
    meanwhile, so that two publish one after the other.
    """
    Head.objects.get_or_create(pk=1)
    size = Head.objects.select_for_update(no_key=True).get(pk=1).size
    last, row = newest(), Checkpoint.objects.first()
    if last is None and row:
        raise Inconsistent("checkpoints were published, and their storage holds none")
    if not size and last is None:
        return None
    stated = _last_stated(last)
    if last and row and stated and stated.size == size and row.note == last.text and _is_fresh(row, at):
        return None
    root = _checked_root(size, stated)
    text = signer().sign(note.Checkpoint(settings.DSR_LOG_ORIGIN, size, root).text())
    durable.save(_storage(), _name(size, at), text.encode())
    return Checkpoint.objects.create(size=size, note=text, published_at=at)


def newest() -> Published | None:
    """The last one published, as the storage has it."""
    return next(_read(reverse=True), None)


def published() -> Iterator[Published]:
    """Every one published, in the order of their sizes."""
    return _read(reverse=False)


def inconsistency() -> str:
    """Why the log does not continue the last checkpoint published; empty when it does. Raises OSError."""
    try:
        _checked_root(tree.size(), _last_stated(newest()))
    except Inconsistent as error:
        return str(error)
    return ""


@transaction.atomic
def go_on(*, at: datetime) -> int:
    """Have a log that was restored go on, saying so for good; returns how many published checkpoints it leaves behind.

    It goes on from the last one whose entries it still has; those since then are named in a signed note.
    """
    Head.objects.get_or_create(pk=1)
    size = Head.objects.select_for_update(no_key=True).get(pk=1).size
    common, behind = 0, []
    for each in published():
        if _is_continued(each, size):
            common = opened(each.text).size
        else:
            behind.append(each.name)
    if behind:
        restarts.write(size=common, superseded=behind, at=at)
    return len(behind)


def _is_continued(each: Published, size: int) -> bool:
    try:
        stated = opened(each.text)
        return stated.size <= size and (not stated.size or tree.root(stated.size) == stated.root)
    except (note.NoteError, KeyError):
        return False


def _is_fresh(row: Checkpoint, at: datetime) -> bool:
    """Whether it is of less than a day ago; one of tomorrow, by a clock that was wrong, is not."""
    return timedelta() <= at - row.published_at < DAILY


def _last_stated(last: Published | None) -> note.Checkpoint | None:
    """What the last one published states."""
    try:
        return opened(last.text) if last else None
    except note.NoteError as error:
        raise Inconsistent(f"the last checkpoint, {last and last.name}, cannot be read: {error}") from error


def _checked_root(size: int, last: note.Checkpoint | None) -> bytes:
    """The root of the tree, once it is proven to continue the last one published."""
    try:
        root = tree.root(size)
        if last is None or not last.size:
            return root
        if last.size > size:
            raise Inconsistent(f"the log has {size} entries, and {last.size} were published")
        proof = tree.consistency_proof(last.size, size)
    except KeyError as error:
        raise Inconsistent("nodes of the tree are missing") from error
    if not merkle.verify_consistency(last.size, last.root, size, root, proof):
        raise Inconsistent(f"the first {last.size} entries are not those that were published")
    return root


def _storage() -> Storage:
    return storages["checkpoints"]


def _name(size: int, at: datetime) -> str:
    """Sorted by name they are sorted by size, whatever the clock said; a folder holds those of a million entries."""
    return f"{size >> _FOLDER_BITS:06d}/{size:012d}-{at.astimezone(UTC):{_STAMP}}"


def _read(*, reverse: bool) -> Iterator[Published]:
    """Those in the storage; one that a power cut tore while it was written lacks its last line, and was never out."""
    storage, superseded = _storage(), restarts.superseded()
    try:
        folders = sorted(filter(str.isdecimal, storage.listdir("")[0]), reverse=reverse)
    except FileNotFoundError:
        return
    for folder in folders:
        for name in sorted(storage.listdir(folder)[1], reverse=reverse):
            if f"{folder}/{name}" in superseded:
                continue
            with storage.open(f"{folder}/{name}", "rb") as file:
                text = file.read().decode(errors="replace")
            if SIGNED in text and text.endswith("\n"):
                yield Published(f"{folder}/{name}", text)
