"""Newspapers that Hypothesis invents: two tables, each of whose fields is classified at random, and rows to go in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.core.signals import setting_changed
from django.db import models
from hypothesis import strategies as st

from dsr.sources import registry
from dsr.sources.fields import (
    BLANK_OWN_FIELDS,
    ERASE,
    LEAVE,
    Classified,
    Shared,
    by,
    kept,
    not_personal,
    personal,
    third_person,
)
from dsr.sources.model_source import ModelSource
from tests.sources.readers import TODAY, subject
from tests.sources.shelf import ACTIVITY, APPS

BLANK, WITH_ROW, THIRD, NOBODY = "blank", "with row", "third", "nobody"
KEPT, KEPT_LONGER, KEPT_ON_BOTH, KEPT_WITH_ROW = "kept", "kept longer", "kept on both", "kept with row"
FIVE_YEARS, TEN_YEARS = kept("LITIGE-5", since="filed_on"), kept("COMPTA", since="filed_on")
GROUNDS = {
    KEPT: (FIVE_YEARS,),
    KEPT_LONGER: (TEN_YEARS,),
    KEPT_ON_BOTH: (FIVE_YEARS, TEN_YEARS),
    KEPT_WITH_ROW: (FIVE_YEARS, TEN_YEARS),
}
READERS = ("alice", "bob")
ALICE = subject(owner="alice")


class Filed(models.Model):  # noqa: DJ008 - its children say
    """What both tables hold: two readers, their words, what somebody else said, a day and an upload."""

    owner = models.CharField(max_length=40, blank=True)
    other = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=40, blank=True)
    remark = models.TextField(null=True)  # noqa: DJ001 - what is blanked to null
    keeper = models.CharField(max_length=40, blank=True)
    filed_on = models.DateField(null=True)
    scan = models.FileField(blank=True, upload_to="scans")

    class Meta:
        app_label, apps, abstract = "sources", APPS, True


class Folder(Filed):
    """Stands below another folder, perhaps."""

    above = models.ForeignKey("self", models.SET_NULL, null=True, related_name="below")

    class Meta:
        app_label, apps = "sources", APPS

    def __str__(self) -> str:
        return f"Folder {self.pk}"


class Page(Filed):
    """Stands in a folder, perhaps."""

    folder = models.ForeignKey(Folder, models.PROTECT, null=True, related_name="pages")

    class Meta:
        app_label, apps = "sources", APPS

    def __str__(self) -> str:
        return f"Page {self.pk}"


class Pages(ModelSource):
    """Declared anew for each example, as ``Folders``: the setting names them here."""


class Folders(ModelSource):
    """The table that pages point at comes last."""


MODELS = (Folder, Page)
BLANKS: Mapping[str, Any] = {"owner": "", "other": "", "note": "parti", "remark": None, "filed_on": None, "scan": ""}


@dataclass(frozen=True)
class Declared:
    """How one table is classified."""

    kinds: Mapping[str, str]
    shared: Shared
    owns: tuple[str, ...]

    def fields(self, relation: str) -> dict[str, Classified]:
        """The words of the declaration."""
        told = {name: _classified(name, kind) for name, kind in self.kinds.items()}
        return {"id": not_personal(because="Un numéro."), relation: not_personal(because="Un fil."), **told}


def _classified(name: str, kind: str) -> Classified:
    blank = {"erased_to": BLANKS.get(name, "")}
    match kind:
        case "third":
            return third_person(name, role="quelqu’un")
        case "nobody":
            return not_personal(because="À personne.")
        case _:
            may_blank = {} if kind in {WITH_ROW, KEPT_WITH_ROW} else blank
            return personal(name, **may_blank, kept=GROUNDS.get(kind, ()))


@st.composite
def declared(draw: st.DrawFn, *, pointed_at: bool) -> Declared:
    """One that the system checks let pass: where a row may stay, a reader's field may be blanked, or is kept."""
    shared, stays = draw(st.sampled_from([LEAVE, BLANK_OWN_FIELDS, ERASE])), pointed_at or draw(st.booleans())
    readers = [BLANK, KEPT, KEPT_LONGER, KEPT_ON_BOTH] if stays else [BLANK, WITH_ROW]
    own = [each for each in readers if each != WITH_ROW] if shared is BLANK_OWN_FIELDS else readers
    stuck = [KEPT_WITH_ROW] if stays and not pointed_at and shared is not BLANK_OWN_FIELDS else []
    anything = [*readers, *stuck, THIRD, NOBODY]
    owns = draw(st.sampled_from([(), ("note",)])) if shared is BLANK_OWN_FIELDS else ()
    kinds = {name: draw(st.sampled_from(own)) for name in ("owner", "other", *owns)}
    kinds |= {
        name: draw(st.sampled_from(anything)) for name in ("note", "remark", "keeper", "scan") if name not in kinds
    }
    holds = GROUNDS.keys() & set(kinds.values())
    kinds["filed_on"] = draw(st.sampled_from([KEPT_ON_BOTH, NOBODY] if holds else [*readers, NOBODY]))
    return Declared(kinds, shared, owns)


