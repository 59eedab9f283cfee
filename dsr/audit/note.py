"""Signed notes and checkpoints of the log, by C2SP's signed-note and tlog-checkpoint, with Ed25519 alone.

A note is a text that ends with a newline, an empty line, and a line for each signature: an em dash, the name of the
key, and in base64 the key's id and the signature. See https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_SIGNATURES = 100
MAX_BYTES = 1_000_000

ED25519 = b"\x01"
KEY_BYTES = 32
KEY_ID_BYTES = 4
ROOT_BYTES = 32
SIZE_LIMIT = 2**64

BAD_NAME = re.compile(r"[\s+\x00-\x1f]")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
SIZE = re.compile(r"0|[1-9][0-9]{0,19}")


class NoteError(ValueError):
    """A note, a key or a checkpoint is not what its specification allows, or a signature is not its key's."""


def verifier_text(name: str, public_key: bytes) -> str:
    """How a key is given to those who verify: its name, its id in hexadecimal, its type and 32 bytes in base64.

    A name that is empty or holds a space, a plus or a control character, or a key of another length, raises NoteError.
    """
    return Verifier(name, public_key).text


@dataclass(frozen=True)
class Verifier:
    """A public key that is trusted, under the name it signs with; raises NoteError as `verifier_text` does."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check(self.name)
        if not self.name or BAD_NAME.search(self.name):
            raise NoteError("The name of a key is not empty and holds no space, plus or control character.")
        if len(self.public_key) != KEY_BYTES:
            raise NoteError("An Ed25519 key has 32 bytes.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `verifier_text` wrote; NoteError for any other text, even another spelling of the same key."""
        name, _, encoded = text.partition("+")
        key = _decoded(encoded.partition("+")[2])
        if key[:1] != ED25519:
            raise NoteError("The key is not an Ed25519 key.")
        verifier = cls(name, key[1:])
        if verifier.text != text:
            raise NoteError("The id of the key is not that of its name and bytes.")
        return verifier

    @property
    def key_id(self) -> bytes:
        """Four bytes that with the name tell which key signed; they are no proof of anything."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """See `verifier_text`."""
        return f"{self.name}+{self.key_id.hex()}+{_encoded(ED25519 + self.public_key)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key made the 64 bytes of `signature` over the text in UTF-8; false for any other length."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key, from its 32-byte Ed25519 seed (RFC 8032); NoteError for another length or a bad name."""

    def __init__(self, name: str, seed: bytes) -> None:
        if len(seed) != KEY_BYTES:
            raise NoteError("An Ed25519 seed has 32 bytes.")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The whole note: `text`, which ends with a newline, and this key's one signature; NoteError for a bad text."""
        if not text.endswith("\n"):
            raise NoteError("The text of a note ends with a newline.")
        _check(text)
        signature = _encoded(self.verifier.key_id + self._key.sign(text.encode()))
        note = f"{text}\n— {self.verifier.name} {signature}\n"
        _check(note)
        return note


def opened(note: str, verifiers: Iterable[Verifier]) -> str:
    """The text of the note, when one of `verifiers` signed it and none of them is belied by a signature.

    What other keys signed is ignored. NoteError when the note is malformed, longer than MAX_BYTES, signed more than
    MAX_SIGNATURES times, wrongly signed by a known key, or by none; or when two known keys share a name and an id.
    """
    known = _by_name_and_id(verifiers)
    text, signatures = _parted(note)
    checked = [
        known[name, signed[:KEY_ID_BYTES]].verifies(text, signed[KEY_ID_BYTES:])
        for name, signed in signatures
        if (name, signed[:KEY_ID_BYTES]) in known
    ]
    if not checked:
        raise NoteError("No known key signed the note.")
    if not all(checked):
        raise NoteError("The signature of a known key is wrong.")
    return text


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: whose it is, its count of leaves (under 2**64), its 32-byte root; NoteError for others."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        _check(self.origin)
        if not self.origin or "\n" in self.origin:
            raise NoteError("The origin of a checkpoint is one line that is not empty.")
        if not 0 <= self.size < SIZE_LIMIT:
            raise NoteError("The size of a checkpoint is a count of leaves under 2**64.")
        if len(self.root) != ROOT_BYTES:
            raise NoteError("The root of a checkpoint has 32 bytes.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint in the text of a note; lines that extend it are dropped, and none of them may be empty."""
        _check(text)
        *lines, end = text.split("\n")
        if len(lines) < 3 or end or not all(lines):  # noqa: PLR2004
            raise NoteError("A checkpoint has at least three lines, none of them empty.")
        origin, size, root = lines[:3]
        if not SIZE.fullmatch(size):
            raise NoteError("The size of a checkpoint is a decimal number without leading zeros.")
        return cls(origin, int(size), _decoded(root))

    def text(self) -> str:
        """What is signed: origin, size in decimal and root in base64, each on its line."""
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n"


def _by_name_and_id(verifiers: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise NoteError("Two known keys share their name and their id.")
    return known


def _parted(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text before the last empty line, and after it each signature: a name, and an id with the signed bytes."""
    _check(note)
    body, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise NoteError("A note is a text, an empty line and lines of signatures.")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"A note has at most {MAX_SIGNATURES} signatures.")
    return f"{body}\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signed = _decoded(encoded)
    if dash != "—" or not name or BAD_NAME.search(name) or len(signed) <= KEY_ID_BYTES:
        raise NoteError("A signature is an em dash, a name, and in base64 an id and a signature.")
    return name, signed


def _check(text: str) -> None:
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        raise NoteError("A note is UTF-8, which has no surrogates.") from None
    if length > MAX_BYTES or CONTROL.search(text):
        raise NoteError(f"A note has at most {MAX_BYTES} bytes and no control character but the newline.")


def _encoded(raw: bytes) -> str:
    return b64encode(raw).decode()


def _decoded(text: str) -> bytes:
    """Base64 of RFC 4648 section 4, in the one spelling an encoder makes: no other bytes decode to the same."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if not raw or _encoded(raw) != text:
        raise NoteError("That is not base64.")
    return raw
