"""Short texts at rest that only the service reads again, each under the service key of its purpose."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dsr import keys

NONCE_BYTES = 12  # what AES-GCM wants (NIST SP 800-38D)


class UnsealedError(Exception):
    """A sealed text was altered, is another row's, or was sealed under another service key."""


def seal(plain: bytes, *, purpose: str, about: str) -> bytes:
    """Encrypt (AES-256-GCM), tied to the row it is ``about``: a nonce, then the ciphertext."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(keys.service_key(purpose)).encrypt(nonce, plain, about.encode())


def unseal(sealed: bytes | memoryview, *, purpose: str, about: str) -> bytes:
    """The text again; raises UnsealedError."""
    nonce, ciphertext = bytes(sealed[:NONCE_BYTES]), bytes(sealed[NONCE_BYTES:])
    try:
        return AESGCM(keys.service_key(purpose)).decrypt(nonce, ciphertext, about.encode())
    except (InvalidTag, ValueError) as error:
        raise UnsealedError from error
