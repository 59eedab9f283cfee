"""Reading an encrypted object from anywhere in it: the chunks of age's payload, decrypted where they are wanted.

``vault`` seals, and reads from start to end. A download that goes on where it broke off, and one page out of thousands,
want a place in the middle: age encrypts in chunks of 64 KiB, each authentic by itself, in its place and as the last one
(C2SP age, "Payload"). Nothing of it is written to a disk.
"""

import base64
import binascii
import hmac
import io
from collections.abc import Iterator
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dsr.models.package import SealedObject
from dsr.packages import vault

CHUNK_BYTES = 64 * 1024  # of plaintext
TAG_BYTES = 16
SALT_BYTES = 16
HEADER_BYTES = 16 * 1024  # more than any header of ours
PIECE_BYTES = 4 * CHUNK_BYTES
NO_NONCE = bytes(12)
LABEL = b"age-encryption.org/v1/X25519"
ALPHABET = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"  # Bech32 (BIP 173)
KEY_PREFIX = "AGE-SECRET-KEY-1"
CHECKSUM = 6  # characters


class NoMember(LookupError):  # noqa: N818
    """The archive holds no file of that name."""


class Plaintext(io.RawIOBase):
    """The plaintext of one object as a file that can be read from anywhere; every byte it gives is authentic.

    Raises ``vault.DestroyedError``, and ``vault.DamagedError`` when it is opened or as soon as a chunk is not what was
    sealed.
    """

    def __init__(self, sealed_object: SealedObject) -> None:
        super().__init__()
        self.size = sealed_object.size
        self._position = 0
        self._chunk: tuple[int, bytes] = (-1, b"")
        key = _private_key(str(vault.unwrap(sealed_object)))
        try:
            self._file: IO[bytes] = vault.stored(sealed_object)
            self._start, self._cipher = _open_header(self._file, key)
            whole = self._file.seek(0, io.SEEK_END)
        except (OSError, ValueError, InvalidTag, binascii.Error) as error:
            raise vault.damaged() from error
        self._last = max(0, self.size - 1) // CHUNK_BYTES
        if whole != self._start + self.size + (self._last + 1) * TAG_BYTES:
            raise vault.damaged()

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """From anywhere."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place; beyond the end there is nothing to read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("before the start")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """At most the rest of one chunk."""
        number, offset = divmod(self._position, CHUNK_BYTES)
        piece = self._decrypted(number)[offset : offset + len(buffer)] if self._position < self.size else b""
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``end``, that one left out, a few chunks at a time."""
        for at in range(start, end, PIECE_BYTES):
            self.seek(at)
            yield b"".join(self._between(min(at + PIECE_BYTES, end)))

    def close(self) -> None:
        """Let go of the object."""
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()

    def _between(self, end: int) -> Iterator[bytes]:
        while self._position < end:
            yield self.read(min(CHUNK_BYTES, end - self._position))

    def _decrypted(self, number: int) -> bytes:
        """One chunk; the last one decrypted is kept, for archives are read in small bits."""
        if self._chunk[0] != number:
            nonce = number.to_bytes(11) + bytes([number == self._last])
            try:
                self._file.seek(self._start + number * (CHUNK_BYTES + TAG_BYTES))
                ciphertext = self._file.read(min(CHUNK_BYTES, self.size - number * CHUNK_BYTES) + TAG_BYTES)
                self._chunk = (number, self._cipher.decrypt(nonce, ciphertext, None))
            except (OSError, InvalidTag) as error:
                raise vault.damaged() from error
        return self._chunk[1]


class Members:
    """The files of a package, found by the names its own directory gives them; no name ever touches a disk."""

    def __init__(self, plaintext: Plaintext) -> None:
        try:
            self._archive = ZipFile(io.BufferedReader(plaintext, CHUNK_BYTES))
        except BadZipFile as error:
            raise vault.damaged() from error

    def find(self, name: str) -> ZipInfo:
        """The file of exactly that name; raises NoMember."""
        try:
            return self._archive.getinfo(name)
        except KeyError:
            raise NoMember from None

    def content(self, member: ZipInfo) -> Iterator[bytes]:
        """Its bytes; its checksum is compared at the end."""
        with self._archive.open(member) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


def _private_key(written: str) -> X25519PrivateKey:
    """The key in an age identity; its checksum need not be looked at: the wrapping has vouched for it."""
    number = 0
    digits = written.removeprefix(KEY_PREFIX)[:-CHECKSUM]
    for digit in digits:
        number = number << 5 | ALPHABET.index(digit)
    padding = len(digits) * 5 % 8
    return X25519PrivateKey.from_private_bytes((number >> padding).to_bytes(32))


def _open_header(file: IO[bytes], key: X25519PrivateKey) -> tuple[int, ChaCha20Poly1305]:
    """Where the payload starts, and what decrypts it; ValueError or InvalidTag when the header is not ours."""
    head = file.read(HEADER_BYTES)
    text, mark, rest = head.partition(b"\n---")
    mac, newline, _payload = rest.partition(b"\n")
    if not text.startswith(b"age-encryption.org/v1\n") or not newline:
        raise ValueError("not an age header")
    file_key = _file_key(text, key)
    expected = hmac.digest(_derived(file_key, salt=b"", info=b"header"), text + mark, "sha256")
    if not hmac.compare_digest(_decoded(mac.strip()), expected):
        raise ValueError("a header that was altered")
    start = len(text) + len(mark) + len(mac) + len(newline)
    salt = head[start : start + SALT_BYTES]
    return start + SALT_BYTES, ChaCha20Poly1305(_derived(file_key, salt=salt, info=b"payload"))


def _file_key(text: bytes, key: X25519PrivateKey) -> bytes:
    """The key of this file, from the stanza that our own key opens; others are somebody else's, or grease."""
    public = key.public_key().public_bytes_raw()
    for stanza in text.split(b"\n-> ")[1:]:
        arguments, _newline, body = stanza.partition(b"\n")
        kind, _space, share = arguments.partition(b" ")
        if kind == b"X25519":
            theirs = _decoded(share)
            secret = key.exchange(X25519PublicKey.from_public_bytes(theirs))
            wrapping = ChaCha20Poly1305(_derived(secret, salt=theirs + public, info=LABEL))
            return wrapping.decrypt(NO_NONCE, _decoded(body.replace(b"\n", b"")), None)
    raise ValueError("no stanza for our key")


def _derived(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def _decoded(text: bytes) -> bytes:
    """Base64 as age writes it, without padding."""
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
