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
    used = {(message.id, message.context) for message in catalogue.sentences()}
    assert [message.id for message in english if (message.id, message.context) not in used] == []


def test_the_compiled_catalogue_is_that_of_the_source(english: Catalog) -> None:
    written = {(message.id, message.context): message.string for message in english if message.id}
    assert {(message.id, message.context): message.string for message in catalogue.compiled() if message.id} == written


def test_a_translation_fills_in_the_same_places(english: Catalog) -> None:
    assert [message.id for message in english if message.id and _places(message.id) != _places(message.string)] == []


def _places(text: str | tuple[str, ...] | list[str]) -> set[str]:
    """The places of a sentence, of all its plural forms together."""
    return set(PLACEHOLDER.findall(text if isinstance(text, str) else " ".join(text)))
