"""The reading of the format: any text survives it, in any pieces, in little memory."""

import io
import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr.readers import wxr

HEAD = """<rss xmlns:wp="https://wordpress.org/export/1.2/"><channel><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_blog_url>https://journal.example.org</wp:base_blog_url><item>"""
FOOT = "</item></channel></rss>"
legible = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


def export_of(*texts: str, encoding: str = "utf-8") -> bytes:
    comments = (
        f"<wp:comment><wp:comment_content><![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]></wp:comment_content>"
        "</wp:comment>"
        for text in texts
    )
    return (HEAD + "".join(comments) + FOOT).encode(encoding)


def contents(raw: bytes) -> list[str]:
    read = wxr.Export().comments(io.BytesIO(raw), on_read=lambda _size: None)
    return [entry.texts["wp:comment_content"] for entry in read]


@given(texts=st.lists(legible, max_size=4), size=st.integers(1, 300))
def test_any_text_is_read_as_it_was_written(texts, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wxr, "CHUNK_BYTES", size)
        assert contents(export_of(*texts)) == texts


def test_another_encoding_is_read_too():
    assert contents(export_of("Αλίκη", "é", encoding="utf-16")) == ["Αλίκη", "é"]


def test_an_endless_text_is_refused():
    with pytest.raises(wxr.NotAnExport, match="plus d’un million de caractères"):
        contents(export_of("a" * (wxr.LONGEST_TEXT + 1)))


def test_memory_does_not_grow_with_the_file():
    class Endless(io.RawIOBase):
        """An export of twenty megabytes that is never whole anywhere."""

        def __init__(self) -> None:
            one = export_of("é" * 2000).removeprefix(HEAD.encode()).removesuffix(FOOT.encode())
            self.pieces = itertools.chain([HEAD.encode()], itertools.repeat(one, 5000), [FOOT.encode()])

        def read(self, size: int = -1) -> bytes:
            return next(self.pieces, b"")

    tracemalloc.start()
    try:
        read = sum(1 for _entry in wxr.Export().comments(Endless(), on_read=lambda _size: None))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read == 5000
    assert peak < 1_000_000
