"""Passages that a copy does not show: the JSON text of a row without them, all else byte for byte as it was."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from dsr.packages.records import Rewrite
from dsr.sources.base import SourceError


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
    decode = json.JSONDecoder().raw_decode
    fields = {mask.field for mask in masks}
    pieces, written, position = [], 0, 1
    while fields and text[position : position + 1] == '"':
        name, colon = decode(text, position)
        value, end = decode(text, colon + 1)
        if name in fields:
            fields.remove(name)
            own = [mask for mask in masks if mask.field == name]
            if not isinstance(value, str) or not all(value.startswith(mask.value, mask.start) for mask in own):
                raise _moved(source_name)
            pieces += [text[written : colon + 1], json.dumps(hidden(value, own), ensure_ascii=False)]
            written = end
        position = end + 1
    if fields:
        raise _moved(source_name)
    return "".join([*pieces, text[written:]])


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
