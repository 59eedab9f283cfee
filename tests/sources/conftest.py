"""Tables of shapes that the newspaper does not have, and readers with something in every table."""

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from dsr.sources import registry
from dsr.sources.base import Subject
from tests.sources import invented, shelf
from tests.sources.readers import ALICE, BOB, known_by


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Add the tables of the tests to the test database."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        for model in (*shelf.MODELS, *invented.MODELS):
            editor.create_model(model)


@pytest.fixture
def alice(db: None) -> Subject:
    """Alice, proven by her mailbox, under everything we filed with it."""
    return registry.expand(known_by(email=ALICE))


@pytest.fixture
def bob(db: None) -> Subject:
    """Bob, likewise."""
    return registry.expand(known_by(email=BOB))
