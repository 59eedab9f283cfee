"""Checkpoints: what the log's size and root are, signed, and published where the database's owner has no hand.

The storage ``checkpoints`` (a directory or a bucket) is what counts; the table only serves the latest quickly. Nothing
is signed that does not continue the last one published: a log that was cut, rewritten or restored stays unsigned.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from dsr import keys
from dsr.audit import merkle, note, tree
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


def signer() -> note.Signer:
    """Who signs: the log's origin, with the key of the environment."""
    return note.Signer(settings.DSR_LOG_ORIGIN, keys.log_seed())


def verifiers() -> list[note.Verifier]:
    """Whose signature counts: the key of today and those before it."""
    return _verifiers(settings.DSR_LOG_ORIGIN, keys.log_seed(), tuple(settings.DSR_LOG_PAST_KEYS))


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
    _save(_name(size, at), text)
    return Checkpoint.objects.create(size=size, note=text, published_at=at)


def newest() -> Published | None:
    """The last one published, as the storage has it."""
    return next(_read(reverse=True), None)


def published() -> Iterator[Published]:
    """Every one published, in the order of their sizes."""
    return _read(reverse=False)


def _is_fresh(row: Checkpoint, at: datetime) -> bool:
    """Whether it is of less than a day ago; one of tomorrow, by a clock that was wrong, is not."""
    return timedelta() <= at - row.published_at < DAILY


@lru_cache(maxsize=4)
def _verifiers(origin: str, seed: bytes, past: tuple[str, ...]) -> list[note.Verifier]:
    return [note.Signer(origin, seed).verifier, *(note.Verifier.parse(text) for text in past)]


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


def _save(name: str, text: str) -> None:
    """Publish a note; a file is on the disk before the row that speaks of it."""
    saved = _storage().save(name, ContentFile(text))
    try:
        path = Path(_storage().path(saved))
    except NotImplementedError:  # a bucket, which answers once it keeps it
        return
    for each in (path, path.parent, path.parent.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _storage() -> Storage:
    return storages["checkpoints"]


def _name(size: int, at: datetime) -> str:
    """Sorted by name they are sorted by size, whatever the clock said; a folder holds those of a million entries."""
    return f"{size >> _FOLDER_BITS:06d}/{size:012d}-{at.astimezone(UTC):{_STAMP}}"


def _read(*, reverse: bool) -> Iterator[Published]:
    """Those in the storage; one that a power cut tore while it was written lacks its last line, and was never out."""
    storage = _storage()
    try:
        folders = sorted(filter(str.isdecimal, storage.listdir("")[0]), reverse=reverse)
    except FileNotFoundError:
        return
    for folder in folders:
        for name in sorted(storage.listdir(folder)[1], reverse=reverse):
            with storage.open(f"{folder}/{name}", "rb") as file:
                text = file.read().decode(errors="replace")
            if SIGNED in text and text.endswith("\n"):
                yield Published(f"{folder}/{name}", text)
