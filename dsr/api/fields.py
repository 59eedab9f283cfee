"""The fields bodies are made of: strict about types, so that what the schema says is what is accepted."""

import re
from datetime import datetime
from typing import Any

from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

NAME_LENGTH = 64
ROWS_LIMIT = 10_000
SLUG = re.compile(rf"[A-Za-z0-9_-]{{1,{NAME_LENGTH}}}")


class Text(serializers.CharField):
    """A string; numbers are not taken for strings, NUL characters and lone surrogates are refused."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Refuse another JSON type before any conversion."""
        if data not in (None, serializers.empty) and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)


class Email(Text, serializers.EmailField):
    """An e-mail address."""


class ArticleAddress(Text):
    """The address of a published article."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, **kwargs)
        self.validators.append(URLValidator(schemes=["http", "https"]))


class Instant(serializers.DateTimeField):
    """An instant; one written without its offset is that of Paris, where the calendar bears one."""

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse the two edges of the calendar, which have no other time zone."""
        try:
            return super().enforce_timezone(value)
        except OverflowError:
            self.fail("overflow")


class Flag(serializers.BooleanField):
    """A JSON boolean; ``"yes"`` and ``1`` are not."""

    def to_internal_value(self, data: Any) -> bool:
        """Refuse what merely looks true."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "oneOf": [
                {"type": "string", "const": "*"},
                {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH}},
            ]
        },
        "examples": [{}, {"comments": "*"}, {"comments": ["12", "15"]}],
    }
)
class ScopeField(serializers.Field[Any, Any, Any, Any]):
    """A scope: names of sources, each with ``"*"`` or a list of row keys; an empty one is everything."""

    default_error_messages = {
        "not_an_object": _("Donnez un objet : le nom de chaque source, avec « * » ou une liste de clés."),
        "too_many": _("Trop de lignes : {limit} au plus."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Check the shape; whether the sources exist is the domain's to say."""
        if not isinstance(data, dict) or not all(_is_name(name) and _is_choice(rows) for name, rows in data.items()):
            self.fail("not_an_object")
        if sum(len(rows) for rows in data.values()) > ROWS_LIMIT:
            self.fail("too_many", limit=ROWS_LIMIT)
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        """As it is stored."""
        return value


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and SLUG.fullmatch(name) is not None


def _is_choice(rows: Any) -> bool:
    return rows == "*" or (isinstance(rows, list) and bool(rows) and all(_is_key(row) for row in rows))


def _is_key(row: Any) -> bool:
    return isinstance(row, str) and 0 < len(row) <= NAME_LENGTH and row.isprintable()
