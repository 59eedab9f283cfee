"""Letters of a change of address: to the new mailbox, which must answer, and to the old one, which may object."""

from datetime import datetime

from dsr.models.identity import Secret
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.notifications.writing import write


def address_new(data_request: DataRequest, *, to: str, secret: Secret, at: datetime) -> Notice:
    """Somebody wishes to be written to here: the code that shows they read it. It says nothing of what we hold."""
    return write(data_request, "address_new", at=at, context={}, secret=secret, to=to)


def address_old(data_request: DataRequest, *, to: str, secret: Secret, at: datetime) -> Notice:
    """The address is about to change, when, and how to say “it was not me”; the new one is not named."""
    return write(data_request, "address_old", at=at, context={}, secret=secret, to=to)
