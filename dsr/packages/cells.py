"""How one value of a record reads in a CSV cell: exactly what JSON says, as the databases write it, too."""

import json
import re
from collections.abc import Iterable
from typing import Any

from dsr.sources.csv_text import quoted

_CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PICTURES = 0x2400  # U+2400 … U+241F picture the controls 0 … 31
_DELETE, _PICTURE_OF_DELETE = 0x7F, "\u2421"


class Number(str):
    """A JSON number kept as it was written, so that no digit is lost and no text is taken for one."""

    __slots__ = ()


def visible(text: str) -> str:
    """The same text with its control characters drawn (␀, ␛) and half characters replaced: files hold text only."""
    return _UNPRINTABLE.sub(_picture, text)


def visible_bytes(text: bytes) -> bytes:
    """The same in UTF-8; one pass over the bytes finds out that nothing is to be drawn, as nearly always."""
    return text if len(text.translate(None, _CONTROLS)) == len(text) else visible(text.decode()).encode()


def cell(value: Any) -> str:
    """One value as it stands in the file: nothing for null, bare truths and numbers, the rest in quotation marks."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return str(value)
    return quoted(value if isinstance(value, str) else nested(value))


def line(values: Iterable[Any]) -> str:
    """The values of a record as a line of the table, without its end."""
    return ",".join(map(cell, values))


def nested(value: Any) -> str:
    """A list or an object as JSON text, its numbers as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(nested, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{nested(name)}: {nested(each)}" for name, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _picture(found: re.Match[str]) -> str:
    """The visible stand-in of one character."""
    code = ord(found[0])
    if code == _DELETE:
        return _PICTURE_OF_DELETE
    return chr(_PICTURES + code) if code < ord(" ") else "\ufffd"
