"""The format of a WordPress export (WXR 1.2), read as a stream: one comment in memory at a time, never the file.

The parser refuses every DOCTYPE, hence every entity bomb and every external entity. Nothing is built for the elements
that are not asked for, so memory does not grow with the file.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import IO, Any, NamedTuple
from xml.parsers.expat import errors

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

VERSION = "1.2"
CHUNK_BYTES = 256 * 1024
LONGEST_TEXT = 1_000_000  # characters of one element: WordPress allows a comment 65,525 bytes
FORBIDDEN_BYTES = bytes(set(range(0x20)) - set(b"\t\n\r"))  # XML has no place for them, old WordPress exports do
TAG = re.compile(r"\{https?://wordpress\.org/export/1\.[0-9]/\}(.+)")
WANTED = {
    "channel": {"link", "wp:wxr_version", "wp:base_blog_url"},
    "item": {"title", "link", "wp:post_date_gmt", "wp:post_date"},
    "wp:comment": {
        "wp:comment_id",
        "wp:comment_author",
        "wp:comment_author_email",
        "wp:comment_author_url",
        "wp:comment_author_IP",
        "wp:comment_date",
        "wp:comment_date_gmt",
        "wp:comment_content",
        "wp:comment_approved",
        "wp:comment_type",
        "wp:comment_parent",
    },
}
TRUNCATED = {
    errors.XML_ERROR_NO_ELEMENTS,
    errors.XML_ERROR_UNCLOSED_TOKEN,
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    errors.XML_ERROR_PARTIAL_CHAR,
}
CAUSES = {
    errors.XML_ERROR_INVALID_TOKEN: gettext_lazy("caractère ou balise illisible"),
    errors.XML_ERROR_TAG_MISMATCH: gettext_lazy("une balise est fermée par une autre"),
    errors.XML_ERROR_UNDEFINED_ENTITY: gettext_lazy("entité inconnue"),
    errors.XML_ERROR_BAD_CHAR_REF: gettext_lazy("référence à un caractère interdit"),
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: gettext_lazy("du texte suit la fin du document"),
    errors.XML_ERROR_UNBOUND_PREFIX: gettext_lazy("préfixe de balise non déclaré"),
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: gettext_lazy("attribut écrit deux fois"),
    errors.XML_ERROR_UNKNOWN_ENCODING: gettext_lazy("encodage inconnu"),
    errors.XML_ERROR_SYNTAX: gettext_lazy("ce n’est pas du XML"),
}


class NotAnExport(Exception):  # noqa: N818
    """The file cannot be read as a WordPress export; the sentence names the line and the cause, and no content."""


class ExportedComment(NamedTuple):
    """One comment as the file gives it: ``texts`` and ``article`` by element name, ``line`` where it begins."""

    line: int
    texts: dict[str, str]
    article: dict[str, str]


class Export:
    """One export being read: what its head says, then its comments.

    ``site``: the blog's address as written; ``authors``: how many staff authors it lists; ``dropped``: how many
    characters that XML forbids were left out.
    """

    def __init__(self) -> None:
        self.authors = 0
        self.dropped = 0
        self._head: dict[str, str] = {}
        self._article: dict[str, str] = {}
        self._comment: dict[str, str] = {}
        self._comment_line = 0
        self._ready: list[ExportedComment] = []
        self._path: list[str] = []
        self._text: list[str] | None = None
        self._length = 0
        self._versioned = False
        self._parser: Any = XMLParser(target=self, forbid_dtd=True)
        self._expat = self._parser.parser  # the parser lets go of it when closed

    @property
    def site(self) -> str:
        return self._head.get("wp:base_blog_url") or self._head.get("link", "")

    @property
    def line(self) -> int:
        """The line that the parser has reached, counted from 1."""
        return int(self._expat.CurrentLineNumber)

    def comments(self, stream: IO[bytes], *, on_read: Callable[[int], object]) -> Iterator[ExportedComment]:
        """Every comment in the order of the file, pingbacks included; ``on_read`` is told how many bytes were read.

        Raises NotAnExport, after earlier comments were given: the caller undoes them.
        """
        keeps_bytes: bool | None = None
        while chunk := stream.read(CHUNK_BYTES):
            if keeps_bytes is None:
                keeps_bytes = chunk.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16 uses the forbidden bytes
            yield from self._parsed(chunk if keeps_bytes else self._allowed(chunk))
            on_read(len(chunk))
        yield from self._parsed(None)  # expat may have put off the last pieces
        self._check_version()

    def _allowed(self, chunk: bytes) -> bytes:
        kept = chunk.translate(None, FORBIDDEN_BYTES)
        self.dropped += len(chunk) - len(kept)
        return kept

    def _parsed(self, chunk: bytes | None) -> Iterator[ExportedComment]:
        """The comments that end in this piece; None is the end of the file."""
        try:
            self._parser.close() if chunk is None else self._parser.feed(chunk)
        except ParseError as error:
            raise NotAnExport(_malformed(error)) from error
        except DefusedXmlException as error:
            raise NotAnExport(
                _("Ligne %(line)d : le fichier déclare un DOCTYPE ou des entités, un export WordPress jamais.")
                % {"line": self.line}
            ) from error
        yield from self._ready
        self._ready.clear()

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - called by the parser
        name = _short(tag)
        self._path.append(name)
        if self._text is not None:
            self._refuse(_("une balise au milieu d’un texte, que WordPress aurait protégée par CDATA"))
        if len(self._path) == 1 and name != "rss":
            self._refuse(_("ce n’est pas un export WordPress : la première balise n’est pas « rss »"))
        if name == "item":
            self._check_version()
            self._article = {}
        elif name == "wp:comment":
            self._comment, self._comment_line = {}, self.line
        parent = self._path[-2] if len(self._path) > 1 else ""
        self._text = [] if name in WANTED.get(parent, ()) else None
        self._length = 0

    def data(self, text: str) -> None:
        if self._text is None:
            return
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            self._refuse(_("un texte de plus d’un million de caractères"))
        self._text.append(text)

    def end(self, tag: str) -> None:  # noqa: ARG002 - called by the parser
        name = self._path.pop()
        if self._text is not None:
            owner = {"channel": self._head, "item": self._article}.get(self._path[-1], self._comment)
            owner[name] = "".join(self._text)
            self._text = None
        if name == "wp:comment":
            self._ready.append(ExportedComment(self._comment_line, self._comment, self._article))
        elif name == "wp:author":
            self.authors += 1

    def close(self) -> None:
        """Nothing is left to build."""

    def _check_version(self) -> None:
        """Once, before the first article: a later version may mean other things by the same names."""
        if self._versioned:
            return
        version = self._head.get("wp:wxr_version", "").strip()
        if not version:
            self._refuse(_("ce n’est pas un export WordPress : la version du format (wp:wxr_version) manque"))
        if version != VERSION:
            self._refuse(
                _("export WordPress de version %(version)s, seule la version 1.2 est lue") % {"version": version[:20]}
            )
        self._versioned = True

    def _refuse(self, cause: str) -> None:
        raise NotAnExport(_("Ligne %(line)d : %(cause)s.") % {"line": self.line, "cause": cause})


@lru_cache(maxsize=1024)
def _short(tag: str) -> str:
    """``wp:comment`` whatever the export namespace's number and scheme; other namespaces keep theirs."""
    found = TAG.fullmatch(tag)
    return f"wp:{found[1]}" if found else tag


def _malformed(error: ParseError) -> str:
    line, column = error.position
    reason = errors.messages[error.code]
    if reason in TRUNCATED:
        return _("Ligne %(line)d : le fichier s’arrête avant sa fin ; il est vide ou tronqué.") % {"line": line}
    return _("Ligne %(line)d, colonne %(column)d : XML mal formé, %(cause)s.") % {
        "line": line,
        "column": column + 1,
        "cause": CAUSES.get(reason, reason),
    }
