"""Encryption at rest: each object in the ``packages`` storage has an age key of its own, wrapped by the service key."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import IO, Any

import pyrage
from cryptography.exceptions import InvalidTag
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext_lazy as _

from dsr import keys
from dsr.models.package import SealedObject

CHUNK_BYTES = 64 * 1024


class VaultError(Exception):
    """An encrypted object cannot be used; the sentence is fit for the person who asked for it."""


class DestroyedError(VaultError):
    """The key was destroyed, so the object can never be read again."""


class DamagedError(VaultError):
    """The stored object is missing, truncated or altered, or its key is not the one it was sealed with."""


class NameTakenError(VaultError):
    """An object of that name exists; each attempt seals under a fresh name."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the row of a new encrypted object says of it.

    ``size`` is that of the plaintext in bytes, the digest is SHA-256 of the ciphertext.
    """

    object_name: str
    wrapped_key: bytes
    size: int
    ciphertext_digest: str


def fresh_name() -> str:
    """A random object name that says nothing, one for each attempt at packing."""
    return f"{secrets.token_hex(16)}.age"


def seal(chunks: Iterable[bytes], *, object_name: str) -> Sealed:
    """Encrypt a stream into the storage; when the stream or the storage fails nothing stays, and the failure is raised.

    A killed process can leave an object that no row names: without its key it is noise.
    """
    storage = _storage()
    _reserve(storage, object_name)
    try:
        return _pour_in(storage, object_name, chunks)
    except BaseException:
        storage.delete(object_name)
        raise


def open_stream(sealed_object: SealedObject) -> Iterator[bytes]:
    """Decrypt piece by piece; raises DestroyedError, or DamagedError before the first byte when anything was altered.

    The ciphertext is read twice, so that a damaged object is refused while a door can still answer with an error.
    Should it be altered between the two readings the stream ends with DamagedError, never as if it were whole.
    """
    identity = unwrap(sealed_object)
    check_digest(sealed_object)
    return _pour_out(sealed_object.object_name, identity)


def unwrap(sealed_object: SealedObject) -> Any:
    """The private key of one object; raises DestroyedError, or DamagedError when it was wrapped for another."""
    if sealed_object.wrapped_key is None:
        raise DestroyedError(_("Ce fichier a été détruit : il ne peut plus être ouvert."))
    return _unwrap(bytes(sealed_object.wrapped_key), sealed_object.object_name)


def stored(sealed_object: SealedObject) -> IO[bytes]:
    """The ciphertext as a file that can be read from anywhere; raises OSError."""
    file: IO[bytes] = _storage().open(sealed_object.object_name)
    return file


def discard(sealed: Sealed) -> None:
    """Remove a new object that no row will name."""
    _storage().delete(sealed.object_name)


def destroy(sealed_object: SealedObject, *, at: datetime) -> None:
    """Destroy the key, then the object; a second call finishes what a crash left undone.

    Call it outside a transaction: the loss of the key must be committed before the object goes.
    """
    if sealed_object.wrapped_key is not None:
        sealed_object.wrapped_key = None
        sealed_object.save(update_fields=["wrapped_key"])
    _storage().delete(sealed_object.object_name)
    if sealed_object.destroyed_at is None:
        sealed_object.destroyed_at = at
        sealed_object.save(update_fields=["destroyed_at"])


def _storage() -> Storage:
    """Where encrypted objects are kept."""
    return storages["packages"]


def _reserve(storage: Storage, object_name: str) -> None:
    """Claim a name with an empty object: ``save`` creates folders and never overwrites, ``open`` does neither."""
    reserved = storage.save(object_name, ContentFile(b""))
    if reserved != object_name:
        storage.delete(reserved)
        raise NameTakenError(_("Un fichier chiffré porte déjà ce nom."))


class _Plaintext:
    """A stream as the file that age reads; it keeps what went wrong, for age passes on the words of an error alone."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")
        self.size = 0
        self.failure: BaseException | None = None

    def read(self, length: int) -> bytes:
        """At most ``length`` bytes; none at the end."""
        try:
            while not self._rest:
                self._rest = memoryview(next(self._chunks))
        except StopIteration:
            return b""
        except BaseException as failure:
            self.failure = failure
            raise
        piece, self._rest = bytes(self._rest[:length]), self._rest[length:]
        self.size += len(piece)
        return piece


