"""The pages a person reads: ``index.html`` and the pages that continue it, offline, without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from dsr.packages import markup
from dsr.packages.inventory import Contents, Form, Holding, Inventory, Omission, PackedFile
from dsr.packages.names import legal_name
from dsr.packages.records import Record
from dsr.sources.activities import Activity
from dsr.sources.base import Source
from dsr.states import LEGAL_BASIS, Kind

FIRST_ROWS = 25  # in the index, which shows every source
PAGE_ROWS = 200
PAGE_BYTES = 192 * 1024  # of JSON; with a few thousand pages the list of them stays small
LINKED_PAGES = 12


@dataclass(frozen=True, slots=True)
class Link:
    """A file of the archive, as a page points to it."""

    href: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Section:
    """One source that holds something, ready to be shown."""

    source: Source
    anchor: str
    rows: int
    shown_rows: str
    json: Link | None
    csv: Link | None
    files: list[Link]
    first_page: SafeString
    pages: list[Link]
    last_page: Link | None


@dataclass(frozen=True, slots=True)
class Processing:
    """One activity that held something, with its sections."""

    activity: Activity
    sections: list[Section]


def rows(source: Source, batch: Sequence[Record], *, after: int, language: str) -> SafeString:
    """The records that follow the first ``after`` ones, as markup."""
    with translation.override(language):
        return markup.records(source, batch, after=after)


def page(contents: Contents, source: Source, records: SafeString, *, number: int, is_last: bool) -> bytes:
    """One page of records beyond those that the index shows."""
    context = {
        "source": source,
        "records": records,
        "number": number,
        "back": f"../index.html#{_anchor(source)}",
        "previous": quote(page_name(source, number - 1)) if number > 2 else "",  # noqa: PLR2004
        "next": "" if is_last else quote(page_name(source, number + 1)),
    }
    return _render("dsr/package/page.html", contents, context)


def page_name(source: Source, number: int) -> str:
    """The file name of one page; the first is part of the index."""
    return legal_name(f"{source.name}-{number}.html")


def index(inventory: Inventory) -> bytes:
    """The page to open first."""
    contents = inventory.contents
    with translation.override(contents.language):
        context = {
            "processings": _processings(inventory),
            "only_requests": inventory.holds_only_requests,
            "nothing_held": inventory.nothing_held(),
            "out_of_scope": contents.out_of_scope(),
            "omissions": [_omission(contents, omission) for omission in inventory.omissions],
        }
        return _render("dsr/package/index.html", contents, context)


def _render(template: str, contents: Contents, context: dict[str, Any]) -> bytes:
    """A page in the language of the package, with what every page says."""
    with translation.override(contents.language):
        shared = {
            "contents": contents,
            "legal_basis": LEGAL_BASIS[Kind(contents.kind)],
            "received_on": markup.day_in_words(contents.received_on),
            "made_on": markup.day_in_words(timezone.localtime(contents.made_at).date()),
            "newspaper": settings.DSR_NEWSPAPER_NAME,
            "site_url": settings.DSR_SITE_URL,
            "contact": settings.DSR_DPO_EMAIL,
            "postal_address": settings.DSR_POSTAL_ADDRESS,
        }
        return render_to_string(template, shared | context).encode(errors="replace")


def _processings(inventory: Inventory) -> list[Processing]:
    """The activities that held something, in the order of the sources."""
    return [
        Processing(activity, [_section(holding) for holding in holdings])
        for activity, holdings in inventory.activities().items()
    ]


def _section(holding: Holding) -> Section:
    """One source, with its files by link."""
    pages = [_link(file) for file in holding.of_form(Form.PAGE)]
    return Section(
        source=holding.source,
        anchor=_anchor(holding.source),
        rows=holding.rows,
        shown_rows=markup.grouped(holding.rows),
        json=_only(holding, Form.JSON),
        csv=_only(holding, Form.CSV),
        files=[_link(file) for file in holding.of_form(Form.FILE)],
        first_page=holding.first_page,
        pages=pages[:LINKED_PAGES],
        last_page=pages[-1] if len(pages) > LINKED_PAGES else None,
    )


def _only(holding: Holding, form: Form) -> Link | None:
    """Its file of a form of which there is at most one."""
    return next((_link(file) for file in holding.of_form(form)), None)


def _link(file: PackedFile) -> Link:
    """A relative link that any file system and browser resolves."""
    return Link(quote(file.path), file.name, file.size)


def _anchor(source: Source) -> str:
    """Where the index shows a source."""
    return f"source-{source.name}"


def _omission(contents: Contents, omission: Omission) -> dict[str, Any]:
    """One omission with its source in words."""
    label = next((source.label for source in contents.sources if source.name == omission.source), "")
    return {"source": label, "what": omission.what, "reason": omission.reason}
