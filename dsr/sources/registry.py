"""The sources the newspaper declared in ``DSR_SOURCES``, in order, and the questions put to all of them."""

from collections.abc import Container
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from dsr.sources import contracts
from dsr.sources.activities import Recipient, Text
from dsr.sources.base import Identifier, Rows, Scope, Source, Subject, rows_in_scope


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every declared source, in the order of the setting; the one that identifies the reader is last."""
    return tuple(import_string(path)() for path in settings.DSR_SOURCES)


def source(name: str) -> Source:
    """The source of that name; raises KeyError."""
    return {each.name: each for each in sources()}[name]


def in_scope(scope: Scope) -> list[tuple[Source, Rows]]:
    """The sources that a request of that scope is about, in the order of the setting, each with the rows in scope."""
    scoped = [(each, *rows_in_scope(scope, each.name)) for each in sources()]
    return [(each, rows) for each, chosen, rows in scoped if chosen]


def marketing() -> tuple[Source, ...]:
    """The sources that send messages to readers."""
    return tuple(each for each in sources() if each.marketing)


def recipients() -> dict[str, Recipient]:
    """Whoever receives data in some activity, by code."""
    return {recipient.code: recipient for each in sources() for recipient in each.activity.recipients}


def labels() -> dict[str, Text]:
    """Every concept that a reader may correct, in the words of the last source that declares it: the account's."""
    return {concept: label for each in sources() for concept, label in each.labels().items()}


def contract_words(names: Container[str]) -> contracts.ContractWords:
    """How the sources of those names speak of the contract that they hold."""
    said = (each.contract for each in sources() if each.name in names and each.contract)
    return next(said, contracts.DEFAULT)


def expand(identifiers: frozenset[Identifier], *, before: datetime | None = None) -> Subject:
    """The reader under every identifier that verified ones lead to: what we filed with them is verified too."""
    known: frozenset[Identifier] = frozenset()
    fresh = identifiers
    while fresh - known:
        known |= fresh
        found = (each.revealed(Subject(known, before=before)) for each in sources() if not each.by_hand)
        fresh = frozenset().union(*found)
    return Subject(known, before=before)


def _forget(*, setting: str, **_kwargs: object) -> None:
    """Read the declarations anew when a test changes them."""
    if setting == "DSR_SOURCES":
        sources.cache_clear()


setting_changed.connect(_forget)
