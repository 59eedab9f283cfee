"""What a PDF by Typst shows and how it is tagged, read from its bytes: enough for tests, no reader of any other PDF."""

import re
import zlib
from collections.abc import Iterator

OBJECT = re.compile(rb"\n(\d+) 0 obj(.*?)\nendobj", re.DOTALL)
STREAM = re.compile(rb"(.*?)stream\r?\n(.*)\r?\nendstream", re.DOTALL)
BLOCK = re.compile(rb"\nBT\s.*?\nET", re.DOTALL)
FONT = re.compile(rb"/(f\d+) [\d.]+ Tf")
SIGN = re.compile(rb"\\[0-7]{1,3}|\\.|.", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def objects(pdf: bytes) -> dict[int, bytes]:
    """The objects by number, streams unpacked."""
    return {int(number): _unpacked(body) for number, body in OBJECT.findall(pdf)}


def pages(pdf: bytes) -> int:
    """How many pages there are."""
    return len(_pages(objects(pdf)))


def text(pdf: bytes) -> str:
    """The signs shown, line by line in the order in which they are drawn."""
    found = objects(pdf)
    return "\n".join("".join(_signs(found, page)) for page in _pages(found))


def roles(pdf: bytes) -> set[str]:
    """What the parts of the document are to a screen reader: H1, P, Table …"""
    return {role.decode() for role in re.findall(rb"/Type/StructElem/S/(\w+)", b"".join(objects(pdf).values()))}


def _unpacked(body: bytes) -> bytes:
    stream = STREAM.match(body)
    if stream is None:
        return body
    return stream[1] + (zlib.decompress(stream[2]) if b"/FlateDecode" in stream[1] else stream[2])


def _pages(found: dict[int, bytes]) -> list[bytes]:
    return [body for body in found.values() if re.search(rb"/Type/Page\b(?!s)", body)]


def _signs(found: dict[int, bytes], page: bytes) -> Iterator[str]:
    fonts = _fonts(found, page)
    for block in BLOCK.findall(found[_link(page, b"Contents")]):
        font = FONT.search(block)
        assert font, block
        codes = b"".join(_strings(block))
        yield from (fonts[font[1].decode()].get(codes[at : at + 2], "?") for at in range(0, len(codes), 2))
        yield "\n"


def _strings(block: bytes) -> Iterator[bytes]:
    """What stands in parentheses, byte by byte; those inside a string need no escape when they match."""
    depth = 0
    for sign in SIGN.findall(block):
        depth -= sign == b")"
        if depth > 0:
            yield _unescaped(sign)
        depth += sign == b"("


def _unescaped(sign: bytes) -> bytes:
    code = sign.removeprefix(b"\\")
    if code == sign:
        return sign
    return bytes([int(code, 8)]) if code.isdigit() else ESCAPES.get(code, code)


def _fonts(found: dict[int, bytes], page: bytes) -> dict[str, dict[bytes, str]]:
    """For each font of the page, the signs of its glyphs."""
    used = dict(re.findall(rb"/(f\d+) (\d+) 0 R", found[_link(page, b"Resources")]))
    return {name.decode(): dict(_glyphs(found[_link(found[int(font)], b"ToUnicode")])) for name, font in used.items()}


def _glyphs(table: bytes) -> Iterator[tuple[bytes, str]]:
    for glyph, signs in re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", table, re.MULTILINE):
        yield bytes.fromhex(glyph.decode()), bytes.fromhex(signs.decode()).decode("utf-16-be")


def _link(body: bytes, name: bytes) -> int:
    match = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert match, name
    return int(match[1])
