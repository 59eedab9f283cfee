"""The copy of a reader's rows: columns, records as JSON or CSV, uploaded files, rows in words."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Expression, F, FileField, Model, Q, QuerySet
from django.utils import formats, timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from dsr.sources import reading
from dsr.sources.activities import Text
from dsr.sources.base import Attachment, Codes, Column, Rows, RowSummary, Subject
from dsr.sources.csv_text import CSV
from dsr.sources.fields import AS_IT_IS, Classified, Owner
from dsr.sources.json_text import JSON, Form, where
from dsr.sources.selection import AnyField, Key, in_rows, pages
from dsr.sources.sqlite_functions import install, safe_name

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

SHOWN_CHARACTERS = 80
NAMED_AT_ONCE = 500


def columns(source: "ModelSource") -> tuple[Column, ...]:
    """The exported fields in declared order; a code is followed by its meaning."""
    return tuple(chain.from_iterable(_columns(source, name, each) for name, each in source.exported.items()))


def _columns(source: "ModelSource", name: str, classified: Classified) -> Iterator[Column]:
    yield Column(name, classified.label)
    if _explained(source.field(name), classified):
        yield Column(f"{name}_label", _("%(label)s (en clair)") % {"label": classified.label})


def codes(source: "ModelSource") -> tuple[tuple[Text, Codes], ...]:
    """The exported fields that hold codes, each with what they mean."""
    coded = ((source.field(name), each) for name, each in source.exported.items())
    return tuple((each.label, _meanings(field)) for field, each in coded if _explained(field, each))


def _meanings(field: AnyField) -> Codes:
    return tuple((str(code), meaning) for code, meaning in field.flatchoices if code not in (None, ""))


def _explained(field: AnyField, classified: Classified) -> bool:
    return bool(field.flatchoices) and classified.owner is not Owner.THIRD_PERSON


def collect(source: "ModelSource", subject: Subject, rows: Rows) -> Iterator[str]:
    """Each row once as JSON text, in the order of its key, whatever tied it to the reader."""
    return (line.decode() for line in chain.from_iterable(lines(source, subject, rows, JSON)))


def lines(source: "ModelSource", subject: Subject, rows: Rows, form: Form) -> Iterator[list[bytes]]:
    """The same rows in any form, in UTF-8, a page at a time."""
    install(source.connection)
    for page in reading.pages(source, subject, RECORDS[form], rows):
        yield list(map(reading.LINE, page))


def keyed_lines(source: "ModelSource", subject: Subject, rows: Sequence[str]) -> Iterator[tuple[str, bytes, bytes]]:
    """Those rows in both forms, each with its key as ``rows`` names it."""
    for start in range(0, len(rows), NAMED_AT_ONCE):
        some = rows[start : start + NAMED_AT_ONCE]
        cells = dict(_keyed(source, subject, some, CSV))
        yield from ((key, line, cells[key]) for key, line in _keyed(source, subject, some, JSON))


def _keyed(source: "ModelSource", subject: Subject, rows: Rows, form: Form) -> Iterator[tuple[str, bytes]]:
    install(source.connection)
    for page in reading.pages(source, subject, RECORDS[form], rows):
        for row in page:
            yield source.row_key.text(source.row_key.load(row[:-1])), reading.LINE(row)


def _record(form: Form, source: "ModelSource", own: Q | None) -> Expression:
    """One row as a line; in a row that only mentions the reader, what is the other person's is masked."""
    members: dict[str, Expression] = {}
    for name, classified in source.exported.items():
        field = source.field(name)
        mask = partial(_masked, source, own, form, classified)
        members[name] = mask(_value(source, form, field, name, classified))
        if _explained(field, classified):
            members[f"{name}_label"] = mask(form.label_of(name, field.flatchoices))
    return form.line(members)


RECORDS: Final = {form: partial(_record, form) for form in (JSON, CSV)}


def _value(source: "ModelSource", form: Form, field: AnyField, name: str, classified: Classified) -> Expression:
    if classified.owner is Owner.THIRD_PERSON:
        return form.unless_empty(source.empty(name), form.constant(classified.role))
    if isinstance(field, FileField):
        key = list(zip(source.row_key.fields, source.row_key.names, strict=True))
        return form.archive_path(f"{source.name}", _prefix(source, name), name, key)
    return form.value(field, name)


def _masked(source: "ModelSource", own: Q | None, form: Form, classified: Classified, value: Expression) -> Expression:
    if not source.mentioned_by or classified.owner is not Owner.READER or classified.others_see is AS_IT_IS:
        return value
    mask = form.constant(classified.others_see)
    return where(own, value, mask) if own is not None else mask


def _prefix(source: "ModelSource", name: str) -> str:
    """What keeps two files of one row apart; a row that can hold one file needs nothing."""
    return f"{name}-" if len(source.file_fields) > 1 else ""


def attachments(source: "ModelSource", subject: Subject, rows: Rows) -> Iterator[Attachment]:
    """The files of the reader's own rows, under the names that the records give."""
    names = [name for name in source.file_fields if name in source.exported]
    for condition in source.branches(subject) if names else ():
        found = source.rows().filter(condition, in_rows(source.row_key, rows))
        for page in pages(found.values(*source.row_key.names, *names), source.row_key):
            yield from chain.from_iterable(_attached(source, row, names) for row in page)


def _attached(source: "ModelSource", row: dict[str, Any], names: list[str]) -> Iterator[Attachment]:
    key = "-".join(str(safe_name(part)) for part in source.row_key.dump(tuple(row[n] for n in source.row_key.names)))
    for name in names:
        if stored := row[name]:
            path = f"files/{source.name}/{key}-{_prefix(source, name)}{safe_name(stored)}"
            yield Attachment(path, partial(source.storage(name).open, stored, "rb"))


def summaries(source: "ModelSource", subject: Subject, limit: int) -> list[RowSummary]:
    """The newest of the reader's own rows, in the words that the declaration gives."""
    if not source.summary or limit <= 0:
        return []
    order = [name for name in (source.dated_by, *source.row_key.names) if name]
    newest: dict[Key, Model] = {}
    for way in source.branches(subject):
        found: QuerySet[Model] = source.rows().filter(way).order_by(*(F(name).desc(nulls_last=True) for name in order))
        newest |= {source.key_of(row): row for row in found[:limit]}
    rows = sorted(newest.values(), key=lambda row: _age(row, order), reverse=True)
    return [RowSummary(source.row_key.text(source.key_of(row)), source.summarise(row)) for row in rows[:limit]]


def _age(row: Model, order: list[str]) -> list[tuple[bool, Any]]:
    """What sorts rows by age; where nothing says, before all others."""
    values = [getattr(row, name) for name in order]
    return [(value is not None, value) for value in values]


class InWords(dict[str, str]):
    """The fields of a row as a template asks for them: dates in words, codes explained, long texts cut."""

    def __init__(self, source: "ModelSource", row: Model) -> None:
        super().__init__()
        self._source, self._row = source, row

    def __missing__(self, name: str) -> str:
        """Read one field; raises FieldDoesNotExist."""
        return _in_words(self._source.field(name), self._row)


def _in_words(field: AnyField, row: Model) -> str:
    value = field.value_from_object(row)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if field.get_internal_type() == "DateTimeField" and value is not None:
        value = timezone.localtime(value).date()
    if isinstance(value, date):
        return formats.date_format(value, "j F Y")
    if value is None:
        return ""
    return Truncator(" ".join(str(formats.localize(value)).split())).chars(SHOWN_CHARACTERS)
