"""The ledger's keys: one for each month of erasures, wrapped by the service key, destroyed with the last backup.

They lie in the storage ``ledger`` and not in the database: a restored database must find those drawn since.
"""

import secrets
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.files.storage import Storage, storages

from dsr import deadlines, durable, keys

FOLDER: Final = "keys"
PURPOSE: Final = "ledger"


@dataclass(frozen=True, slots=True)
class EpochKey:
    """One key of a month, by its name such as ``2026-11-1f0c9a2b``: two processes may draw one each."""

    name: str
    secret: bytes

    @property
    def epoch(self) -> str:
        """The month."""
        return self.name[:7]


def shelf() -> Storage:
    """Where the ledger lies: a directory or a bucket out of the database's reach."""
    return storages["ledger"]


def epoch_of(at: datetime) -> str:
    """The month of an instant in Paris, such as ``2026-11``."""
    return f"{deadlines.receipt_day(at):%Y-%m}"


def current(at: datetime) -> EpochKey:
    """The key of this month, drawn if there is none yet; raises OSError when the ledger does not answer."""
    epoch = epoch_of(at)
    return next((each for each in living() if each.epoch == epoch), None) or _draw(epoch)


def living() -> Iterator[EpochKey]:
    """Every key that can still be read; one that a power cut tore while it was drawn was never used."""
    for name in names():
        with shelf().open(f"{FOLDER}/{name}", "rb") as file:
            wrapped = file.read()
        try:
            yield EpochKey(name, keys.unseal(PURPOSE, wrapped, tied_to=name))
        except (InvalidTag, ValueError):
            continue


def names() -> list[str]:
    """The names of the keys, the oldest first."""
    try:
        return sorted(shelf().listdir(FOLDER)[1])
    except FileNotFoundError:
        return []


def is_over(epoch: str, *, on: date) -> bool:
    """Whether the last backup that still holds somebody erased that month has expired."""
    year, month = map(int, epoch.split("-"))
    return date(year, month, monthrange(year, month)[1]) + timedelta(days=settings.DSR_BACKUP_DAYS) < on


def destroy(name: str) -> None:
    """Destroy a key: what it made says nothing any more."""
    shelf().delete(f"{FOLDER}/{name}")


def _draw(epoch: str) -> EpochKey:
    key = EpochKey(f"{epoch}-{secrets.token_hex(4)}", secrets.token_bytes(keys.KEY_BYTES))
    durable.save(shelf(), f"{FOLDER}/{key.name}", keys.seal(PURPOSE, key.secret, tied_to=key.name))
    return key
