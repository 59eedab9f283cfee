"""A row without its masked passages: nothing else of it differs, and a mask that fits no more stops the packing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr.packages.masking import Mask, MovedError, by_row, hidden

ROW = (
    r'{"id":1,"content":"Un \u007f \"bob@example.org\" deux bob@example.org",'
    r'"title":"\/ \u2028 é","n":1.10,"o":{"a": [1]}}'
)
BOB = "bob@example.org"


def masked(*masks, row=ROW):
    return by_row("comments", masks)["1"](row)


def test_a_masked_row_differs_in_its_passages_alone():
    text = json.loads(ROW)["content"]
    first = text.index(BOB)
    changed = masked(*(Mask("1", "content", start, BOB, "[x]") for start in (first, text.index(BOB, first + 1))))
    assert json.loads(changed) == {**json.loads(ROW), "content": text.replace(BOB, "[x]")}
    assert changed.endswith(ROW[ROW.index(',"title"') :])


@pytest.mark.parametrize(
    ("field", "start", "value"), [("content", 0, BOB), ("content", 99, BOB), ("nowhere", 0, "U"), ("id", 0, "1")]
)
def test_a_mask_that_fits_no_more_stops_the_packing(field, start, value):
    with pytest.raises(MovedError, match="comments"):
        masked(Mask("1", field, start, value, "[x]"))


def test_a_text_in_the_row_of_a_list_is_masked_and_nothing_else():
    row = '{"n":1.10,"list":[{"a":"bob@example.org","b": "é"},{"a":"deux: bob@example.org"}],"z":[]}'
    changed = masked(Mask("1", "list.1.a", 6, BOB, "[x]"), Mask("1", "list.0.a", 0, BOB, "[y]"), row=row)
    assert changed == '{"n":1.10,"list":[{"a":"[y]","b": "é"},{"a":"deux: [x]"}],"z":[]}'


@pytest.mark.parametrize("field", ["list", "list.1", "list.2.a", "list.1.b", "list.a", "z.0", "n.0", "list.0.a.b"])
def test_a_path_that_leads_nowhere_stops_the_packing(field):
    row = '{"n":1,"list":[{"a":"bob@example.org"},{"a":"bob@example.org"}],"z":[]}'
    with pytest.raises(MovedError, match="comments"):
        masked(Mask("1", field, 0, BOB, "[x]"), row=row)


def test_passages_that_overlap_are_masked_as_one():
    masks = [Mask("1", "content", 0, "Durand", "[a]"), Mask("1", "content", 3, "and, Paul", "[b]")]
    assert hidden("Durand, Paul !", masks) == "[a] !"


@given(st.text(), st.data())
def test_nothing_masked_is_left_and_nothing_else_is_lost(text, data):
    spans = data.draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(1, 5)), max_size=5))
    masks = [Mask("1", "f", start, text[start : start + length], "") for start, length in spans]
    masks = [mask for mask in masks if mask.value]
    covered = {place for mask in masks for place in range(mask.start, mask.start + len(mask.value))}
    left = "".join(sign for place, sign in enumerate(text) if place not in covered)
    assert hidden(text, masks) == left
    if masks:
        row = json.dumps({"f": text, "after": 1}, separators=(",", ":"))
        assert json.loads(masked(*masks, row=row)) == {"f": left, "after": 1}