@dataclass(frozen=True)
class Written:
    """A row to be: whose it is, perhaps somebody else's too, since when, and the folder that it names, by number."""

    owner: str
    other: str
    filed_on: date | None
    place: int | None
    filled: bool


rows = st.lists(
    st.builds(
        Written,
        owner=st.sampled_from(["alice", "alice", "bob", "carol", ""]),
        other=st.sampled_from(["", "", "alice", "bob"]),
        filed_on=st.none() | st.dates(date(2014, 1, 1), TODAY),
        place=st.none() | st.integers(0, 5),
        filled=st.booleans(),
    ),
    max_size=6,
)


@dataclass(frozen=True)
class Newspaper:
    """Two declarations and their rows."""

    folders: Declared
    pages: Declared
    folder_rows: list[Written]
    page_rows: list[Written]


newspapers = st.builds(
    Newspaper, folders=declared(pointed_at=True), pages=declared(pointed_at=False), folder_rows=rows, page_rows=rows
)


@contextmanager
def published(newspaper: Newspaper) -> Iterator[dict[str, ModelSource]]:
    """The two sources, pages first, with their rows written."""
    with pytest.MonkeyPatch.context() as patch:
        made = {
            "Pages": _source(Page, newspaper.pages, "folder", ()),
            "Folders": _source(Folder, newspaper.folders, "above", ("below", "Page.folder")),
        }
        for name, kind in made.items():
            patch.setattr(f"{__name__}.{name}", kind)
        patch.setattr("django.conf.settings.DSR_SOURCES", [f"{__name__}.{name}" for name in made])
        setting_changed.send(sender=None, setting="DSR_SOURCES", value=None, enter=True)
        _write(newspaper)
        yield {source.name: source for source in registry.sources()}  # type: ignore[misc]
    setting_changed.send(sender=None, setting="DSR_SOURCES", value=None, enter=False)


def _source(model: type[Filed], said: Declared, relation: str, stays_for: tuple[str, ...]) -> type[ModelSource]:
    name = f"{model.__name__.lower()}s"
    links = (by("owner", "owner", owns=said.owns), by("owner", "other"))
    told = {"label": name, "description": name, "activity": ACTIVITY, "model": model, "identified_by": links}
    more = {"name": name, "fields": said.fields(relation), "shared": said.shared, "stays_for": stays_for}
    return type(name.title(), (ModelSource,), {**told, **more})


def _write(newspaper: Newspaper) -> None:
    """Every text names its table, its row and its field, so that it can stand nowhere else."""
    folders = Folder.objects.bulk_create(_rows(Folder, newspaper.folder_rows))
    for folder, each in zip(folders, newspaper.folder_rows, strict=True):
        folder.above = _place(folders, each)
    Folder.objects.bulk_update(folders, ["above"])
    pages = _rows(Page, newspaper.page_rows)
    for page, each in zip(pages, newspaper.page_rows, strict=True):
        page.folder = _place(folders, each)
    Page.objects.bulk_create(pages)


def _place(folders: list[Folder], each: Written) -> Folder | None:
    return folders[each.place % len(folders)] if folders and each.place is not None else None


def _rows(model: type[Any], written: list[Written]) -> list[Any]:
    return [
        model(
            owner=each.owner,
            other=each.other,
            filed_on=each.filed_on,
            **{
                name: f"{model.__name__}-{number}-{name}" if each.filled else {"remark": None}.get(name, "")
                for name in ("note", "remark", "keeper", "scan")
            },
        )
        for number, each in enumerate(written)
    ]


Dump = dict[tuple[str, int], dict[str, Any]]


def dump() -> Dump:
    """Every row of both tables."""
    return {(f"{model.__name__.lower()}s", row["id"]): row for model in MODELS for row in model.objects.values()}


def is_alices(row: Mapping[str, Any]) -> bool:
    """Said in another way than the declarations do."""
    return "alice" in {row["owner"], row["other"]}


def has_two_readers(row: Mapping[str, Any]) -> bool:
    """Hers, and somebody else's."""
    return is_alices(row) and len({row["owner"], row["other"]} - {""}) == 2
