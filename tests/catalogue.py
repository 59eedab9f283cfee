"""The sentences of the product and their English: every msgid of code and templates, and the catalogue beside them.

``python -m tests.catalogue`` brings dsr/locale/en up to date with the code, without the gettext tools: what is new
comes in untranslated, what is gone goes out, and the compiled file is written anew.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "dsr" / "locale" / "en" / "LC_MESSAGES" / "django.po"
LAZY = {"gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2), "gettext_noop": None}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    **LAZY,
}
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


# The same on every run, so that the catalogue changes only when a sentence does.
WRITTEN_AT = datetime(2026, 11, 23, tzinfo=UTC)
HEADER = """# English for the product, whose source language is French.
msgid ""
msgstr ""
"Project-Id-Version: dsr\\n"
"PO-Revision-Date: 2026-11-23 00:00+0000\\n"
"Last-Translator: \\n"
"Language-Team: \\n"
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def sentences() -> Catalog:
    """Every msgid that code and templates use, with the files it comes from; nothing is translated."""
    catalogue = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for path in sorted(_sources()):
        for _line, message, _comments, context in extract("python", io.BytesIO(_python(path)), keywords=KEYWORDS):
            catalogue.add(message, locations=[(path.relative_to(ROOT).as_posix(), 0)], context=context)
    return catalogue


def english() -> Catalog:
    """The catalogue as it is kept; empty when there is none."""
    if not ENGLISH.exists():
        return Catalog(locale="en")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def compiled() -> Catalog:
    """The catalogue as Django reads it."""
    with ENGLISH.with_suffix(".mo").open("rb") as file:
        return read_mo(file)


def untranslated(catalogue: Catalog) -> list[str]:
    """The msgids of the product that the catalogue lacks, leaves empty or marks as doubtful."""
    return [str(message.id) for message in sentences() if message.id and not _is_translated(catalogue, message)]


def _is_translated(catalogue: Catalog, message: Message) -> bool:
    known = catalogue.get(message.id, message.context)
    if known is None or known.fuzzy:
        return False
    return all(known.string) if isinstance(known.string, tuple) else bool(known.string)


def _sources() -> Iterator[Path]:
    for folder in ("dsr", "site_config"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)
    yield from (ROOT / "templates").rglob("*.html")
    yield from (ROOT / "templates").rglob("*.txt")


def _python(path: Path) -> bytes:
    """A file as Python: a template's translated parts alone, each where it stood, without the indentation."""
    text = path.read_text()
    return (text if path.suffix == ".py" else INDENT.sub("", templatize(text, origin=str(path)))).encode()


def main() -> None:
    """Bring the catalogue up to date and say how many sentences still wait for their English."""
    catalogue = english()
    catalogue.update(sentences(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.creation_date = catalogue.revision_date = WRITTEN_AT
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        file.write(HEADER.encode())
        write_po(
            file, catalogue, width=120, omit_header=True, sort_output=True, include_lineno=False, ignore_obsolete=True
        )
    with ENGLISH.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    sys.stdout.write(f"{len(untranslated(catalogue))} of {len(catalogue)} sentences wait for their English\n")


if __name__ == "__main__":
    main()
