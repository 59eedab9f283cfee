"""What a body may be: JSON in UTF-8, of a bounded size, or nothing."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class TooLarge(APIException):
    """The body is longer than ``DATA_UPLOAD_MAX_MEMORY_SIZE``; no more than that was read."""

    status_code = 413


class JsonBody(BaseParser):
    """JSON as RFC 8259 has it: UTF-8 whatever the charset claimed, no NaN, bounded in size and depth."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        """Read one JSON value; raises TooLarge and ParseError."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge
        try:
            return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("Le corps de la requête n’est pas du JSON valable.")) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
