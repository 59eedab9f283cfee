"""A row as the text of one JSON object, written by the database: the same bytes from SQLite and from PostgreSQL.

Texts are escaped where RFC 8259 asks for it and nowhere else. Instants are UTC with six digits of microseconds;
decimals, and durations in seconds, are texts with all their digits; binary is hexadecimal. Booleans, whole numbers,
floating ones and documents are themselves, and null is null.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from django.db.models import Case, DecimalField, Expression, F, Func, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce

from dsr.sources.selection import AnyField, value_field

SAFE_NAME_LENGTH = 60  # with the row's key before it, still a legal name for the archive (100 characters)
UNSAFE = "[^A-Za-z0-9._-]"
MEMBERS = 63  # SQLite gives a function 127 arguments at most
UNLESS_NULL = "CASE WHEN %(expressions)s IS NOT NULL THEN"  # SQLite prints null as zero, and as no byte at all


class Written(Func):
    """A text that each engine writes in its own way: ``sqlite`` and ``postgresql`` are the templates."""

    output_field = TextField()
    sqlite = postgresql = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Write it for SQLite."""
        return self.as_sql(compiler, connection, template=self.sqlite, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Write it for PostgreSQL."""
        return self.as_sql(compiler, connection, template=self.postgresql, **extra)


class Joined(Func):
    """Texts, one after the other."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TextField()


class _Quoted(Written):
    sqlite = "JSON_QUOTE(CAST(%(expressions)s AS TEXT))"
    postgresql = "TO_JSON((%(expressions)s)::text)::text"


class _Truth(Written):
    sqlite = "CASE %(expressions)s WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    postgresql = "(%(expressions)s)::text"


class _Text(Written):
    sqlite = "CAST(%(expressions)s AS TEXT)"
    postgresql = "(%(expressions)s)::text"


class _Day(Written):
    postgresql = "TO_CHAR(%(expressions)s, 'YYYY-MM-DD')"


class _Instant(Written):
    sqlite = (
        "SUBSTR(%(expressions)s, 1, 10) || 'T' || SUBSTR(%(expressions)s, 12, 8)"
        " || '.' || SUBSTR(SUBSTR(%(expressions)s, 21) || '000000', 1, 6) || 'Z'"
    )
    postgresql = "TO_CHAR(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


class _Clock(Written):
    sqlite = "SUBSTR(%(expressions)s, 1, 8) || '.' || SUBSTR(SUBSTR(%(expressions)s, 10) || '000000', 1, 6)"
    postgresql = "TO_CHAR(DATE '2000-01-01' + %(expressions)s, 'HH24:MI:SS.US')"


class _Seconds(Written):
    sqlite = f"{UNLESS_NULL} PRINTF('%%%%.6f', %(expressions)s / 1000000.0) END"
    postgresql = "(EXTRACT(EPOCH FROM %(expressions)s)::numeric(24, 6))::text"


class _Uuid(Written):
    sqlite = (
        "SUBSTR(%(expressions)s, 1, 8) || '-' || SUBSTR(%(expressions)s, 9, 4) || '-' || SUBSTR(%(expressions)s, 13, 4)"
        " || '-' || SUBSTR(%(expressions)s, 17, 4) || '-' || SUBSTR(%(expressions)s, 21)"
    )
    postgresql = "(%(expressions)s)::text"


class _Address(Written):
    postgresql = "HOST(%(expressions)s)"


class _Hexadecimal(Written):
    sqlite = f"{UNLESS_NULL} LOWER(HEX(%(expressions)s)) END"
    postgresql = "ENCODE(%(expressions)s, 'hex')"


class _Document(Written):
    sqlite = "DSR_DOCUMENT(%(expressions)s)"
    postgresql = "(%(expressions)s)::text"


class _Float(Written):
    sqlite = "DSR_FLOAT(%(expressions)s)"
    postgresql = (
        "CASE WHEN (%(expressions)s)::text NOT IN ('NaN', 'Infinity', '-Infinity') THEN (%(expressions)s)::text END"
    )


class _SafeName(Written):
    sqlite = "DSR_SAFE_NAME(%(expressions)s)"
    postgresql = (
        f"RIGHT(REGEXP_REPLACE(REGEXP_REPLACE(%(expressions)s, '^.*/', ''), '{UNSAFE}', '_', 'g'), {SAFE_NAME_LENGTH})"
    )


def _decimal(field: AnyField, expression: Expression) -> Expression:
    """Write a decimal with all the places of its column."""
    places = field.decimal_places or 0 if isinstance(field, DecimalField) else 0
    written = Written(expression)
    written.sqlite = f"{UNLESS_NULL} PRINTF('%%%%.{places}f', %(expressions)s) END"
    written.postgresql = f"ROUND(%(expressions)s, {places})::text"
    return written


Writer = Callable[[AnyField, Any], Expression]

WHOLE_NUMBERS = (
    "AutoField",
    "BigAutoField",
    "SmallAutoField",
    "IntegerField",
    "BigIntegerField",
    "SmallIntegerField",
    "PositiveIntegerField",
    "PositiveBigIntegerField",
    "PositiveSmallIntegerField",
)

BARE: Mapping[str, Writer] = {
    **dict.fromkeys(WHOLE_NUMBERS, lambda _field, value: _Text(value)),
    "BooleanField": lambda _field, value: _Truth(value),
    "FloatField": lambda _field, value: _Float(value),
    "JSONField": lambda _field, value: _Document(value),
}

QUOTED: Mapping[str, Writer] = {
    "DateField": lambda _field, value: _Day(value),
    "DateTimeField": lambda _field, value: _Instant(value),
    "TimeField": lambda _field, value: _Clock(value),
    "DurationField": lambda _field, value: _Seconds(value),
    "DecimalField": _decimal,
    "UUIDField": lambda _field, value: _Uuid(value),
    "GenericIPAddressField": lambda _field, value: _Address(value),
    "BinaryField": lambda _field, value: _Hexadecimal(value),
}


def text_of(field: AnyField, path: str) -> Expression:
    """The value at a path as plain text, in the form that the copy gives it."""
    field = value_field(field)
    kind = field.get_internal_type()
    writer = BARE.get(kind) or QUOTED.get(kind) or (lambda _field, value: _Text(value))
    return writer(field, F(path))


class _Plain(Func):
    """A value as JSON text, and as the text or the whole number that ``JSON_OBJECT`` makes the same text of."""

    def __init__(self, written: Expression, plain: Expression | F) -> None:
        super().__init__(written, plain, output_field=TextField())

    def as_sql(self, compiler: Any, connection: Any, *_template: Any, **_context: Any) -> Any:  # noqa: ARG002
        """Write it as JSON text."""
        return compiler.compile(self.source_expressions[0])

    def plain(self, compiler: Any) -> Any:
        """Write it as it is."""
        return compiler.compile(self.source_expressions[1])


def json_of(field: AnyField, path: str) -> Expression:
    """The value at a path as JSON text."""
    text, kind = text_of(field, path), value_field(field).get_internal_type()
    if kind in WHOLE_NUMBERS:
        return _Plain(or_null(text), F(path))
    return or_null(text) if kind in BARE else _Plain(or_null(_Quoted(text)), text)


def or_null(text: Expression) -> Expression:
    """The text, or null where there is none."""
    return Coalesce(text, constant("null"))


def constant(text: str) -> Expression:
    """A text that stands in the statement."""
    return Cast(Value(text), TextField())


def where(condition: Q, then: Expression, otherwise: Expression) -> Expression:
    """One text or the other."""
    return Case(When(condition, then=then), default=otherwise, output_field=TextField())


def json_object(members: Mapping[str, Expression]) -> Expression:
    """One object of those members, in that order, without a space."""
    return _Object(members)


class _Object(Func):
    """Joined from the texts of its members; SQLite's own ``JSON_OBJECT`` writes the same bytes in half the time."""

    def __init__(self, members: Mapping[str, Expression]) -> None:
        super().__init__(*members.values(), output_field=TextField())
        self.names = tuple(members)

    def as_sql(self, compiler: Any, connection: Any, *_template: Any, **_context: Any) -> Any:  # noqa: ARG002
        """Join the texts."""
        return compiler.compile(Joined(*self._parts(), constant("}")))

    def _parts(self) -> Iterator[Expression]:
        if not self.names:
            yield constant("{")
        for name, value, opening in zip(self.names, self.source_expressions, chain("{", repeat(",")), strict=False):
            yield constant(f"{opening}{_json_string(name)}:")
            yield value

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """Have it made, unless it is too wide, or holds a document, whose spaces it would take out."""
        nested = chain.from_iterable(each.flatten() for each in self.source_expressions)
        if len(self.names) > MEMBERS or any(isinstance(each, _Document) for each in nested):
            return self.as_sql(compiler, connection)
        texts: list[str] = []
        parameters: list[Any] = []
        for name, value in zip(self.names, self.source_expressions, strict=True):
            if isinstance(value, _Plain):
                text, given = value.plain(compiler)
            else:
                text, given = compiler.compile(value)
                text = f"JSON({text})"
            texts.append(f"%s, {text}")
            parameters += [name, *given]
        return f"JSON_OBJECT({', '.join(texts)})", parameters


@dataclass(frozen=True, slots=True)
class Form:
    """How the values of a row make one line of text: ``nothing`` stands for null, ``said`` writes a text of ours."""

    nothing: str
    said: Callable[[str], str]
    value: Callable[[AnyField, str], Expression]
    quoted: Callable[[Expression], Expression]
    line: Callable[[Mapping[str, Expression]], Expression]

    def constant(self, text: object) -> Expression:
        """A text of ours."""
        return constant(self.said(str(text)))

    def label_of(self, path: str, choices: Sequence[tuple[Any, Any]]) -> Expression:
        """What a code means; a code that means nothing any more is null."""
        whens = [When(Q((path, code)), then=self.constant(label)) for code, label in choices if code not in (None, "")]
        return Case(*whens, default=constant(self.nothing), output_field=TextField())

    def unless_empty(self, empty: Q, otherwise: Expression) -> Expression:
        """Null where nothing stands."""
        return where(empty, constant(self.nothing), otherwise)

    def archive_path(self, source_name: str, prefix: str, path: str, key: Sequence[tuple[AnyField, str]]) -> Expression:
        """Where the uploaded file stands in the archive; ``copying.attachments`` writes the same."""
        parts: list[Expression] = [constant(f"files/{source_name}/")]
        for each, name in key:
            parts += [_SafeName(text_of(each, name)), constant("-")]
        parts += [constant(prefix), _SafeName(F(path))]
        return self.unless_empty(Q((path, "")) | Q((f"{path}__isnull", True)), self.quoted(Joined(*parts)))


def _json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


JSON = Form(nothing="null", said=_json_string, value=json_of, quoted=_Quoted, line=json_object)
