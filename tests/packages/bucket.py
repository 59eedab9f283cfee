"""A storage with the manners of ``django-storages``' S3: no paths, no descriptors, an object only once it is closed."""

import io
from datetime import UTC, datetime
from typing import IO, Any, ClassVar

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage


class Bucket(Storage):
    """Objects by name in memory; an object that is written replaces the one before, and a lost one is no file."""

    objects: ClassVar[dict[str, tuple[bytes, datetime]]] = {}

    def _open(self, name: str, mode: str = "rb") -> File:
        if "w" in mode:
            return _Upload(self, name)
        if name not in self.objects:
            raise FileNotFoundError(name)
        return ContentFile(self.objects[name][0], name=name)

    def _save(self, name: str, content: Any) -> str:
        self.put(name, b"".join(content.chunks()))
        return name

    def put(self, name: str, content: bytes) -> None:
        """One request, as ``PutObject``."""
        self.objects[name] = (content, datetime.now(UTC))

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name, though it is taken: ``file_overwrite``."""
        return name

    def delete(self, name: str) -> None:
        """No error for what is not there."""
        self.objects.pop(name, None)

    def exists(self, name: str) -> bool:
        """A folder is no object."""
        return name in self.objects

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Everything lies side by side."""
        return [], sorted(self.objects)

    def get_modified_time(self, name: str) -> datetime:
        """When it was put."""
        return self.objects[name][1]

    def size(self, name: str) -> int:
        """In bytes."""
        return len(self.objects[name][0])


class _Upload(File):
    """What is written waits for ``close``; it has no descriptor to force to a disk."""

    def __init__(self, bucket: Bucket, name: str) -> None:
        super().__init__(io.BytesIO(), name)
        self._bucket = bucket

    def fileno(self) -> int:
        raise AssertionError("this would write a temporary file")

    def close(self) -> None:
        waiting: IO[bytes] | None = self.file
        if waiting is not None and not waiting.closed and self.name:
            self._bucket.put(self.name, waiting.getvalue())  # type: ignore[attr-defined]
            waiting.close()
