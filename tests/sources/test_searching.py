"""Old values are found wherever text stands, in one scan of each table, and nothing is found that is another's."""

from functools import partial
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField, HStoreField
from django.contrib.postgres.search import SearchVectorField
from django.db import connection
from django.db.models import (
    BinaryField,
    BooleanField,
    CharField,
    DateTimeField,
    EmailField,
    FileField,
    FloatField,
    GenericIPAddressField,
    IntegerField,
    JSONField,
    Model,
    SlugField,
    TextField,
    URLField,
)
from django.test.utils import CaptureQueriesContext, isolate_apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr.readers.models import Comment
from dsr.sources import registry, remembering, searching
from dsr.sources.fields import Sought
from dsr.sources.model_source import ModelSource
from dsr.sources.needles import Needle, Needles, OldValue
from dsr.sources.selection import RowKey
from tests.sources import shelf
from tests.sources.readers import ALICE, BOB, account, comment, everywhere, known_by
from tests.sources.test_properties import a_world

pytestmark = pytest.mark.django_db

OLD = Needles.of(
    [
        OldValue("email", ALICE),
        OldValue("phone", "06 12 34 56 78"),
        OldValue("number", "A-998877"),
        OldValue("number", "4217"),
    ]
)
PLANTED = [ALICE, "+33 6 12 34 56 78", "A-998877"]
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def models() -> list[ModelSource]:
    """Every source of the newspaper over a model."""
    return [each for each in registry.sources() if isinstance(each, ModelSource)]


def every_column() -> list[Any]:
    """Each text column of each claimed table, those of the shelf's odd shapes too."""
    return [
        pytest.param(source, name, id=f"{source.name}.{name}")
        for source in (*models(), shelf.Drawers(), shelf.Slots(), shelf.Nodes())
        for name, field in source.table.fields.items()
        if not field.is_relation
    ]


def textual_columns(table: str) -> set[str]:
    """What the database itself calls text."""
    names = {"postgresql": "information_schema.columns", "sqlite": f"pragma_table_info('{table}')"}[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"SELECT name, type FROM {names}")
        else:
            cursor.execute(f"SELECT column_name, data_type FROM {names} WHERE table_name = %s", [table])
        types = cursor.fetchall()
    return {name for name, kind in types if searching.TEXTUAL.search(kind)}


@pytest.mark.parametrize(
    "source", [*models(), shelf.Drawers(), shelf.Slots(), shelf.Nodes()], ids=lambda each: each.name
)
def test_every_column_that_the_database_calls_text_is_searched(source):
    assert {field.column for field in source.table.fields.values()} == textual_columns(source.model._meta.db_table)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("email", "alice@example.org", "Écrivez à ALICE@Example.ORG."),
        ("email", "alice@example.org", "https://x.example/?e=alice%40example.org&b=1"),
        ("email", "alice@example.org", "mailto:alice&#64;example.org"),
        ("email", "a.b+c@example.org", "%20a.b%2Bc%40example.org"),
        ("email", "jérôme@exemple.fr", "JÉRÔME@exemple.fr"),
        ("phone", "06 12 34 56 78", "tél. +33 (0)6.12.34.56.78"),
        ("phone", "+33612345678", "06-12-34-56-78"),
        ("phone", "0612345678", "0033 6 12 34 56 78"),
        ("phone", "0612345678", "33612345678"),
        ("phone", "+32 470 12 34 56", "0032470123456"),
        ("number", "A-998877", "abonné a-998877."),
        ("number", "4217", "4217"),
        ("name", "Le Goff", "signé LE  GOFF"),
        ("ip", "192.0.2.7", "depuis 192.0.2.7."),
    ],
)
def test_a_value_is_found_as_people_write_it(kind, value, text):
    needle = Needle(Sought(kind), value.lower())
    assert needle.within(text, strictly=True)
    assert not needle.within(needle.masked(text), strictly=False)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("email", "ana@example.org", "joana@example.org"),
        ("email", "ana@example.org", "marie-ana@example.org"),
        ("email", "ana@example.org", "ana@example.org-x"),
        ("phone", "0612345678", "10612345678"),
        ("phone", "0612345678", "06123456789"),
        ("number", "A-998877", "BA-998877"),
        ("number", "4217", "le 4217"),
        ("name", "Rose", "roseraie"),
        ("ip", "192.0.2.7", "192.0.2.77"),
    ],
)
def test_another_value_is_not_taken_for_it(kind, value, text):
    assert not Needle(Sought(kind), value).within(text, strictly=True)


