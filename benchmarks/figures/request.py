"""A whole access request of an ordinary reader in one process, and what each part of it costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from time import perf_counter
from typing import Any, Final

from django.conf import settings

from benchmarks import access_request, mailbox, ordinary
from benchmarks.one_database import Figures, officer

REQUESTS: Final = 100
PARTS: Final = {
    "log": "dsr.audit.log.record",
    "identifiers": "dsr.lifecycle.identity.file_identifiers",
    "packing": "dsr.packages.vault.seal",
    "letter": "dsr.packages.letter.document",
    "mail": "dsr.notifications.deliver",
}


class Stopwatch:
    """Stands in for a function and adds up the seconds spent in it."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.seconds = 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        began = perf_counter()
        try:
            return self.function(*args, **kwargs)
        finally:
            self.seconds += perf_counter() - began


def measure() -> Figures:
    """One after the other, after a few that warm up; the letter of Article 15 is a part of the packing."""
    olive, emails = officer(), ordinary.readers(REQUESTS + 5, name="request")
    with mailbox.sink() as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        _answer(emails[REQUESTS:], olive)
        with _watched() as watches:
            began = perf_counter()
            _answer(emails[:REQUESTS], olive)
            seconds = perf_counter() - began
    costs = {f"request.{part}_ms": watch.seconds / REQUESTS * 1000 for part, watch in watches.items()}
    return {"request.per_second": REQUESTS / seconds, **costs}


def _answer(emails: list[str], olive: Any) -> None:
    for email in emails:
        access_request.answered(email, by=olive)


@contextmanager
def _watched() -> Iterator[dict[str, Stopwatch]]:
    """A stopwatch before each part."""
    watches = {}
    for part, path in PARTS.items():
        module, _dot, name = path.rpartition(".")
        watches[part] = Stopwatch(getattr(import_module(module), name))
        setattr(import_module(module), name, watches[part])
    yield watches
    for part, path in PARTS.items():
        module, _dot, name = path.rpartition(".")
        setattr(import_module(module), name, watches[part].function)
