"""The service's keys: one derived for each purpose; nothing else reads their settings."""

import hmac
import secrets
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32
NONCE_BYTES = 12  # what AES-GCM wants (NIST SP 800-38D)


@lru_cache(maxsize=16)
def _derive(master_hex: str, purpose: str) -> bytes:
    """Derive a key for one purpose (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(
        bytes.fromhex(master_hex)
    )


def service_key(purpose: str) -> bytes:
    """The 32-byte key of one purpose, such as ``codes`` or ``packages``."""
    return _derive(settings.DSR_SERVICE_KEY, purpose)


def keyed(purpose: str, message: bytes) -> bytes:
    """HMAC-SHA256 of a message under the key of one purpose."""
    return hmac.digest(service_key(purpose), message, "sha256")


def seal(purpose: str, plain: bytes, *, tied_to: str) -> bytes:
    """Something short under the key of one purpose, for a column: a nonce, then AES-256-GCM, tied to its place."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(service_key(purpose)).encrypt(nonce, plain, tied_to.encode())


def unseal(purpose: str, sealed: bytes | memoryview, *, tied_to: str) -> bytes:
    """It again; raises InvalidTag when the key or the place is another, ValueError for what is too short."""
    nonce, ciphertext = bytes(sealed[:NONCE_BYTES]), bytes(sealed[NONCE_BYTES:])
    return AESGCM(service_key(purpose)).decrypt(nonce, ciphertext, tied_to.encode())


def normalised_address(address: str) -> str:
    """An e-mail address as it is compared: trimmed and without case, for all of it."""
    return address.strip().casefold()


def person_token(address: str) -> str:
    """A keyed token that says two requests come from the same proven mailbox, and nothing else."""
    return keyed("person", normalised_address(address).encode()).hex()


def normalised_telephone(number: str) -> str:
    """A telephone number as it is compared: its digits behind the country's (E.164); a national one is French."""
    digits = "".join(sign for sign in number if sign.isdecimal())
    if number.strip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+33{digits[1:]}" if digits.startswith("0") else f"+{digits}"


def suppression_token(address: str) -> str:
    """The keyed token under which an objection to messages is remembered (GDPR Art. 21(3)).

    ``address`` is an e-mail address, or a telephone number, which has no letter.
    """
    is_number = not any(sign.isalpha() for sign in address)
    compared = normalised_telephone(address) if is_number else normalised_address(address)
    key = _derive(settings.DSR_SUPPRESSION_KEY, "suppression")
    return hmac.digest(key, compared.encode(), "sha256").hex()


def log_seed() -> bytes:
    """The 32-byte seed of the Ed25519 key that signs the log's checkpoints (RFC 8032)."""
    return bytes.fromhex(settings.DSR_LOG_KEY)


def digest(secret: str) -> str:
    """SHA-256 of a secret of full entropy, as it is stored."""
    return sha256(secret.encode()).hexdigest()
