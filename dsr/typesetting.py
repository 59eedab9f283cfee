"""Documents in type: a Typst template and the data it shows, made into a tagged PDF that a screen reader can read."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, cast

import typst
from django.conf import settings

STANDARD: Final = "ua-1"  # PDF/UA-1 (ISO 14289-1): what does not conform is not made
TRIES: Final = 5

_UNSHOWN = re.compile(r'(?:the text|disallowed codepoint) `"(.+?)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_one_at_a_time = Lock()  # a compiler refuses a second document while it sets one


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Set the template, a path below ``templates/``, with the data that it reads from ``data.json``.

    The data is never markup: whatever a string holds is shown as it is. A sign that no font has, such as an emoji, is
    shown by its number, as PDF/UA allows no empty box in its place.
    """
    for _try in range(TRIES):
        try:
            return _compiled(template, data)
        except typst.TypstError as error:
            missing = dict(_unshown(error.diagnostic))
            if not missing:
                raise
            data = _spelt(data, missing)
    return _compiled(template, data)


def _compiled(template: str, data: Mapping[str, Any]) -> bytes:
    """As a file beside the template, for new inputs would make the compiler forget every paragraph that it has set."""
    compiler, source = _compiler(template)
    files = {"main.typ": source, "data.json": json.dumps(data).encode()}
    with _one_at_a_time:
        return cast(bytes, compiler.compile(input=cast(Any, files), format="pdf", pdf_standards=[STANDARD]))


@cache
def _compiler(template: str) -> tuple[typst.Compiler, bytes]:
    """One for each template, as it reads fonts once; with Typst's own fonts alone, the same everywhere."""
    folder = Path(settings.BASE_DIR) / "templates"
    source = (folder / template).read_bytes()
    return typst.Compiler(cast(Any, {"main.typ": source}), root=folder, ignore_system_fonts=True), source


def _unshown(diagnostic: str) -> Iterator[tuple[int, str]]:
    """The signs that the compiler could not show, each with what is shown instead."""
    for text in _UNSHOWN.findall(diagnostic):
        for sign in _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text):
            if not sign.isascii() or not sign.isprintable():
                yield ord(sign), f"[U+{ord(sign):04X}]"


def _spelt(data: Any, instead: dict[int, str]) -> Any:
    """The data with other words for some signs, however deep they stand."""
    if isinstance(data, str):
        return data.translate(instead)
    if isinstance(data, Mapping):
        return {name: _spelt(value, instead) for name, value in data.items()}
    return [_spelt(each, instead) for each in data] if isinstance(data, list) else data