class _Ciphertext:
    """The file that age writes to: it digests what passes, and keeps what went wrong."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.failure: BaseException | None = None

    def write(self, piece: bytes) -> int:
        """Write all of it."""
        try:
            self._target.write(piece)
        except BaseException as failure:
            self.failure = failure
            raise
        self.digest.update(piece)
        return len(piece)


def _pour_in(storage: Storage, object_name: str, chunks: Iterable[bytes]) -> Sealed:
    """Encrypt in the caller's thread, so that a stream read from the database keeps its connection."""
    identity = pyrage.x25519.Identity.generate()
    plaintext = _Plaintext(chunks)
    with storage.open(object_name, "wb") as target:
        ciphertext = _Ciphertext(target)
        try:
            pyrage.encrypt_io(plaintext, ciphertext, [identity.to_public()])
        except (pyrage.EncryptError, OSError) as error:
            raise plaintext.failure or ciphertext.failure or error from None
        if ciphertext.failure:  # of the last bytes, which age writes as it lets go, and says nothing of
            raise ciphertext.failure
        _sync(storage, object_name, target)
    wrapped_key = _wrap(identity, object_name)
    return Sealed(object_name, wrapped_key, plaintext.size, ciphertext.digest.hexdigest())


def _sync(storage: Storage, object_name: str, target: IO[bytes]) -> None:
    """Force a file to the disk before a row says it exists; a storage that is no disk has its own promise."""
    with contextlib.suppress(NotImplementedError):
        storage.path(object_name)
        target.flush()
        os.fsync(target.fileno())


def _pour_out(object_name: str, identity: Any) -> Iterator[bytes]:
    """Decrypt in a thread into a pipe, whose small buffer bounds the memory and whose closing stops the thread."""
    read_end, write_end = os.pipe()
    whole = Event()
    thread = Thread(target=_decrypt_into, args=(write_end, object_name, identity, whole), daemon=True)
    with os.fdopen(read_end, "rb") as plaintext:
        thread.start()
        while chunk := plaintext.read(CHUNK_BYTES):
            yield chunk
    thread.join()
    if not whole.is_set():
        raise damaged()


def _decrypt_into(write_end: int, object_name: str, identity: Any, whole: Event) -> None:
    """Decrypt one object into a pipe; only an object read to its authentic end is ``whole``.

    A reader who leaves early breaks the pipe, which ends the decryption like a damaged object does.
    """
    with contextlib.suppress(pyrage.DecryptError, OSError):
        with os.fdopen(write_end, "wb", buffering=CHUNK_BYTES) as plaintext, _storage().open(object_name) as ciphertext:
            pyrage.decrypt_io(ciphertext, plaintext, [identity])
        whole.set()


def check_digest(sealed_object: SealedObject) -> None:
    """Raise DamagedError unless the stored ciphertext is the one that was sealed."""
    digest = hashlib.sha256()
    try:
        with _storage().open(sealed_object.object_name) as ciphertext:
            for chunk in ciphertext.chunks(CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise damaged() from error
    if digest.hexdigest() != sealed_object.ciphertext_digest:
        raise damaged()


def damaged() -> DamagedError:
    """The one sentence for whatever is wrong with an object."""
    return DamagedError(_("Ce fichier est abîmé ou introuvable : il ne peut pas être ouvert."))


def _wrap(identity: Any, object_name: str) -> bytes:
    """The private key under the service key, tied to the object's name."""
    return keys.seal("packages", str(identity).encode(), tied_to=object_name)


def _unwrap(wrapped_key: bytes, object_name: str) -> Any:
    """The private key again; DamagedError when the service key or the object's name is another."""
    try:
        private_key = keys.unseal("packages", wrapped_key, tied_to=object_name)
    except (InvalidTag, ValueError) as error:
        raise damaged() from error
    return pyrage.x25519.Identity.from_str(private_key.decode())
