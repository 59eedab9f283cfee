"""The records of the ledger: written once, outside the database, sealed so that nobody adds one of their own."""

import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from dsr import durable, keys
from dsr.ledger import epochs
from dsr.ledger.epochs import shelf

FOLDER: Final = "records"
_STAMP: Final = "%Y%m%dT%H%M%S"


class Kind(StrEnum):
    """What a record says."""

    INTENT = "intent"  # the first row of this reader is about to go
    COMPLETION = "completion"  # a second search found nothing left
    OBJECTION = "objection"  # addresses and numbers are not to be written to
    LIFTED = "lifted"  # one may be written to again


class Unreadable(Exception):  # noqa: N818
    """A record is torn, or is not ours; the sentence names its file."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``tokens`` are made with the key named ``key``; ``suppressed`` are tokens of the suppression list.

    ``at`` is the instant from which whoever comes back is somebody new; ``erased`` says why the tokens are suppressed.
    """

    name: str
    kind: Kind
    reference: str
    at: datetime
    key: str = ""
    tokens: tuple[str, ...] = ()
    suppressed: tuple[str, ...] = ()
    erased: bool = False

    @property
    def epoch(self) -> str:
        """The month whose folder holds it."""
        return self.name.partition("/")[0]


def new_name(kind: Kind, *, at: datetime) -> str:
    """A name that nobody else gives; sorted by name, records are in the order of their instants."""
    return f"{epochs.epoch_of(at)}/{at.astimezone(UTC):{_STAMP}}-{secrets.token_hex(8)}.{kind}"


def write(record: Record) -> None:
    """Write a record to the disk; a second call, after a crash in the first, changes nothing. Raises OSError."""
    path = f"{FOLDER}/{record.name}"
    if shelf().exists(path):
        try:
            read(record.name)
        except Unreadable:
            shelf().delete(path)
        else:
            return
    body = json.dumps(asdict(record), default=lambda value: value.isoformat(), sort_keys=True).encode()
    durable.save(shelf(), path, body + b"\n" + _seal(body))


def names() -> Iterator[str]:
    """The name of every record, the oldest first."""
    for epoch in folders():
        yield from (f"{epoch}/{name}" for name in sorted(shelf().listdir(f"{FOLDER}/{epoch}")[1]))


def folders() -> list[str]:
    """The months of which there are records."""
    try:
        return sorted(shelf().listdir(FOLDER)[0])
    except FileNotFoundError:
        return []


def read(name: str) -> Record:
    """One record; raises Unreadable, or OSError when the ledger does not answer."""
    with shelf().open(f"{FOLDER}/{name}", "rb") as file:
        body, _newline, seal = file.read().rpartition(b"\n")
    if not hmac.compare_digest(seal, _seal(body)):
        raise Unreadable(name)
    said = json.loads(body)
    if said["name"] != name:
        raise Unreadable(name)
    return Record(
        name=name,
        kind=Kind(said["kind"]),
        reference=said["reference"],
        at=datetime.fromisoformat(said["at"]),
        key=said["key"],
        tokens=tuple(said["tokens"]),
        suppressed=tuple(said["suppressed"]),
        erased=said["erased"],
    )


def remove(name: str) -> None:
    """Remove a record whose time is over."""
    shelf().delete(f"{FOLDER}/{name}")


def _seal(body: bytes) -> bytes:
    return keys.keyed("ledger-records", body).hex().encode()
