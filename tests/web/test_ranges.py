"""Which bytes a Range header asks for."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from dsr.web.ranges import Part, Unsatisfiable, wanted

SIZE = 1000
ETAG = '"abc"'


def asked(value, method="get", **headers):
    request = getattr(RequestFactory(), method)("/", headers={"Range": value, **headers})
    return wanted(request, size=SIZE, etag=ETAG)


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, SIZE),
        ("bytes=999-", 999, SIZE),
        ("BYTES=5-9", 5, 10),
        ("bytes=500-99999", 500, SIZE),
        ("bytes=0-" + "9" * 5000, 0, SIZE),
        ("bytes=" + "0" * 5000 + "1-2", 1, 3),
        ("bytes=-1", 999, SIZE),
        ("bytes=-5000", 0, SIZE),
        ("bytes=-" + "9" * 5000, 0, SIZE),
    ],
)
def test_one_range(value, start, end):
    part = asked(value)
    assert (part.start, part.end, part.asked) == (start, end, True)
    assert part.content_range == f"bytes {start}-{end - 1}/{SIZE}"


@pytest.mark.parametrize(
    "value",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,3-4", "bytes=,", "items=0-1", "bytes=--1",
     "bytes=1 2-3", "bytes=\u0661-\u0662", "bytes=0-0," * 900],
)  # fmt: skip
def test_what_is_not_one_range_is_the_whole_file(value):
    assert asked(value) == Part(0, SIZE, SIZE)


@pytest.mark.parametrize("value", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=" + "9" * 5000 + "-"])
def test_beyond_the_end_there_is_nothing(value):
    with pytest.raises(Unsatisfiable):
        asked(value)


@pytest.mark.parametrize("other", ['"abd"', 'W/"abc"', "abc", "Wed, 21 Oct 2026 07:28:00 GMT", "*"])
def test_another_version_is_sent_whole(other):
    assert not asked("bytes=1-2", **{"If-Range": other}).asked
    assert asked("bytes=1-2", **{"If-Range": ETAG}).asked


def test_only_a_get_has_ranges():
    assert not asked("bytes=1-2", method="head").asked


@given(st.text(max_size=30))
def test_any_other_text_is_harmless(text):
    try:
        part = asked("bytes=" + text.replace("\r", "").replace("\n", ""))
    except Unsatisfiable:
        return
    assert 0 <= part.start < part.end <= SIZE
