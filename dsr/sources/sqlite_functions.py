"""What SQLite lacks to write a row as PostgreSQL does: the same text for a document, a float, a cell, a file name."""

import json
import math
import re
from decimal import Decimal
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from dsr.sources.csv_text import harmless, quoted
from dsr.sources.json_text import SAFE_NAME_LENGTH, UNSAFE

FIXED_BELOW = 15  # PostgreSQL writes an exponent from ten to the fifteenth on
SMALLEST_FIXED = -4


def install(connection: BaseDatabaseWrapper) -> None:
    """Teach a connection the functions; a connection of another engine needs none."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        for name, function in FUNCTIONS.items():
            connection.connection.create_function(f"DSR_{name}", 1, function, deterministic=True)


def safe_name(path: Any) -> str | None:
    """The last part of a path, in letters, digits, dot, dash and underscore."""
    return None if path is None else re.sub(UNSAFE, "_", str(path).rpartition("/")[2])[-SAFE_NAME_LENGTH:]


def document(text: str | None) -> str | None:
    """A JSON text as PostgreSQL's jsonb gives it: shorter keys first, a space after comma and colon."""
    return None if text is None else _written(_loaded(text))


def document_cell(text: str | None) -> str | None:
    """The same as a cell: its JSON text, unless it is a mere text, number, truth or null."""
    value = None if text is None else _loaded(text)
    if value is None:
        return None
    if isinstance(value, str):
        return quoted(_encodable(value))
    return quoted(_written(value)) if isinstance(value, dict | list) else _written(value)


def _loaded(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: _as_jsonb_orders(item[0]))
        return "{" + ", ".join(f"{_written(name)}: {_written(each)}" for name, each in members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, Decimal):
        return format(value if value else abs(value), "f")
    return _encodable(json.dumps(value, ensure_ascii=False))


def _as_jsonb_orders(name: str) -> tuple[int, bytes]:
    encoded = name.encode(errors="replace")
    return len(encoded), encoded


def _encodable(text: str) -> str:
    """Half a character, which JSON can escape and UTF-8 cannot hold, becomes a question mark."""
    return text.encode(errors="replace").decode()


def number(value: float | None) -> str | None:
    """A float as PostgreSQL writes it: the fewest digits that read back as the same float."""
    if value is None or not math.isfinite(value):
        return None
    sign, digits, _exponent = Decimal(repr(float(value))).normalize().as_tuple()
    shown = Decimal(repr(float(value))).normalize()
    exponent = shown.adjusted()
    if SMALLEST_FIXED <= exponent < FIXED_BELOW or not shown:
        return "-0" if not shown and sign else format(shown, "f")
    mantissa = "".join(map(str, digits))
    point = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    return f"{'-' if sign else ''}{mantissa[0]}{point}e{exponent:+03d}"


FUNCTIONS = {
    "SAFE_NAME": safe_name,
    "DOCUMENT": document,
    "DOCUMENT_CELL": document_cell,
    "FLOAT": number,
    "HARMLESS": harmless,
}
