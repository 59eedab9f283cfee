"""The suppression list, for whoever is about to write to somebody or to import them: keyed tokens, never addresses."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from dsr import keys
from dsr.models.erasure import Suppression
from dsr.sources import registry
from dsr.sources.base import Subject

TELEPHONE: Final = "phone"  # the concept of the fields that hold a telephone number


def suppressed(addresses: Iterable[str], *, on: date) -> frozenset[str]:
    """Which of these addresses, or telephone numbers, may not be written to on that day; one query for all of them."""
    tokens = _tokens(addresses)
    in_force = Suppression.objects.in_force(on).filter(token__in=tokens.values()).values_list("token", flat=True)
    refused = set(in_force)
    return frozenset(address for address, token in tokens.items() if token in refused)


def erased(addresses: Iterable[str], *, on: date) -> Mapping[str, datetime]:
    """Which of these belong to somebody whose data were all erased, and when: nothing older may be imported again."""
    tokens = _tokens(addresses)
    found = Suppression.objects.erased(on).filter(token__in=tokens.values()).values_list("token", "erased_at")
    since: dict[str, datetime] = {token: at for token, at in found if at}
    return {address: since[token] for address, token in tokens.items() if token in since}


def telephones(subject: Subject) -> frozenset[str]:
    """The reader's numbers, wherever a source declares a field of that concept."""
    asked = (each for each in registry.sources() if TELEPHONE in each.labels())
    standing = (value for each in asked for value in each.values(subject))
    return frozenset(value.value for value in standing if value.concept == TELEPHONE and value.value)


def _tokens(addresses: Iterable[str]) -> dict[str, str]:
    return {address: keys.suppression_token(address) for address in addresses if address}
