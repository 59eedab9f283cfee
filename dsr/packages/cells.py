"""How one value of a record reads in a CSV cell: exactly what JSON says, and never a formula."""

import json
import re
from typing import Any

# A spreadsheet takes these for the start of a formula, the full-width forms too (OWASP, CSV injection).
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NEGATIVE_NUMBER = re.compile(r"-[0-9]+([.,][0-9]+)?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PICTURES = 0x2400  # U+2400 … U+241F picture the controls 0 … 31
_DELETE, _PICTURE_OF_DELETE = 0x7F, "\u2421"


class Number(str):
    """A JSON number kept as it was written, so that no digit is lost and no text is taken for one."""

    __slots__ = ()


def visible(text: str) -> str:
    """The same text with its control characters drawn (␀, ␛) and half characters replaced: files hold text only."""
    return _UNPRINTABLE.sub(_picture, text)


def cell(value: Any) -> str:
    """One value: nothing for null, ``true`` or ``false``, numbers as they were written, JSON for lists and objects."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return str(value)
    return harmless(visible(value if isinstance(value, str) else nested(value)))


def nested(value: Any) -> str:
    """A list or an object as JSON text."""
    return json.dumps(_plain(value), ensure_ascii=False)


def harmless(text: str) -> str:
    """Text that a spreadsheet shows instead of running: an apostrophe goes before what could start a formula.

    A negative amount stays a number, for a spreadsheet cannot run it. A telephone number such as ``+33…`` gets the
    apostrophe, or its ``+`` would be lost. Text that already has apostrophes before such a sign gets one more, so that
    taking one away always gives the original back.
    """
    if _FORMULA.match(text) and not _NEGATIVE_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def original(text: str) -> str:
    """What ``harmless`` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _plain(value: Any) -> Any:
    """The same value with numbers that ``json`` can write."""
    if isinstance(value, Number):
        return json.loads(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


def _picture(found: re.Match[str]) -> str:
    """The visible stand-in of one character."""
    code = ord(found[0])
    if code == _DELETE:
        return _PICTURE_OF_DELETE
    return chr(_PICTURES + code) if code < ord(" ") else "\ufffd"
