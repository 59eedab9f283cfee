"""No cell of a CSV file can run in a spreadsheet, and every one can be read back."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.packages import cells, data_files
from dsr.sources.base import Column

TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")


@pytest.mark.parametrize("text", ["=1+1", "+33123456789", "@SUM(A1)", "-cmd|' /C calc'!A0", "\t=1", "\r=1", "＝1"])
def test_a_text_that_would_run_gets_an_apostrophe(text):
    assert cells.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-12.50", "-12,50", "Bonjour", "", "c’est =1", "2026-11-23"])
def test_amounts_and_ordinary_texts_stay_as_they_are(text):
    assert cells.harmless(text) == text


@settings(deadline=None)
@given(st.text())
def test_taking_the_apostrophe_away_gives_the_original(text):
    assert cells.original(cells.harmless(text)) == text


@settings(deadline=None)
@given(st.text() | st.sampled_from(TRIGGERS).flatmap(lambda sign: st.text().map(lambda text: sign + text)))
def test_no_cell_starts_a_formula(text):
    shown = cells.harmless(text)
    assert not shown.startswith(TRIGGERS) or shown[1:].replace(".", "").replace(",", "").isdigit()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("null", ""),
        ("true", "true"),
        ("false", "false"),
        ("-12.500", "-12.500"),
        ("12345678901234567890.10", "12345678901234567890.10"),
        ('["a", 1.5, null]', '["a", 1.5, null]'),
        ('{"n": [1, -2]}', '{"n": [1, -2]}'),
        ('"a\\u0000b\\u001b\\u007f"', "a␀b␛␡"),
        ('"\\ud800"', "\ufffd"),
    ],
)
def test_a_value_reads_as_json_wrote_it(written, read):
    value = json.loads(written, parse_int=cells.Number, parse_float=cells.Number)
    assert cells.cell(value) == read


@settings(deadline=None)
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=("Cs",))), min_size=2, max_size=2), max_size=8))
def test_a_spreadsheet_reads_back_what_was_written(rows):
    columns = (Column("a", "A"), Column("b", "B"))
    written = b"".join(data_files.csv_table(columns, [dict(zip("ab", row, strict=True)) for row in rows]))
    read = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert read[0] == ["a", "b"]
    assert [[cells.original(cell) for cell in row] for row in read[1:]] == [
        [cells.visible(cell) for cell in row] for row in rows
    ]
