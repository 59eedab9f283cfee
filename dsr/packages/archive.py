"""The answer to an access request as one ZIP, written as a stream: memory does not grow with the reader's data."""

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from time import monotonic
from typing import Any

from django.utils import timezone
from isal import isal_zlib
from stream_zip import ZIP_64, stream_zip

from dsr.packages import data_files, letter, manifest, readable
from dsr.packages.inventory import MISSING_FILE, Contents, Form, Holding, Inventory, Omission, PackedFile
from dsr.packages.names import free_name, legal_name
from dsr.packages.records import Records
from dsr.packages.vault import VaultError
from dsr.packages.withholding import withheld
from dsr.sources.base import Attachment, Rows, Source

CHUNK_BYTES = 64 * 1024
HEARTBEAT_SECONDS = 1.0
MEMBER_MODE = stat.S_IFREG | 0o644
RAW_DEFLATE = -15

Heartbeat = Callable[[int], None]
Member = tuple[str, Any, int, Any, Iterable[bytes]]
Open = Callable[[], Iterator[bytes]]


def stream(contents: Contents, *, heartbeat: Heartbeat = lambda _rows: None) -> Iterator[bytes]:
    """The archive, piece by piece; the same contents give the same bytes.

    ``heartbeat`` is told about once a second how many rows were read so far; what it raises ends the packing. Raises
    SourceError, SourceChangedError when rows moved meanwhile, OSError when a file breaks off.
    """
    return zipped(Packing(contents, heartbeat).members())


def zipped(members: Iterator[Member]) -> Iterator[bytes]:
    """The members as one ZIP, each Zip64, so that no size is too large."""
    return iter(stream_zip(members, get_compressobj=_compressor))


def _compressor() -> Any:
    """ISA-L deflates several times quicker than zlib, for a slightly larger file."""
    return isal_zlib.compressobj(isal_zlib.ISAL_DEFAULT_COMPRESSION, isal_zlib.DEFLATED, RAW_DEFLATE)


class _Pulse:
    """Counts what passes and calls the heartbeat when a second is over: beating costs a commit."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat
        self._rows = 0
        self._last = monotonic()

    def rows(self, number: int) -> None:
        """So many more rows were read."""
        self._rows += number
        self.beat()

    def beat(self) -> None:
        """Something passed."""
        if monotonic() - self._last >= HEARTBEAT_SECONDS:
            self._heartbeat(self._rows)
            self._last = monotonic()


class Packing:
    """One archive being written; ``stream_zip`` finishes each member before it asks for the next."""

    def __init__(self, contents: Contents, heartbeat: Heartbeat) -> None:
        self._contents = contents
        self._pulse = _Pulse(heartbeat)
        self.inventory = Inventory(contents, omissions=list(contents.omissions))
        self._made_at = timezone.localtime(contents.made_at)

    def members(self) -> Iterator[Member]:
        """Source by source, then letter and index, which count them, then the manifest, which has all digests."""
        for source, rows in self._contents.in_scope():
            holding = Holding(source)
            self.inventory.holdings.append(holding)
            records = self._records(source, rows)
            yield from self._data(holding, records)
            yield from self._pages(holding, records)
            yield from self._files(holding, rows)
        told = [letter.document(self.inventory)]
        yield self._member("letter.pdf", Form.LETTER, told, self.inventory.files)
        index = [readable.index(self.inventory)]
        yield self._member("index.html", Form.INDEX, index, self.inventory.files)
        yield self._plain_member("manifest.json", [manifest.build(self.inventory)])

    def data(self) -> Iterator[Member]:
        """The JSON and the CSV of every source alone, which is what its speed is measured by."""
        for source, rows in self._contents.in_scope():
            yield from self._data(Holding(source), self._records(source, rows))

    def _data(self, holding: Holding, records: Records) -> Iterator[Member]:
        """The records of one source as JSON and as CSV; nothing when there are none."""
        source = holding.source
        pages = records.json()
        first = next(pages, None)
        if first is None:
            return
        json_path, csv_path = (f"data/{legal_name(f'{source.name}.{form}')}" for form in (Form.JSON, Form.CSV))
        yield self._member(json_path, Form.JSON, data_files.json_array(chain([first], pages)), holding.files)
        holding.rows = records.rows
        self.inventory.omissions += withheld(source)
        table = data_files.csv_table(source.columns(), records.csv())
        yield self._member(csv_path, Form.CSV, table, holding.files)

    def _records(self, source: Source, rows: Rows) -> Records:
        return Records(
            source,
            self._contents.subject,
            rows=rows,
            language=self._contents.language,
            pulse=self._pulse.rows,
            rewritten=self._contents.rewritten.get(source.name, {}),
        )

    def _pages(self, holding: Holding, records: Records) -> Iterator[Member]:
        """The first page goes into the index, the others are members of their own."""
        if not records.rows:
            return
        already = 0
        batches = records.batches(first=readable.FIRST_ROWS, rows=readable.PAGE_ROWS, size=readable.PAGE_BYTES)
        for number, (batch, is_last) in enumerate(batches, start=1):
            markup = readable.rows(holding.source, batch, after=already, language=self._contents.language)
            already += len(batch)
            if number == 1:
                holding.first_page = markup
            else:
                page = readable.page(self._contents, holding.source, markup, number=number, is_last=is_last)
                path = f"pages/{readable.page_name(holding.source, number)}"
                yield self._member(path, Form.PAGE, [page], holding.files)

    def _files(self, holding: Holding, rows: Rows) -> Iterator[Member]:
        """The files of one source; one that cannot be opened is an omission."""
        taken: set[str] = set()
        folder = legal_name(holding.source.name)
        for name, opened in self._openers(holding, rows):
            file_name = free_name(name, taken)
            try:
                chunks = opened()
                first = next(chunks, b"")
            except (OSError, VaultError):
                holding.missing += 1
                self.inventory.omissions.append(Omission(holding.source.name, file_name, MISSING_FILE))
            else:
                yield self._member(f"files/{folder}/{file_name}", Form.FILE, chain([first], chunks), holding.files)

    def _openers(self, holding: Holding, rows: Rows) -> Iterator[tuple[str, Open]]:
        """The name of each file, and how to read it: what the reader uploaded, then what staff handed in.

        A source may name a file by its whole path in the archive, as its records do.
        """
        for attachment in holding.source.attachments(self._contents.subject, rows=rows):
            yield attachment.name.rpartition("/")[2], partial(_chunks, attachment)
        for upload in self._contents.uploads:
            if upload.source == holding.source.name:
                yield upload.name, upload.open

    def _member(self, path: str, form: Form, chunks: Iterable[bytes], files: list[PackedFile]) -> Member:
        """A member that enters the inventory once it is written."""
        return self._plain_member(path, self._counted(path, form, chunks, files))

    def _plain_member(self, path: str, chunks: Iterable[bytes]) -> Member:
        """A member as ``stream_zip`` wants it."""
        return path, self._made_at, MEMBER_MODE, ZIP_64, chunks

    def _counted(self, path: str, form: Form, chunks: Iterable[bytes], files: list[PackedFile]) -> Iterator[bytes]:
        """Digest what passes."""
        digest, size = hashlib.sha256(), 0
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            self._pulse.beat()
            yield chunk
        files.append(PackedFile(path, form, size, digest.hexdigest()))


def _chunks(attachment: Attachment) -> Iterator[bytes]:
    """The bytes of one uploaded file."""
    with attachment.open() as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
