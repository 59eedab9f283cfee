"""Letters of the arrival: receipt, codes, reminders, and what becomes of a request that carries on or stops."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings

from dsr.models.identity import Purpose, Secret
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.notifications.writing import asked, due_on, in_words, page, write
from dsr.states import Kind

CHOOSABLE: Final = frozenset({Kind.ACCESS, Kind.ERASURE})  # rights over part of the data, chosen once proven


def acknowledgement(
    data_request: DataRequest, *, secret: Secret, others: Sequence[DataRequest] = (), at: datetime
) -> Notice:
    """Receipt, last day to answer, legal basis of each right asked together, and how to prove the mailbox.

    It says nothing of what we hold, so that known and unknown addresses read the same.
    """
    return write(
        data_request,
        "acknowledgement",
        at=at,
        context={"asked_together": _together(data_request, others)},
        secret=secret,
    )


def entered(data_request: DataRequest, *, at: datetime) -> Notice:
    """Receipt of a request that staff typed in, without a code: it came by another channel."""
    context = {"asked_together": _together(data_request, ())}
    return write(data_request, "entered", at=at, context=context)


def reminder(data_request: DataRequest, *, secret: Secret, number: int, at: datetime) -> Notice:
    """The mailbox has not answered: reminder ``number``, from 1."""
    return write(
        data_request, "reminder", at=at, context={"last": number >= len(settings.DSR_REMINDER_DAYS)}, secret=secret
    )


def code(data_request: DataRequest, *, secret: Secret, at: datetime) -> Notice:
    """A fresh code; its purpose decides the words."""
    return write(data_request, "code", at=at, context={"purpose": Purpose(secret.purpose).value}, secret=secret)


def confirmed(data_request: DataRequest, *, at: datetime) -> Notice:
    """The mailbox is proven: who looks at the request now, until when, and what the reader may do meanwhile."""
    choosable = data_request.kind in CHOOSABLE and data_request.is_about_everything
    return write(data_request, "confirmed", at=at, context={"choosable": choosable})


def joined(data_request: DataRequest, *, first: DataRequest, at: datetime) -> Notice:
    """The same was already asked and is under way: where, and until when."""
    context = {
        "first_reference": first.reference,
        "first_received_on": in_words(first.received_on),
        "due_on": in_words(due_on(first)),
        "link": page(first),
    }
    return write(data_request, "joined", at=at, context=context)


def withdrawn(data_request: DataRequest, *, at: datetime) -> Notice:
    """The reader took the request back."""
    return write(data_request, "withdrawn", at=at, context={})


def expired(data_request: DataRequest, *, others: Sequence[DataRequest] = (), at: datetime) -> Notice:
    """Closed on the last day because the mailbox never answered, and how to resume (GDPR Art. 11(2), 12(2)).

    ``others`` are those of the same address that close with it.
    """
    context = {"others": ", ".join(other.reference for other in others)}
    return write(data_request, "expired", at=at, context=context, answers=True)


def _together(data_request: DataRequest, others: Sequence[DataRequest]) -> list[dict[str, object]]:
    return [{"reference": each.reference, **asked(each)} for each in (data_request, *others)]
