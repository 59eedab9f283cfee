"""A row as one JSON object: SQLite makes it at once where it can, and its bytes are those of its members joined."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr.sources import json_text
from dsr.sources.fields import personal
from tests.sources.readers import subject
from tests.sources.shelf import Drawer, Drawers
from tests.sources.test_csv_text import ROWS


class WithoutDocument(Drawers):
    """The same drawers, whose documents nobody is given."""

    fields = {**Drawers.fields, "document": personal("Document", not_exported="Il reste ici.")}


def records(source):
    """Its lines, and the statement that wrote them."""
    with CaptureQueriesContext(connection) as queries:
        lines = [line for page in source.collect_pages(subject(owner="alice")) for line in page]
    return lines, queries[-1]["sql"]


@pytest.mark.django_db
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=1, max_size=5))
def test_an_object_made_at_once_is_the_one_that_is_joined(rows):
    with transaction.atomic():
        Drawer.objects.bulk_create(Drawer(owner="alice", **{**row, "document": None}) for row in rows)
        (joined, slow), (made, quick) = records(Drawers()), records(WithoutDocument())
        transaction.set_rollback(True)
    assert made == [line.replace(b'"document":null,', b"") for line in joined]
    assert ("JSON_OBJECT" in slow, "JSON_OBJECT" in quick) == (False, connection.vendor == "sqlite")


@pytest.mark.django_db
def test_an_object_of_more_members_than_a_function_takes_is_joined(monkeypatch):
    Drawer.objects.create(owner="alice", text="é")
    whole, _quick = records(WithoutDocument())
    monkeypatch.setattr(json_text, "MEMBERS", 3)
    joined, slow = records(WithoutDocument())
    assert (joined, "JSON_OBJECT" in slow) == (whole, False)
