"""Files that a power cut does not take: saved once under their own name, on the disk before anybody counts on them."""

import os
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import Storage


class NameTaken(Exception):  # noqa: N818
    """A file of that name exists, and is never overwritten."""


def save(storage: Storage, name: str, content: bytes) -> None:
    """Save a new file, and force it and its folders to the disk; a bucket answers once it keeps it.

    Raises NameTaken, or OSError when the storage does not answer.
    """
    saved = storage.save(name, ContentFile(content))
    if saved != name:
        storage.delete(saved)
        raise NameTaken(name)
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
