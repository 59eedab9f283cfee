"""What stands in the ledger for an identifier: a keyed token, the same only for the same key."""

import hmac
from typing import Final

from dsr import keys
from dsr.ledger.epochs import EpochKey
from dsr.sources.base import Identifier

ADDRESS: Final = "email"


def token(key: EpochKey, identifier: Identifier) -> str:
    """HMAC-SHA256 of an identifier's kind and value in hexadecimal; addresses without case, as sources find them."""
    value = keys.normalised_address(identifier.value) if identifier.kind == ADDRESS else identifier.value.strip()
    return hmac.digest(key.secret, f"{identifier.kind}\n{value}".encode(), "sha256").hex()
