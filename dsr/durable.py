"""Files that a power cut does not take: saved once under their own name, on the disk before anybody counts on them."""

import errno
import os
from pathlib import Path
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class NameTaken(Exception):  # noqa: N818
    """A file of that name exists, and is never overwritten."""


def save(storage: Storage, name: str, content: bytes) -> None:
    """Save a new file, and force it and its folders to the disk; a bucket answers once it keeps it.

    Raises NameTaken, or OSError when the storage does not answer or is full: then no half of it stays.
    """
    if storage.exists(name):
        raise NameTaken(name)
    try:
        saved = storage.save(name, ContentFile(content))
    except OSError:
        _remove_half(storage, name, content)
        raise
    if saved != name:
        storage.delete(saved)
        raise NameTaken(name)
    _force(storage, saved)


def is_full(error: BaseException) -> bool:
    """Whether there is no room left, of the disk or of whoever writes to it."""
    return isinstance(error, OSError) and error.errno in FULL


def _remove_half(storage: Storage, name: str, content: bytes) -> None:
    """What was written before the room ended; a whole file of that name is another process's."""
    if not storage.exists(name):
        return
    with storage.open(name, "rb") as file:
        whole = file.read() == content
    if not whole:
        storage.delete(name)


def _force(storage: Storage, saved: str) -> None:
    try:
        path = Path(storage.path(saved))
    except NotImplementedError:
        return
    for each in (path, path.parent, path.parent.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
