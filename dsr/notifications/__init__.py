"""Letters to the reader: one function per letter, which writes it down, and the delivery of what was written.

A letter is a ``Notice`` saved in the caller's transaction, in the language of the request, with marks where its secrets
go; ``deliver`` fills them in while it mails it, ``as_printed`` while it is printed for the post.
"""

from dsr.notifications.address import address_new, address_old
from dsr.notifications.arrival import acknowledgement, code, confirmed, entered, expired, joined, reminder, withdrawn
from dsr.notifications.decision import answered, contract, extension, question, refusal
from dsr.notifications.onward import recipient
from dsr.notifications.outcome import erased, objection_done, package_again, package_ready, rectified
from dsr.notifications.sending import as_printed, deliver, lateness, send_again
from dsr.notifications.writing import write

__all__ = [
    "acknowledgement",
    "address_new",
    "address_old",
    "answered",
    "as_printed",
    "code",
    "confirmed",
    "contract",
    "deliver",
    "entered",
    "erased",
    "expired",
    "extension",
    "joined",
    "lateness",
    "objection_done",
    "package_again",
    "package_ready",
    "question",
    "recipient",
    "rectified",
    "refusal",
    "reminder",
    "send_again",
    "withdrawn",
    "write",
]