def test_an_empty_value_is_never_looked_for():
    assert not Needles.of([OldValue("email", " "), OldValue("name", ""), OldValue("phone", "-")]).each


ODD = st.sampled_from(["", " ", "é", "«\u00a0", "\n", "😀", "(", "œ", '"', "\\", "%", "<b>", "ﬁ", "مرحبا", "...", "/"])
CASES = st.sampled_from([str.upper, str.lower, str.title, str.swapcase])


def plant(source: ModelSource, name: str, text: str) -> Any:
    """Write the text into that column of somebody's row; returns its key, None when the column cannot hold it."""
    field = source.table.fields[name]
    room = field.max_length or len(text)
    if not searching.is_maskable(field) or len(text) > room or name in source.row_key.names:
        return None
    row = source.rows().order_by("pk")[0]
    value = {"a": [1, {text: None}]} if isinstance(field, JSONField) else text
    source.rows().filter(pk=row.pk).update(**{name: value})
    return source.key_of(row)


@pytest.fixture
def newspaper(db):
    """Bob, who has something in every table, and a drawer, a slot and a node."""
    everywhere(BOB, "Bob")
    shelf.Drawer.objects.create(owner="bob")
    shelf.Slot.objects.create(shelf=1, place="a", owner="bob")
    shelf.Node.objects.create(owner="bob")


@pytest.mark.parametrize(("source", "name"), every_column())
@pytest.mark.usefixtures("newspaper")
def test_what_is_planted_in_any_column_is_found_and_nothing_else(source, name):
    assert not source.table.search(OLD, after=None).hits
    key = plant(source, name, "à\u00a0ALICE@example.ORG")
    found = source.table.search(OLD, after=None).hits
    assert [(hit.key, hit.field, set(hit.kinds)) for hit in found] == ([(key, name, {"email"})] if key else [])


@pytest.mark.usefixtures("newspaper")
@few
@given(where=st.sampled_from(every_column()), value=st.sampled_from(PLANTED), before=ODD, after=ODD, cased=CASES)
def test_it_is_found_in_odd_company(where, value, before, after, cased):
    source, name = where.values
    with a_world():
        key = plant(source, name, f"{before}{cased(value)}{after}")
        found = [hit.key for hit in source.table.search(OLD, after=None).hits]
        assert found == ([key] if key else [])


@few
@given(st.text(), st.text(), CASES)
def test_an_address_inside_a_word_of_ones_own_row_is_found(before, after, cased):
    assert Needle(Sought.EMAIL, ALICE).within(f"{before}{cased(ALICE)}{after}", strictly=False)


def test_one_statement_reads_a_page_for_all_columns_and_values(newspaper):
    for number in range(5):
        comment(content=f"{number} alice@example.org")
    table = registry.source("comments").table
    with CaptureQueriesContext(connection) as queries:
        page = table.search(OLD, after=None, size=100)
    assert len(page.hits) == 5
    assert page.after is None
    assert sum(" LIKE " in query["sql"] for query in queries) == 1
    assert len(queries) == 2


@pytest.mark.parametrize(
    "column",
    [
        CharField(max_length=9),
        SlugField(),
        URLField(),
        FileField(),
        EmailField(),
        TextField(),
        JSONField(),
        GenericIPAddressField(),
        ArrayField(CharField(max_length=9)),
        HStoreField(),
        SearchVectorField(),
    ],
    ids=lambda column: type(column).__name__,
)
def test_each_kind_of_column_that_may_hold_a_text_is_searched(column):
    assert searching.holds_text(column, connection)


