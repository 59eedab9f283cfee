"""Fields that people fill in with their own words: which they are, and what stands there."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import CharField, Expression, Q, TextField

from dsr.sources import reading
from dsr.sources.base import FreeText, Rows, Subject
from dsr.sources.fields import AS_IT_IS, Classified, Owner
from dsr.sources.json_text import JSON, where
from dsr.sources.selection import AnyField
from dsr.sources.sqlite_functions import install

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource


def is_free(field: AnyField, classified: Classified) -> bool:
    """Whether people write there in their own words: as declared, else any TextField without a list of choices."""
    if classified.owner in {Owner.THIRD_PERSON, Owner.UNDECIDED} or not may_be_free(field):
        return False
    return isinstance(field, TextField) if classified.free_text is None else classified.free_text


def may_be_free(field: AnyField) -> bool:
    """Whether the column holds text that no list limits."""
    return isinstance(field, CharField | TextField) and not field.flatchoices


def read(source: "ModelSource", subject: Subject, rows: Rows) -> Iterator[FreeText]:
    """The texts of each row once, in keyset order; what the copy hides of another person's row is not read."""
    if not source.free_text:
        return
    install(source.connection)
    for page in reading.pages(source, subject, _texts, rows):
        for *key, texts in page:
            row = source.row_key.text(source.row_key.load(key))
            yield from (FreeText(row, name, text) for name, text in json.loads(texts).items() if text)


def _texts(source: "ModelSource", own: Q | None) -> Expression:
    """The texts of a row as one line."""
    return JSON.line({name: _shown(source, own, name) for name in source.free_text})


def _shown(source: "ModelSource", own: Q | None, name: str) -> Expression:
    """The text of a field, and nothing where the copy shows a mask instead."""
    classified, value = source.fields[name], JSON.value(source.field(name), name)
    if not source.mentioned_by or classified.owner is not Owner.READER or classified.others_see is AS_IT_IS:
        return value
    return where(own, value, JSON.constant("")) if own is not None else JSON.constant("")
