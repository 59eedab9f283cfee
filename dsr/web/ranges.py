"""The part of a file that a request asks for: single byte ranges (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

from django.http import HttpRequest

SINGLE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE | re.ASCII)
DIGITS = 18  # more are beyond the end of anything, and cost time to read


class Unsatisfiable(Exception):  # noqa: N818
    """The range begins beyond the end: 416."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from ``start`` up to ``end``, that one left out, of ``size``."""

    start: int
    end: int
    size: int
    asked: bool = False

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.length == self.size

    @property
    def content_range(self) -> str:
        """The header of a 206."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def wanted(request: HttpRequest, *, size: int, etag: str) -> Part:
    """What to answer a GET with; raises Unsatisfiable.

    Several ranges at once, another unit and what is no range are ignored, as a server may: the whole file is sent.
    So it is when ``If-Range`` names another version; a date never names ours.
    """
    found = SINGLE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or not found or request.headers.get("If-Range", etag) != etag:
        return Part(0, size, size)
    first, last = found.groups()
    if not first and not last:
        return Part(0, size, size)
    if not first:
        return _part(max(0, size - _number(last)), size, size)
    if last and _number(last) < _number(first):
        return Part(0, size, size)
    return _part(_number(first), min(size, _number(last) + 1) if last else size, size)


def _part(start: int, end: int, size: int) -> Part:
    if start >= size:
        raise Unsatisfiable
    return Part(start, end, size, asked=True)


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= DIGITS else 10**DIGITS
