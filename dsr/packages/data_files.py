"""The two machine-readable forms of a source's records: a JSON array and its CSV twin."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from dsr.packages.cells import cell, harmless
from dsr.packages.records import Record
from dsr.sources.base import Column

CHUNK_BYTES = 64 * 1024
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the local code page


def json_array(lines: Iterable[bytes]) -> Iterator[bytes]:
    """An array with one record a line (RFC 8259)."""
    return gathered(_array_pieces(lines))


def csv_table(columns: Sequence[Column], records: Iterable[Record]) -> Iterator[bytes]:
    """The same records under the columns' names (RFC 4180), for spreadsheets: UTF-8 with a mark, nothing that runs."""
    buffer = io.StringIO(BYTE_ORDER_MARK, newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    names = [column.name for column in columns]
    writer.writerow([harmless(name) for name in names])
    for record in records:
        writer.writerow([cell(record[name]) for name in names])
        if buffer.tell() >= CHUNK_BYTES:
            yield _emptied(buffer)
    yield _emptied(buffer)


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Small pieces joined into large ones, which compress and encrypt several times quicker."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)


def _array_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Brackets and commas around the lines."""
    before = b"[\n"
    for line in lines:
        yield before
        yield line
        before = b",\n"
    yield b"\n]\n" if before == b",\n" else b"[]\n"


def _emptied(buffer: io.StringIO) -> bytes:
    """What a buffer holds; it starts again."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
