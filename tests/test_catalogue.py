"""Every sentence is written in French and translated into English."""

import re

import pytest
from babel.messages.catalog import Catalog

from tests import catalogue

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module")
def english() -> Catalog:
    return catalogue.english()


def test_every_sentence_has_its_english(english: Catalog) -> None:
    assert catalogue.untranslated(english) == []


def test_the_catalogue_has_no_sentence_that_is_gone(english: Catalog) -> None:
    assert set(_strings(english)) - set(_strings(catalogue.sentences())) == set()


def test_the_compiled_catalogue_is_that_of_the_source(english: Catalog) -> None:
    assert _strings(catalogue.compiled()) == _strings(english)


def test_a_translation_fills_in_the_same_places(english: Catalog) -> None:
    assert [message.id for message in english if message.id and _places(message.id) != _places(message.string)] == []


def _strings(messages: Catalog) -> dict[tuple[str, str | None], tuple[str, ...]]:
    """The translation of each sentence, by its (first) form and context; the header left out."""
    return {(_forms(each.id)[0], each.context): _forms(each.string or "") for each in messages if each.id}


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _places(text: str | tuple[str, ...] | list[str]) -> set[str]:
    """The places of a sentence, of all its plural forms together."""
    return set(PLACEHOLDER.findall(" ".join(_forms(text))))
