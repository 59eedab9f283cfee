"""A newspaper with readers, in a database that other processes can reach."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from dsr.readers.demo import believable_newspaper

READERS = 30


@pytest.fixture
def newspaper(transactional_db):
    """Readers, and the groups that a flushed database has lost."""
    import_module("dsr.migrations.0002_staff_groups").make_groups(apps, connection.schema_editor())
    believable_newspaper(readers=READERS, comments=300, seed=7)
