"""A storage on a disk that is nearly full: so many bytes of each file go in, and then there is no room."""

import errno
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage


class FullDisk(FileSystemStorage):
    """``room`` are the bytes of a file that it still takes; as of a real disk, what went in stays where it is."""

    def __init__(self, *, room: int, **more: Any) -> None:
        super().__init__(**more)
        self.room = room

    def _save(self, name: str, content: File) -> str:
        body = content.read()
        saved: str = super()._save(name, ContentFile(body[: self.room]))
        if len(body) > self.room:
            raise no_room()
        return saved

    def _open(self, name: str, mode: str = "rb") -> File:
        file = super()._open(name, mode)
        return Narrow(file.file, self.room) if "w" in mode else file


class Narrow(File):
    """A file that is written to until there is no room."""

    def __init__(self, file: Any, room: int) -> None:
        super().__init__(file)
        self.room = room

    def write(self, piece: bytes) -> int:
        """Write what goes in."""
        self.file.write(piece[: self.room])
        if len(piece) > self.room:
            raise no_room()
        self.room -= len(piece)
        return len(piece)


def no_room() -> OSError:
    """What the operating system says."""
    return OSError(errno.ENOSPC, "No space left on device")


def fill(settings: Any, name: str, *, room: int) -> None:
    """Have the storage of that name on such a disk from now on, in the folder where it lies."""
    options = {**settings.STORAGES[name]["OPTIONS"], "room": room}
    settings.STORAGES = {**settings.STORAGES, name: {"BACKEND": "tests.full_disk.FullDisk", "OPTIONS": options}}
