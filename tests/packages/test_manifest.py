"""The manifest obeys its schema, and its digests are those of the files."""

import hashlib
import json

import jsonschema
import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.packages import manifest
from dsr.packages.inventory import Omission
from dsr.sources.base import Column
from tests.packages.library import BILLING, Shelf, manifest_of, packed


def schema():
    return json.loads(manifest.SCHEMA.read_text(encoding="utf-8"))


def check(package):
    """The manifest, once the schema and every digest agree with it."""
    told = manifest_of(package)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(told, schema(), cls=jsonschema.Draft202012Validator, format_checker=checker)
    files = told["files"] + [file for source in told["sources"] for file in source["files"]]
    for file in files:
        content = package.read(file["path"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
    assert {file["path"] for file in files} == set(package.namelist()) - {"manifest.json"}
    return told


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema())


def test_an_empty_package_obeys_the_schema():
    assert check(packed())["sources"] == []


def test_a_full_package_obeys_the_schema():
    told = check(
        packed(
            Shelf("comments", rows=[{"id": 1, "text": "a" * 150_000}, {"id": 2, "text": "b" * 150_000}]),
            Shelf("invoices", rows=[{"total": "59.00"}], activity=BILLING),
            Shelf("support", files={"a.pdf": b"pdf", "b.pdf": None}),
            Shelf("bans"),
            Shelf("consents"),
            scope=dict.fromkeys(("comments", "invoices", "support", "bans"), "*"),
            omissions=(Omission("comments", "Note d’un modérateur", "Elle concerne un tiers."),),
        )
    )
    assert [source["rows"] for source in told["sources"]] == [2, 1, 0]
    assert [file["form"] for file in told["sources"][0]["files"]] == ["json", "csv", "page"]
    assert told["sources"][1]["purpose"] == "Vendre et livrer l’abonnement."
    assert [omission["what"] for omission in told["omissions"]] == ["Note d’un modérateur", "b.pdf"]
    assert (told["scope"], told["made_at"]) == ("partial", "2026-11-23T10:04:00Z")


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,12}", fullmatch=True),
        st.lists(st.fixed_dictionaries({"text": st.text(), "number": st.integers() | st.none()}), max_size=5),
        max_size=4,
    )
)
def test_whatever_sources_hold_the_manifest_agrees_with_the_files(shelves):
    told = check(packed(*(Shelf(name, rows=rows) for name, rows in shelves.items())))
    assert {each["name"]: each["rows"] for each in told["sources"]} == {
        name: len(rows) for name, rows in shelves.items() if rows
    }
    assert {each["name"] for each in told["nothing_held"]} == {name for name, rows in shelves.items() if not rows}


def test_the_columns_of_what_is_listed_are_told_and_obey_the_schema():
    inner = Column("letters", "Courriers", (Column("subject", "Objet"),))
    told = check(packed(Shelf("requests", rows=[{"letters": [{"subject": "a"}]}], columns=(inner,))))
    assert told["sources"][0]["columns"][0]["columns"] == [{"name": "subject", "label": "Objet"}]


def test_the_manifest_speaks_the_language_of_the_package():
    shelf = Shelf("days", label=gettext_lazy("Monday"), rows=[{"a": 1}])
    assert [manifest_of(packed(shelf, language=each))["sources"][0]["label"] for each in ("fr", "en")] == [
        "lundi",
        "Monday",
    ]


@pytest.mark.parametrize("wrong", [{"version": 2}, {"language": "de"}, {"extra": 1}, {"sources": [{}]}])
def test_the_schema_refuses_what_is_wrong(wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest_of(packed()) | wrong, schema())
