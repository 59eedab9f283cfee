"""One form posted twice is one request: what a form, recognised by its nonce and its content, has already led to.

The memory is a row of Django's session table under a key that only this service can compute: unique in the database,
so that two simultaneous posts to two processes cannot both be first, and swept away with the sessions.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction

from dsr import keys

MEMORY = timedelta(hours=12)
KEY_LENGTH = 40


class PostedBefore(Exception):  # noqa: N818
    """The same form was posted before; ``reference`` is what it led to."""

    def __init__(self, reference: str) -> None:
        super().__init__()
        self.reference = reference


def claim(form: dict[str, Any], *, at: datetime) -> str:
    """Be the first to post this form, inside the transaction that answers it; raises PostedBefore.

    On PostgreSQL the second waits here until the first commits; SQLite lets one in at a time.
    """
    key = keys.keyed("once", json.dumps(form, sort_keys=True, default=str).encode()).hex()[:KEY_LENGTH]
    try:
        with transaction.atomic():
            Session.objects.create(session_key=key, session_data="", expire_date=at + MEMORY)
    except IntegrityError as error:
        before = Session.objects.get(session_key=key).get_decoded()
        raise PostedBefore(before["reference"]) from error
    return key


def settle(key: str, reference: str) -> None:
    """Remember what the form led to."""
    Session.objects.filter(session_key=key).update(session_data=SessionStore().encode({"reference": reference}))
