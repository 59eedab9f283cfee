"""A restored backup brings erased readers back: it is noticed, and nothing is carried out until they are gone again."""

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from dsr.audit import checkpoints, log
from dsr.ledger import book
from dsr.models import prepared
from dsr.models.ledger import LedgerEntry, Restoration

logger = structlog.get_logger(__name__)

_PENDING = prepared.Exists(Restoration.objects.pending)


class Restored(Exception):  # noqa: N818
    """The database is older than what is kept outside it: nothing is destroyed before the ledger was replayed."""


def look(*, at: datetime) -> bool:
    """Whether the database is older than what is kept outside it; noted once, with an error line each time."""
    for sign in _signs():
        _note(sign, at=at)
    pending = is_pending()
    if pending:
        logger.error("database_restored")
    return pending


def is_pending() -> bool:
    """Whether a restoration was noticed after which nothing was erased again yet."""
    return _PENDING()


def unknown_records() -> list[str]:
    """The records of the ledger that this database does not know, the oldest first.

    The ledger is listed first: whatever is written meanwhile was committed here before.
    """
    names = list(book.names())
    known = set(LedgerEntry.objects.values_list("name", flat=True))
    return [name for name in names if name not in known]


def _signs() -> list[Restoration.Sign]:
    """What gives it away; a storage that does not answer gives nothing away, and nothing is erased without it."""
    found = []
    try:
        if unknown_records():
            found.append(Restoration.Sign.LEDGER)
        if checkpoints.inconsistency():
            found.append(Restoration.Sign.LOG)
    except OSError as error:
        logger.error("ledger_not_read", error=type(error).__name__)  # noqa: TRY400 - a trace says no more
    return found


def _note(sign: Restoration.Sign, *, at: datetime) -> None:
    """Of several processes that see it one notes it."""
    if Restoration.objects.pending().filter(sign=sign).exists():
        return
    try:
        with transaction.atomic():
            Restoration.objects.create(sign=sign, noticed_at=at)
            log.record("restore.noticed", about=log.itself(), by=log.SYSTEM, at=at, facts={"sign": sign})
    except IntegrityError:
        return
