"""Passages that a copy does not show: the JSON text of a row without them, all else byte for byte as it was."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _

from dsr.packages.records import Rewrite
from dsr.sources.base import SourceError

DECODE: Final = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Mask:
    """``value`` stands at ``start`` of the text in one field of one row, and ``instead`` goes there."""

    row: str
    field: str
    start: int
    value: str
    instead: str


class MovedError(SourceError):
    """What was to be masked is no longer where it was found."""


def by_row(source_name: str, masks: Iterable[Mask]) -> Mapping[str, Rewrite]:
    """What makes the JSON text of each row with something to mask; it raises MovedError where a mask does not fit."""
    rows: dict[str, list[Mask]] = {}
    for mask in masks:
        rows.setdefault(mask.row, []).append(mask)
    return {row: partial(_without, source_name, masks=passages) for row, passages in rows.items()}


def _without(source_name: str, text: str, *, masks: Sequence[Mask]) -> str:
    fields: dict[str, list[Mask]] = {}
    for mask in masks:
        fields.setdefault(mask.field, []).append(mask)
    for name, own in fields.items():
        try:
            start, end, value = _value(text, name.split("."))
        except (LookupError, ValueError):
            raise _moved(source_name) from None
        if not isinstance(value, str) or not all(value.startswith(mask.value, mask.start) for mask in own):
            raise _moved(source_name)
        text = f"{text[:start]}{json.dumps(hidden(value, own), ensure_ascii=False)}{text[end:]}"
    return text


def _value(text: str, path: Sequence[str]) -> tuple[int, int, Any]:
    """Where the value to which a path leads begins and ends in JSON without spaces, and what it is."""
    start = 0
    for step in path:
        start = _member(text, start, step)
    value, end = DECODE(text, start)
    return start, end, value


def _member(text: str, position: int, step: str) -> int:
    """Where the value of a member begins; ``step`` is its name, or its number in a list."""
    named, number = text[position] == "{", 0
    while text[position] in "{[,":
        name, before = DECODE(text, position + 1) if named else (str(number), position)
        if name == step:
            return before + 1
        position, number = DECODE(text, before + 1)[1], number + 1
    raise KeyError(step)


def hidden(text: str, masks: Iterable[Mask]) -> str:
    """The text with each passage replaced; of passages that overlap, the first one's words stand for all."""
    pieces, end = [], 0
    for mask in sorted(masks, key=lambda mask: (mask.start, -len(mask.value))):
        if mask.start >= end:
            pieces += [text[end : mask.start], mask.instead]
        end = max(end, mask.start + len(mask.value))
    return "".join([*pieces, text[end:]])


def _moved(source_name: str) -> MovedError:
    return MovedError(_("La source « %(source)s » a changé depuis la lecture des textes.") % {"source": source_name})
