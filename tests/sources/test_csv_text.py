"""No cell of a CSV file can run in a spreadsheet, and the databases write the very bytes that Python would."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr.packages import cells
from dsr.packages.cells import Number
from dsr.sources import csv_text
from tests.sources.readers import subject
from tests.sources.shelf import Drawer, Drawers

TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")


@pytest.mark.parametrize("text", ["=1+1", "+33123456789", "@SUM(A1)", "-cmd|' /C calc'!A0", "\t=1", "\r=1", "＝1"])
def test_a_text_that_would_run_gets_an_apostrophe(text):
    assert csv_text.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-12.50", "-12,50", "Bonjour", "", "c’est =1", "2026-11-23"])
def test_amounts_and_ordinary_texts_stay_as_they_are(text):
    assert csv_text.harmless(text) == text


@settings(deadline=None)
@given(st.text())
def test_taking_the_apostrophe_away_gives_the_original(text):
    assert csv_text.original(csv_text.harmless(text)) == text


@settings(deadline=None)
@given(st.text() | st.sampled_from(TRIGGERS).flatmap(lambda sign: st.text().map(lambda text: sign + text)))
def test_no_cell_starts_a_formula(text):
    shown = csv_text.harmless(text)
    assert not shown.startswith(TRIGGERS) or shown[1:].replace(".", "").replace(",", "").isdigit()


# PostgreSQL holds no NUL; a text that starts like a formula, holds quotation marks or controls is what matters here.
LOWEST = "\x01" if connection.vendor == "postgresql" else "\0"
PLAIN = st.text(st.characters(min_codepoint=ord(LOWEST), exclude_categories=("Cs",)), max_size=12)
STARTS = st.sampled_from([*TRIGGERS, "'", "''=", "-1", "-1,5", "\x1b=", '"', ",", ""])
TEXTS = st.builds(lambda start, rest: start + rest, STARTS, PLAIN) | st.from_regex(
    r"-[0-9]+([.,][0-9]+)?", fullmatch=True
)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6, width=32)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS.filter(lambda text: "\0" not in text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé", max_size=3), inner, max_size=3),
    max_leaves=5,
)
ROWS = st.fixed_dictionaries(
    {
        "text": TEXTS,
        "keeper": st.sampled_from(["", "Rose"]),
        "colour": st.sampled_from(["", "r", "b", "x"]),
        "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
        "truth": st.none() | st.booleans(),
        "decimal": st.none() | st.decimals(-(10**6), 10**6, places=3),
        "floating": st.none() | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
        "day": st.none() | st.dates(date(1900, 1, 1)),
        "instant": st.none() | st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - its base
        "clock": st.none() | st.times(),
        "duration": st.none() | st.timedeltas(timedelta(days=-9), timedelta(days=9)),
        "uuid": st.none() | st.uuids(),
        "address": st.none() | st.ip_addresses(v=4).map(str),
        "document": DOCUMENTS,
        "binary": st.none() | st.binary(max_size=5),
        "file": st.sampled_from(["", "drawers/=é à.pdf"]),
    }
)


def in_python(line):
    record = json.loads(line, parse_int=Number, parse_float=Number)
    return cells.line(record.values())


@pytest.mark.django_db
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=5))
def test_the_database_writes_the_cells_that_python_would(rows):
    with transaction.atomic():
        Drawer.objects.bulk_create(Drawer(owner="alice", **row) for row in rows)
        source, reader = Drawers(), subject(owner="alice")
        lines = [line.decode() for page in source.table_pages(reader) for line in page]
        expected = [in_python(line) for line in source.collect(reader)]
        transaction.set_rollback(True)
    assert lines == expected


HOSTILE = {
    "text": '=HYPERLINK("http://evil.example.org")\r\n\x01\x7f',
    "colour": "r",
    "whole": -9007199254740993,
    "truth": True,
    "decimal": Decimal("-12.500"),
    "floating": -1.5e-7,
    "day": date(2026, 3, 1),
    "instant": datetime(2026, 3, 1, 12, 0, 0, 1500, tzinfo=UTC),
    "clock": time(23, 59, 59),
    "duration": timedelta(days=-1, microseconds=5),
    "address": "2001:db8::1",
    "binary": b"\x00\xff",
    "file": "drawers/été.pdf",
    "keeper": "Rose",
}


@pytest.mark.django_db
def test_both_engines_write_the_same_line():
    Drawer.objects.create(id=7, owner="+33", document={"b": [1, 2.5], "a": '"'}, **HOSTILE)
    Drawer.objects.create(id=8, owner="+33", document="=1")
    lines = [line.decode() for page in Drawers().table_pages(subject(owner="+33")) for line in page]
    assert lines == [
        '7,"\'+33","\'=HYPERLINK(""http://evil.example.org"")\r\n\x01\x7f","r","rouge « vif »",-9007199254740993,true,'
        '"-12.500",-1.5e-07,"2026-03-01","2026-03-01T12:00:00.001500Z","23:59:59.000000","-86399.999995",,'
        '"2001:db8::1","{""a"": ""\\"""", ""b"": [1, 2.5]}","00ff","files/drawers/7-_t_.pdf","un gardien"',
        '8,"\'+33","","",,,,,,,,,,,,"\'=1",,,',
    ]
