"""A reader's records as markup: few columns make a table, many make one card a record; whatever they hold is inert."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.utils import dateformat, timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from dsr.packages.cells import Number, nested, visible
from dsr.packages.records import Record
from dsr.sources.base import Column, Source

GRID_COLUMNS = 4  # a wider table cannot be read on a telephone, nor on paper

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?")

Labelled = Sequence[tuple[Column, str]]

# The hour by language; French says « 1er » of a day and separates hours with an h.
_TIME = {"fr": "à\u00a0{0.hour}\u202fh\u202f{0:%M}", "en": "at {0:%H:%M}"}


def records(source: Source, batch: Sequence[Record], *, after: int) -> SafeString:
    """The records that follow the first ``after`` ones, in the active language."""
    columns = source.columns()
    if len(columns) <= GRID_COLUMNS:
        return SafeString(_grid(source, columns, batch, after))
    labelled = _labelled(columns)
    cards = (_card(source, labelled, each, after + number) for number, each in enumerate(batch, 1))
    return SafeString("\n".join(cards))


def day_in_words(day: date) -> str:
    """« 23 novembre 2026 », "23 November 2026"."""
    return _day_in_words(day.year, day.month, day.day, get_language())


@lru_cache(maxsize=1024)
def _day_in_words(year: int, month: int, day: int, language: str | None) -> str:
    first = language == "fr" and day == 1
    return dateformat.format(date(year, month, day), r"1\e\r F Y" if first else "j F Y")


def instant_in_words(instant: datetime) -> str:
    """The day and the hour in Paris."""
    local = timezone.localtime(instant) if timezone.is_aware(instant) else instant
    return f"{day_in_words(local)} {_TIME[get_language() or 'fr'].format(local)}"


def grouped(number: int) -> str:
    """A count with its thousands apart."""
    return number_format(number, force_grouping=True)


def _grid(source: Source, columns: Sequence[Column], batch: Sequence[Record], after: int) -> str:
    """A table whose cells carry their heading, so that a narrow screen can stack them; roles survive the stacking."""
    labels = [escape(str(column.label)) for column in columns]
    heads = "".join(f'<th role="columnheader" scope="col">{label}</th>' for label in labels)
    lines = "\n".join(_line(columns, labels, record) for record in batch)
    caption = gettext("%(source)s, n° %(first)s à %(last)s") if len(batch) > 1 else gettext("%(source)s, n° %(first)s")
    words = {"source": str(source.label), "first": grouped(after + 1), "last": grouped(after + len(batch))}
    return (
        f'<table class="grid" role="table"><caption>{escape(caption % words)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n<tbody role="rowgroup">{lines}</tbody></table>'
    )


def _line(columns: Sequence[Column], labels: Iterable[str], record: Record) -> str:
    """One record as a line of the table."""
    cells = (
        f'<td role="cell" data-label="{label}" dir="auto">{_value(record[column.name], column.columns) or "—"}</td>'
        for column, label in zip(columns, labels, strict=True)
    )
    return f'<tr role="row">{"".join(cells)}</tr>'


def _labelled(columns: Sequence[Column]) -> Labelled:
    """The columns with their labels as markup."""
    return [(column, escape(str(column.label))) for column in columns]


def _card(source: Source, columns: Labelled, record: Record, number: int) -> str:
    """One record under its number, empty fields left out: the data files have them."""
    title = gettext("%(source)s, n° %(first)s") % {"source": str(source.label), "first": grouped(number)}
    return f'<article class="card"><h4>{escape(title)}</h4>{_fields(columns, record)}</article>'


def _fields(columns: Labelled, record: Record) -> str:
    """Each filled field under its label."""
    filled = "".join(
        f'<div><dt>{label}</dt><dd dir="auto">{value}</dd></div>'
        for column, label in columns
        if (value := _value(record.get(column.name), column.columns))
    )
    return f"<dl>{filled}</dl>"


def _list(columns: Sequence[Column], records: Sequence[Record]) -> str:
    """What belongs to a record, one after the other."""
    labelled = _labelled(columns)
    return "".join(f"<li>{_fields(labelled, each)}</li>" for each in records)


def _value(value: Any, columns: Sequence[Column] = ()) -> str:
    """One value in words, as markup; nothing when there is nothing. With ``columns`` it is a list of objects."""
    if columns:
        return f'<ul class="inner">{_list(columns, value)}</ul>' if value else ""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, Number):
        return escape(value)
    if isinstance(value, str):
        return _time(value) or escape(visible(value))
    return escape(visible(nested(value)))


def _time(text: str) -> str:
    """A date or an instant in words, with what was written beside it for machines; nothing for another text."""
    try:
        if _DATE.fullmatch(text):
            words = day_in_words(date.fromisoformat(text))
        elif _INSTANT.fullmatch(text):
            words = instant_in_words(datetime.fromisoformat(text))
        else:
            return ""
    except (ValueError, OverflowError):
        return ""
    return f'<time datetime="{escape(text)}">{escape(words)}</time>'