@pytest.mark.parametrize("column", [IntegerField(), BooleanField(), DateTimeField(), BinaryField(), FloatField()])
def test_no_other_is(column):
    assert not searching.holds_text(column, connection)


LISTS = [JSONField(), *([ArrayField(TextField())] if connection.vendor == "postgresql" else [])]


@isolate_apps("dsr")
@pytest.mark.parametrize("column", LISTS, ids=lambda column: type(column).__name__)
@pytest.mark.parametrize("value", [*PLANTED, "4217"])
def test_a_member_of_a_list_is_found(column, value):
    class Tagged(Model):  # noqa: DJ008 - nobody reads its name
        tags = column.clone()

        class Meta:
            app_label = "dsr"

    kind = Tagged._meta.get_field("tags").db_type(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE dsr_tagged (id bigint PRIMARY KEY, tags {kind})")
    Tagged.objects.create(id=1, tags=["un", "deux"])
    Tagged.objects.create(id=2, tags=["un", value])
    hits = searching.Table(Tagged, "default", RowKey(Tagged)).search(OLD, after=None).hits
    assert [(hit.key, hit.field) for hit in hits] == [((2,), "tags")]


def test_rows_that_hold_something_are_read_a_few_at_a_time(newspaper, monkeypatch):
    """However many of a page do: their texts together may be long."""
    monkeypatch.setattr(searching, "READ_AT_ONCE", 2)
    keys = [(comment(content=f"{number} {ALICE}").pk,) for number in range(5)]
    found, after, pages = [], None, 0
    while pages == 0 or after:
        page = registry.source("comments").table.search(OLD, after=after, size=4)
        assert len(page.hits) <= 2
        found += [hit.key for hit in page.hits]
        after, pages = page.after, pages + 1
    assert found == keys
    assert pages <= 5


@pytest.mark.parametrize(
    "source", [registry.source("comments"), shelf.Slots(), shelf.SlotsByName()], ids=["one", "two", "named"]
)
def test_pages_go_through_a_table_once(source):
    if source.model is Comment:
        keys = [(comment(content=ALICE).pk,) for _row in range(7)]
    else:
        keys = [(1, f"{row}") for row in range(7)]
        for shelved, place in keys:
            shelf.Slot.objects.create(shelf=shelved, place=place, owner="x", label=ALICE)
    found, after = [], None
    for _page in range(4):
        page = source.table.search(OLD, after=after, size=2)
        found += [hit.key for hit in page.hits]
        after = page.after
    assert after is None
    assert sorted(map(sorted, map(partial(map, str), found))) == sorted(map(sorted, map(partial(map, str), keys)))


def test_a_short_number_is_not_looked_for_where_numbers_are_codes(newspaper):
    source = registry.source("accounts")
    source.rows().update(postcode="4217", city="4217")
    assert {hit.field for hit in source.table.search(OLD, after=None).hits} == {"city"}


def test_what_stood_in_the_rows_is_remembered_with_its_kind():
    everywhere(ALICE, "Alicia")
    reader = registry.expand(known_by(email=ALICE))
    pages = [page for source in models() for page in remembering.old_rows(source, reader)]
    values = {value for page in pages for value in page.values}
    assert {OldValue("email", ALICE), OldValue("name", "Alicia"), OldValue("number", "A-Alicia")} <= values
    assert OldValue("ip", "192.0.2.2") in values
    assert {key for page in pages for key in page.keys} >= set(
        Comment.objects.filter(author_name="Alicia").values_list("pk")
    )


def test_an_address_that_leads_to_somebody_else_is_told_apart():
    everywhere(BOB, "Bob")
    hers = account(ALICE)
    comment(account=hers, author_email=BOB)
    reader = registry.expand(known_by(email=ALICE))
    wanted = [OldValue("email", ALICE), OldValue("email", BOB)]
    assert remembering.somebody_elses(models(), reader, wanted) == {OldValue("email", BOB)}
