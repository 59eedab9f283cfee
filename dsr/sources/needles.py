"""What an erasure looks for again: a value as a pattern for the database, and as it may be written in a text.

The database is asked loosely, by the letters and digits of a value in their order; what it finds is read here, exactly:
in any case, in the encodings of a URL and of HTML, a telephone number in its usual written forms.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.entities import codepoint2name
from typing import Any, Final
from urllib.parse import quote

from dsr.sources.fields import UNIQUE, Sought

MASK: Final = "[…]"
SHORT_NUMBER: Final = 9  # a bare number with fewer digits is anybody's, unless it is the whole of a value
SHORT_TEXT: Final = 5
AROUND: Final = 120  # signs before and after, for whoever decides
PHONE_DIGITS: Final = 7  # without the country and its zero; fewer are no telephone number

_WORDS: Final = re.compile(r"[a-z0-9]+")
_ENCODED: Final = r"(?:(?<=%[0-9A-Fa-f]{2})|(?<=%[0-9A-Fa-f]{2}[.+-])|{free})"
_FREE: Final = {
    Sought.EMAIL: (
        _ENCODED.replace("{free}", r"(?<![A-Za-z0-9_])(?<![A-Za-z0-9_][.+-])"),
        r"(?![A-Za-z0-9_])(?!-[A-Za-z0-9])",
    ),
    Sought.NUMBER: (_ENCODED.replace("{free}", r"(?<![A-Za-z0-9])"), r"(?![A-Za-z0-9])"),
    Sought.NAME: (r"(?<!\w)", r"(?!\w)"),
    Sought.IP: (r"(?<![0-9A-Fa-f.:])", r"(?![0-9A-Fa-f:]|\.[0-9])"),
}
_BETWEEN: Final = r"(?:[\s.\-‐‑–·/()+_]|%20|&nbsp;|&#160;){0,4}"
_COUNTRY: Final = rf"(?:(?:\+|00){_BETWEEN}[1-9][0-9]{{0,2}}|33)"


@dataclass(frozen=True, slots=True, order=True)
class OldValue:
    """A value that stood in a reader's row; ``kind`` is that of ``Sought``."""

    kind: str
    value: str

    @property
    def is_unique(self) -> bool:
        """Whether it names one person alone."""
        return Sought(self.kind) in UNIQUE


@dataclass(frozen=True)
class Needle:
    """One value to look for, in small letters."""

    sought: Sought
    value: str

    @cached_property
    def whole(self) -> bool:
        """Whether it counts only as the whole of a value: too short to be told from any other number."""
        if self.sought is Sought.PHONE:
            return not self._national
        short = self.value.isdigit() and len(self.value) < SHORT_NUMBER
        return self.sought is Sought.NUMBER and (short or len(self.value) < SHORT_TEXT)

    @cached_property
    def like(self) -> str:
        """The pattern that a text has to be LIKE, lowered: no hit is missed by it, some are none."""
        return self.value if self.whole and not _WORDS.sub("", self.value) else self.like_within

    @cached_property
    def like_within(self) -> str:
        """The pattern for a document, whose text holds the value among others."""
        runs = self._national or _WORDS.findall(self.value)
        return f"%{'%'.join(runs)}%" if runs else "%"

    def within(self, text: str, *, strictly: bool) -> bool:
        """Whether it is written in the text; ``strictly`` not as a part of a longer address."""
        if self.whole:
            return text.strip().lower() == self.value
        return bool((self.alone if strictly else self.anywhere).search(text))

    def masked(self, text: str) -> str:
        """The text without it."""
        if self.whole:
            return MASK if text.strip().lower() == self.value else text
        return self.alone.sub(MASK, text)

    def parts(self, text: str) -> list[tuple[str, bool]]:
        """The text in pieces, each with whether it is this value."""
        if self.whole:
            return [(text, self.within(text, strictly=True))]
        pieces, end = [], 0
        for found in self.alone.finditer(text):
            pieces += [(text[end : found.start()], False), (found.group(), True)]
            end = found.end()
        return [piece for piece in (*pieces, (text[end:], False)) if piece[0]]

    @cached_property
    def alone(self) -> re.Pattern[str]:
        """The value with nothing before or after it that would make it another one."""
        if self.sought is Sought.PHONE:
            return self._telephone
        before, after = _FREE[self.sought]
        return re.compile(before + self._spelt + after, re.IGNORECASE)

    @cached_property
    def anywhere(self) -> re.Pattern[str]:
        """An address also inside a word; any other value as ``alone``, since inside another number it is not there."""
        return re.compile(self._spelt, re.IGNORECASE) if self.sought is Sought.EMAIL else self.alone

    @property
    def _spelt(self) -> str:
        return "".join(map(_ways, self.value))

    @property
    def _telephone(self) -> re.Pattern[str]:
        digits = _BETWEEN.join(self._national)
        return re.compile(rf"(?<![0-9+]){_COUNTRY}?{_BETWEEN}(?:\+|00?)?{_BETWEEN}{digits}(?![0-9])")

    @cached_property
    def _national(self) -> str:
        """The digits of a telephone number without country and zero; empty for what is none."""
        if self.sought is not Sought.PHONE:
            return ""
        digits = re.sub(r"[^0-9]", "", re.sub(r"\(0\)", "", self.value))
        if digits.startswith("00") or self.value.strip().startswith("+"):
            digits = digits.removeprefix("00")
            digits = digits.removeprefix("33") if digits.startswith("33") else digits
        digits = digits.lstrip("0")
        return digits if len(digits) >= PHONE_DIGITS else ""


