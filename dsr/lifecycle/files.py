"""Stored files whose rows are gone: committed with the chunk that let go of them, removed here."""

from collections.abc import Iterable

from django.core.files.storage import storages

from dsr.models.step import FileToRemove


def remove(files: Iterable[FileToRemove]) -> None:
    """Remove them; a file that is already gone is no error, so a crash costs nothing."""
    for file in files:
        storages[file.storage].delete(file.name)
        file.delete()
