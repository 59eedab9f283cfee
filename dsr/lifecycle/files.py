"""Stored files whose rows are gone: listed before the work that let go of them is committed, and removed afterwards."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django.core.files.storage import storages
from django.db.models import QuerySet

from dsr.models.step import FileToRemove
from dsr.sources import base, registry

AT_ONCE = 500


def foresee(source: base.Source, work: Callable[[], base.Chunk], **owner: Any) -> base.Chunk:
    """Do work that a remote source commits apart; what it lets go of is listed, in doubt, just before that commit."""
    with source.apart():
        chunk = work()
        FileToRemove.objects.bulk_create(_listed(chunk.files, doubtful=True, **owner))
    return chunk


def enlist(found: Iterable[base.StoredFile], **owner: Any) -> None:
    """List them in the transaction that counts the work; what was in doubt is so no more."""
    names = [file.name for file in found]
    if names:
        FileToRemove.objects.filter(**owner, doubtful=True, name__in=names).delete()
        FileToRemove.objects.bulk_create(_listed(found, **owner))


def remove(listed: QuerySet[FileToRemove]) -> None:
    """Remove those that are not in doubt; a file that is already gone is no error, so a crash costs nothing."""
    for file in listed.filter(doubtful=False):
        _remove(file)


def settle(listed: QuerySet[FileToRemove]) -> None:
    """Remove those in doubt, too, but none that a row names: the work on it was not committed, or the name is new."""
    left = iter(list(listed))
    while some := list(islice(left, AT_ONCE)):
        named = still_named([base.StoredFile(file.name, file.storage) for file in some])
        for file in some:
            if base.StoredFile(file.name, file.storage) not in named:
                _remove(file)


def sweep() -> None:
    """Remove what a process that ended, or a decision that was taken back, has left on the list."""
    settle(FileToRemove.objects.all())


def still_named(found: list[base.StoredFile]) -> set[base.StoredFile]:
    """Those that a row of some source names."""
    return {file for source in registry.sources() for file in source.naming(found)} if found else set()


def _listed(found: Iterable[base.StoredFile], **facts: Any) -> list[FileToRemove]:
    return [FileToRemove(storage=file.storage, name=file.name, **facts) for file in found]


def _remove(file: FileToRemove) -> None:
    storages[file.storage].delete(file.name)
    file.delete()
