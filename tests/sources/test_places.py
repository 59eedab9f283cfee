"""Statements compiled once: the same bytes as one compiled for each reader, and never a value of another."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from django.utils import translation

from dsr.sources import places, registry
from dsr.sources.base import Subject
from dsr.sources.model_source import ModelSource
from dsr.sources.registry import source, sources
from tests.sources.readers import ALICE, BOB, account, comment, everywhere, known_by, subject

LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)  # rows of before then are all, by a statement compiled for one reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def readers() -> list[Subject]:
    """Alice and Bob with something in every table."""
    everywhere(ALICE, "Alice")
    everywhere(BOB, "Bob")
    return [registry.expand(known_by(email=email)) for email in (ALICE, BOB)]


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    """No statement is kept of another test."""
    registry.sources.cache_clear()
    yield
    registry.sources.cache_clear()


def tables() -> list[ModelSource]:
    """The sources that read a table."""
    return [each for each in sources() if isinstance(each, ModelSource)]


def copied(each: ModelSource, reader: Subject, language: str) -> tuple[list[bytes], list[bytes], list[str]]:
    """All that is read of one reader: JSON, CSV, free texts."""
    with translation.override(language):
        forms = [list(chain.from_iterable(pages(reader))) for pages in (each.collect_pages, each.table_pages)]
        return forms[0], forms[1], [text.text for text in each.free_texts(reader)]


def everything(readers: list[Subject]) -> dict[tuple[str, str, Subject], object]:
    """The same of every table, in both languages, for each reader in turn."""
    return {
        (each.name, language, reader): copied(each, reader, language)
        for each in tables()
        for language in ("fr", "en")
        for reader in readers
    }


def test_what_is_kept_gives_the_bytes_of_what_is_compiled_for_one_reader(
    readers: list[Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = everything(readers)
    warm = everything(list(reversed(readers)))
    monkeypatch.setattr(ModelSource, "statement", property(_compiled_each_time))
    assert cold == warm == everything(readers)


def _compiled_each_time(each: ModelSource) -> Callable[..., places.Statement | None]:
    return lambda build, language, shape: places.kept(each, build, language, shape)


def test_it_gives_the_bytes_of_the_statement_that_names_the_reader(
    readers: list[Subject],
) -> None:
    for each in [each for each in tables() if each.dated_by]:
        for reader in readers:
            earlier = Subject(reader.identifiers, before=LONG_AFTER)
            assert copied(each, reader, "fr") == copied(each, earlier, "fr")


def test_no_reader_is_ever_given_a_row_of_another(readers: list[Subject]) -> None:
    alice, bob = readers
    for _again in range(2):
        for reader, other in ((alice, b"bob"), (bob, b"alice")):
            lines = [line for each in tables() for line in chain.from_iterable(copied(each, reader, "fr")[:2])]
            assert lines
            assert not [line for line in lines if other in line.lower()]


def test_no_statement_that_is_kept_holds_a_value_of_a_reader(
    readers: list[Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[places.Statement | None] = []
    kept = places.kept

    def watched(*args: Any, **more: Any) -> places.Statement | None:
        compiled.append(kept(*args, **more))
        return compiled[-1]

    monkeypatch.setattr(places, "kept", watched)
    registry.sources.cache_clear()
    everything(readers[:1])
    values = {str(each.value) for each in readers[0].identifiers}
    assert compiled
    for statement in filter(None, compiled):
        assert any(isinstance(each, places.Place) for each in statement.parameters)
        assert not values & {str(each) for each in statement.parameters if not isinstance(each, places.Place)}
        assert ALICE not in statement.sql


def test_a_place_without_a_value_is_an_error_and_nobody_elses_value() -> None:
    statement = source("comments").statement  # type: ignore[attr-defined]
    shape, values = places.values(source("comments"), subject(email=ALICE))  # type: ignore[arg-type]
    asked = places.values(source("comments"), subject(email=ALICE, account="7"))[0]  # type: ignore[arg-type]
    assert shape != asked
    found = statement(_Own(), None, asked)
    with pytest.raises(KeyError):
        places.filled(found.parameters, values)


class _Own:
    """The reader's own rows."""

    def __call__(self, each: ModelSource, own: places.Ways, _mentions: places.Ways) -> object:
        return each.rows().filter(*own)


def test_two_addresses_are_asked_for_as_such() -> None:
    ours = [comment(author_email=email) for email in (ALICE, "alice@autre.example")]
    comment(author_email=BOB)
    both = Subject(known_by(email=ALICE) | known_by(email="alice@autre.example"))
    assert len(list(source("comments").collect(subject(email=ALICE)))) == 1
    assert len(list(source("comments").collect(both))) == len(ours)
    assert len(list(source("comments").collect(subject(email=BOB)))) == 1


def test_what_an_account_reveals_is_its_own() -> None:
    first, second = (account(email, subscriber_number=f"A-{email}") for email in (ALICE, BOB))
    for email, own in ((ALICE, first), (BOB, second), (ALICE, first)):
        wanted = known_by(email=email, account=str(own.pk), subscriber=f"A-{email}")
        assert registry.expand(known_by(email=email)).identifiers == wanted
