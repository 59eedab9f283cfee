"""No cell of a CSV file can run in a spreadsheet, and every one can be read back."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr.packages import cells, data_files
from dsr.sources.base import Column
from dsr.sources.csv_text import original


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("null", ""),
        ("true", "true"),
        ("false", "false"),
        ("-12.500", "-12.500"),
        ("12345678901234567890.10", "12345678901234567890.10"),
        ('"-12.500"', '"-12.500"'),
        ('["a", 1.50, null]', '"[""a"", 1.50, null]"'),
        ('{"n": [1, -2]}', '"{""n"": [1, -2]}"'),
        ('"+33"', '"\'+33"'),
        ('""', '""'),
    ],
)
def test_a_value_reads_as_json_wrote_it(written, read):
    value = json.loads(written, parse_int=cells.Number, parse_float=cells.Number)
    assert cells.cell(value) == read


@pytest.mark.parametrize(("text", "shown"), [("a\0b\x1b\x7f", "a␀b␛␡"), ("é\t\r\n’😀", "é\t\r\n’😀")])
def test_what_cannot_be_shown_is_drawn(text, shown):
    assert cells.visible(text) == cells.visible_bytes(text.encode()).decode() == shown


def test_half_a_character_is_replaced():
    assert cells.visible("\ud800") == "\ufffd"


@settings(deadline=None)
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=("Cs",))), min_size=2, max_size=2), max_size=8))
def test_a_spreadsheet_reads_back_what_was_written(rows):
    columns = (Column("a", "A"), Column("b", "B"))
    written = b"".join(data_files.csv_table(columns, [[cells.line(row).encode() for row in rows]]))
    read = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert read[0] == ["a", "b"]
    assert [[original(cell) for cell in row] for row in read[1:]] == [
        [cells.visible(cell) for cell in row] for row in rows
    ]
