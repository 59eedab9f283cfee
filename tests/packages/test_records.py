"""A source is read once when its rows are few; what it says must keep its shape and not change between readings."""

import json

import pytest

from dsr.packages import archive
from dsr.packages.records import SourceChangedError
from dsr.sources.base import Column, SourceError
from tests.packages.library import Shelf, contents, packed

COLUMNS = (Column("text", "Texte"),)
LONG = json.dumps({"text": "x" * 100_000})


def test_a_small_source_is_read_once():
    source = Shelf("comments", rows=[{"text": "one"}, {"text": "two"}])
    packed(source)
    assert source.readings == 1


def test_a_large_source_is_read_once_for_each_form():
    source = Shelf("comments", rows=lambda: iter([LONG] * 5), columns=COLUMNS)
    packed(source)
    assert source.readings == 3


def test_rows_that_change_between_readings_stop_the_packing():
    grown = iter(range(1000))
    source = Shelf("comments", rows=lambda: iter([LONG] * (4 + next(grown))), columns=COLUMNS)
    with pytest.raises(SourceChangedError, match="comments"):
        packed(source)


@pytest.mark.parametrize("text", ["[]", '{"other": 1}', '{"text": 1, "more": 2}', '{"text": NaN}', "{", "secret words"])
def test_a_record_of_another_shape_names_the_source_and_tells_nothing(text):
    source = Shelf("comments", rows=lambda: iter([text]), columns=COLUMNS)
    with pytest.raises(SourceError, match="comments") as caught:
        packed(source)
    assert "secret" not in str(caught.value)


def test_an_error_of_a_source_goes_through():
    def failing():
        yield LONG
        raise SourceError("comments: no answer")

    with pytest.raises(SourceError, match="no answer"):
        b"".join(archive.stream(contents(Shelf("comments", rows=failing, columns=COLUMNS))))


def test_a_row_that_changed_before_it_could_be_masked_stops_the_packing():
    versions = iter(["bob@example.org", "Écrivez à bob@example.org", "Écrivez à bob@example.org"])
    source = Shelf("comments", rows=lambda: iter([json.dumps({"text": next(versions)})]), columns=COLUMNS)
    with pytest.raises(SourceChangedError, match="comments"):
        packed(source, rewritten={"comments": {"0": lambda _line: '{"text":"[masqué]"}'}})
