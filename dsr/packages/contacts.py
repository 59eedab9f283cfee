"""E-mail addresses and telephone numbers in free text, found in a time that grows with the text and no faster.

Telephone numbers are French ones as people write them, and those of any country behind ``+`` or ``00``.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from itertools import chain
from typing import Final

from django.conf import settings

from dsr.keys import normalised_address

LOCAL_LENGTH, DOMAIN_LENGTH = 64, 255  # RFC 5321, section 4.5.3.1
LONG = 12  # digits of ``00``, a country and a number: fewer are often a padded count

# Of an address only the sign is searched for; what stands around it is read in a window, so that no text is slow.
_AT = re.compile(r"[@＠]|\s?[\[({]\s?(?:at|arobase)\s?[\])}]\s?", re.IGNORECASE)
_LOCAL_REVERSED = re.compile(r"[\w.+%~-]+")
_DOMAIN = re.compile(r"(?:\w(?:[\w-]{0,61}\w)?\.){1,8}(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,24})\b", re.IGNORECASE)

_GAP = "[ \u00a0\u202f\u2009.\\-\u2010-\u2015/]"
_NINE = rf"[1-9](?:{_GAP}{{0,2}}[0-9]){{8}}(?![0-9])"
_FRENCH = re.compile(rf"(?<![\w+])(?<!\w[-/])0{_GAP}?{_NINE}")
_FRENCH_ABROAD = re.compile(rf"(?<![\w+])(?:\+|00){_GAP}?33(?:{_GAP}|[(0)]){{0,6}}{_NINE}")
_FOREIGN = re.compile(rf"(?<![\w+])(?:\+|00){_GAP}?(?!33)[1-9](?:(?:{_GAP}|[()]){{0,4}}[0-9]){{7,14}}(?![0-9])")
_GROUPS = re.compile(r"[0-9]+")

# How people group the ten digits of a French number; amounts, dates and the numbers of books are grouped otherwise.
_GROUPINGS: Final = frozenset(
    {
        (10,),
        (2, 2, 2, 2, 2),
        (2, 8),
        (4, 6),
        (4, 2, 2, 2),
        (4, 3, 3),
        (1, 3, 3, 3),
        (1, 9),
        (1, 1, 2, 2, 2, 2),
        (2, 3, 3, 2),
        (2, 4, 4),
        (1,) * 10,
    }
)
_NUMBERED = re.compile(
    r"\b(?:factures?|commandes?|r[ée]f\w*|siren|siret|iban|dossier|contrat|colis|suivi|abonn\w*|ticket)"
    r"(?:\s*(?:n[°ºo]|num[ée]ro))?[\s.:#]{0,3}\Z",
    re.IGNORECASE,
)
_AN_AMOUNT = re.compile(r"\s?(?:€|\$|£|%|eur\b|euros?\b)", re.IGNORECASE)
BEFORE, AFTER = 40, 8  # as much as says that a number is no telephone's


@dataclass(frozen=True, slots=True)
class Contact:
    """One address or number: where it stands, as it stands there, and as it is compared."""

    kind: str  # ``email`` or ``phone``
    start: int
    value: str
    normal: str


def find(text: str) -> Iterator[Contact]:
    """Every e-mail address, then every telephone number that is no part of an address or of a longer number."""
    covered: set[int] = set()
    for contact in chain(_addresses(text), _abroad(text), _national(text)):
        if contact.start not in covered:
            covered.update(range(contact.start, contact.start + len(contact.value)))
            yield contact


def normal(value: str) -> str:
    """An address or a number as it is compared; any other text as it is."""
    found = next((each for each in find(value) if each.value == value.strip()), None)
    return found.normal if found else value.strip()


class Known:
    """Contacts that are nobody else's: values to compare with, and whole domains behind a ``@``."""

    def __init__(self, values: Collection[str]) -> None:
        self._domains = tuple(normalised_address(value) for value in values if value.startswith("@"))
        self._values = {normal(value) for value in values} | {normalised_address(value) for value in values}

    def __contains__(self, contact: Contact) -> bool:
        return contact.normal in self._values or (contact.kind == "email" and contact.normal.endswith(self._domains))


def published() -> frozenset[str]:
    """The newspaper's own contacts, which every reader may see."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return frozenset({settings.DSR_DPO_EMAIL, sender, *settings.DSR_PUBLISHED_CONTACTS} - {""})


def _addresses(text: str) -> Iterator[Contact]:
    for at in _AT.finditer(text):
        before = _LOCAL_REVERSED.match(text[max(at.start() - LOCAL_LENGTH, 0) : at.start()][::-1])
        domain = _DOMAIN.match(text[at.end() : at.end() + DOMAIN_LENGTH])
        local = before[0][::-1].lstrip(".-+%~") if before else ""
        if local and domain:
            start, end = at.start() - len(local), at.end() + domain.end()
            yield Contact("email", start, text[start:end], normalised_address(f"{local}@{domain[0]}"))


def _abroad(text: str) -> Iterator[Contact]:
    for found in _FRENCH_ABROAD.finditer(text):
        yield Contact("phone", found.start(), found[0], "+33" + _digits(found[0])[-9:])
    for found in _FOREIGN.finditer(text):
        long_enough = found[0].startswith("+") or len(_digits(found[0])) >= LONG
        if long_enough and not _counts_something(found, text):
            yield Contact("phone", found.start(), found[0], "+" + _digits(found[0]).removeprefix("00"))


def _national(text: str) -> Iterator[Contact]:
    """Grouped as people do; with no groups at all it may number something else."""
    for found in _FRENCH.finditer(text):
        groups = tuple(map(len, _GROUPS.findall(found[0])))
        if groups in _GROUPINGS and (groups != (10,) or not _counts_something(found, text)):
            yield Contact("phone", found.start(), found[0], "+33" + _digits(found[0])[1:])


def _counts_something(found: re.Match[str], text: str) -> bool:
    """Whether the words before say that it numbers an invoice, or the sign after that it is an amount."""
    before, after = text[max(found.start() - BEFORE, 0) : found.start()], text[found.end() : found.end() + AFTER]
    return bool(_NUMBERED.search(before) or _AN_AMOUNT.match(after))


def _digits(text: str) -> str:
    return "".join(_GROUPS.findall(text))
