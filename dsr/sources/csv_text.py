"""One value as the text of a CSV cell (RFC 4180), written by the database or here: the same bytes either way.

Texts stand in quotation marks and can run nowhere; numbers and booleans stand bare; null is nothing at all.
"""

import re
from collections.abc import Mapping
from itertools import chain

from django.db.models import Expression, F
from django.db.models.functions import Coalesce

from dsr.sources.json_text import BARE, QUOTED, Form, Joined, Written, constant, text_of
from dsr.sources.selection import AnyField, value_field

# A spreadsheet takes these for the start of a formula, the full-width forms too (OWASP, CSV injection).
SIGNS = "=+-@\t\r\n＝＋－＠"
_FORMULA = re.compile(rf"'*[{re.escape(SIGNS)}]")
_NEGATIVE_NUMBER = re.compile(r"-[0-9]+([.,][0-9]+)?")
_SUSPECT = ", ".join(str(ord(sign)) for sign in f"'{SIGNS}")
LINE_END = b"\r\n"


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


def quoted(text: str) -> str:
    """A text as a cell."""
    return '"' + harmless(text).replace('"', '""') + '"'


def _quoting(text: str) -> str:
    return f"'\"' || REPLACE({text}, '\"', '\"\"') || '\"'"


def _harmless(text: str) -> str:
    return (
        f"CASE WHEN ASCII({text}) IN ({_SUSPECT}) AND {text} ~ E'^''*[=+@\\t\\r\\n＝＋－＠-]'"
        f" AND {text} !~ '^-[0-9]+([.,][0-9]+)?$' THEN '''' || {text} ELSE {text} END"
    )


class _Cell(Written):
    sqlite = postgresql = _quoting("%(expressions)s")


class _Harmless(Written):
    """``harmless``, asked only about texts whose first character calls for it."""

    sqlite = (
        "CASE WHEN UNICODE(%(expressions)s) BETWEEN 65 AND 65290 THEN %(expressions)s"  # most texts begin with a letter
        f" WHEN UNICODE(%(expressions)s) IN ({_SUSPECT}) THEN DSR_HARMLESS(%(expressions)s) ELSE %(expressions)s END"
    )
    postgresql = _harmless("%(expressions)s")


DOCUMENT, DOCUMENT_TEXT = "(%(expressions)s)::text", "(%(expressions)s #>> '{}')"


class _DocumentCell(Written):
    """A document is its JSON text, unless it is a mere text, number, truth or null."""

    sqlite = "DSR_DOCUMENT_CELL(%(expressions)s)"
    postgresql = (
        f"CASE JSONB_TYPEOF(%(expressions)s) WHEN 'null' THEN NULL"
        f" WHEN 'number' THEN {DOCUMENT} WHEN 'boolean' THEN {DOCUMENT}"
        f" WHEN 'string' THEN {_quoting(_harmless(DOCUMENT_TEXT))} ELSE {_quoting(DOCUMENT)} END"
    )


def csv_of(field: AnyField, path: str) -> Expression:
    """The value at a path as a cell."""
    kind = value_field(field).get_internal_type()
    if kind == "JSONField":
        return or_nothing(_DocumentCell(F(path)))
    text = text_of(field, path)
    if kind not in BARE:
        text = _Cell(text) if kind in QUOTED else _Cell(_Harmless(text))
    return or_nothing(text)


def or_nothing(text: Expression) -> Expression:
    """The text, or an empty cell where there is none."""
    return Coalesce(text, constant(""))


def csv_line(members: Mapping[str, Expression]) -> Expression:
    """One line of those cells, without its end."""
    return Joined(*list(chain.from_iterable((constant(","), cell) for cell in members.values()))[1:], constant(""))


CSV = Form(nothing="", said=quoted, value=csv_of, quoted=_Cell, line=csv_line)