@dataclass(frozen=True)
class Needles:
    """Everything to look for at once."""

    each: tuple[Needle, ...]
    kinds: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", frozenset(needle.sought.value for needle in self.each))

    @classmethod
    def of(cls, values: Iterable[OldValue]) -> "Needles":
        """One needle for each value that says something; an empty one would be found everywhere."""
        told = {(Sought(each.kind), each.value.strip().lower()) for each in values}
        return cls(tuple(Needle(*each) for each in sorted(told, key=_by_kind) if _says_something(each[1])))

    @property
    def without_short_numbers(self) -> "Needles":
        """Those that a column of bare numbers cannot hold by chance."""
        return Needles(tuple(each for each in self.each if not each.whole))

    def within(self, value: Any, *, strictly: bool) -> set[str]:
        """The kinds that are found in a value of a column, however deep it is nested."""
        found: set[str] = set()
        for text in texts(value):
            found |= {each.sought.value for each in self.each if each.within(text, strictly=strictly)}
        return found

    def passage(self, value: Any) -> str:
        """What stands around the first of them, with their signs; for a document the very text that holds it."""
        for text in texts(value):
            for each in self.each:
                if each.whole and each.within(text, strictly=True):
                    return text
                if not each.whole and (found := each.anywhere.search(text)):
                    start, end = max(found.start() - AROUND, 0), found.end() + AROUND
                    return f"{'… ' if start else ''}{text[start:end].strip()}{' …' if end < len(text) else ''}"
        return ""

    def parts(self, text: str) -> list[tuple[str, bool]]:
        """The text in pieces, each with whether it is one of them, for whoever has to see it."""
        pieces = [(text, False)]
        for each in self.each:
            pieces = [found for piece in pieces for found in ([piece] if piece[1] else each.parts(piece[0]))]
        return pieces

    def masked(self, value: Any) -> Any:
        """The value without any of them; a document keeps its shape."""
        if isinstance(value, str):
            for each in self.each:
                value = each.masked(value)
            return value
        if isinstance(value, dict):
            return {self.masked(name): self.masked(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.masked(each) for each in value]
        return MASK if self.within(value, strictly=True) else value


def texts(value: Any) -> Iterator[str]:
    """Every text that a value of a column holds: itself, or each name and member of a document."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from (str(name), *texts(each))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _by_kind(each: tuple[Sought, str]) -> tuple[str, str]:
    return each[0].value, each[1]


def _says_something(value: str) -> bool:
    return any(sign.isalnum() for sign in value)


def _ways(sign: str) -> str:
    """One sign as it may be written: itself, in a URL, in HTML, in a JSON text kept as it came."""
    if sign.isascii() and sign.isalnum():
        return sign
    if sign.isspace():
        return r"(?:\s|%20|\+|_)+"
    named = codepoint2name.get(ord(sign))
    ways = [re.escape(sign), quote(sign, safe=""), f"&#{ord(sign)};", f"&#x{ord(sign):x};", f"\\\\u{ord(sign):04x}"]
    escaped = [f"%{ord(sign):02X}"] if sign.isascii() else []
    return f"(?:{'|'.join([*ways, *escaped, *([f'&{named};'] if named else [])])})"
