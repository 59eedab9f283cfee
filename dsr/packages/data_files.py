"""The two machine-readable forms of a source's records: a JSON array and its CSV twin, from pages of lines."""

from collections.abc import Iterable, Iterator, Sequence

from dsr.packages.cells import visible_bytes
from dsr.sources.base import Column
from dsr.sources.csv_text import LINE_END, quoted

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the local code page


def json_array(pages: Iterable[list[bytes]]) -> Iterator[bytes]:
    """An array with one record a line (RFC 8259)."""
    before = b"[\n"
    for lines in pages:
        yield before + b",\n".join(lines)
        before = b",\n"
    yield b"\n]\n" if before == b",\n" else b"[]\n"


def csv_table(columns: Sequence[Column], pages: Iterable[list[bytes]]) -> Iterator[bytes]:
    """The same records under the columns' names (RFC 4180), for spreadsheets: UTF-8 with a mark, nothing that runs."""
    yield f"{BYTE_ORDER_MARK}{','.join(quoted(column.name) for column in columns)}".encode() + LINE_END
    for lines in pages:
        yield visible_bytes(LINE_END.join([*lines, b""]))
