"""GET and HEAD change nothing."""

import pytest
from django.db import connection

from dsr.lifecycle import wishes
from dsr.models.audit import AuditEntry
from dsr.states import Kind
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


def dump():
    """Every row of every table, as text."""
    tables = sorted(connection.introspection.table_names())
    with connection.cursor() as cursor:
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(map(repr, cursor.fetchall()))
        return rows


@pytest.fixture
def addresses(asks, proves, bearer, machine, signed_in, olive, anyone, at):
    """Every address that answers to GET, with one who may ask, and some that do not."""
    data_request = proves(asks(Kind.RECTIFICATION))
    wishes.wish(data_request, wishes=[wishes.Wish("family_name", "Martin", "Roy")], at=at)
    alice, desk, browser = bearer(data_request), machine(olive), signed_in(olive)
    reference = data_request.reference
    own = ("", "/scope", "/corrections", "/package", "/confirm", "/code", "/withdraw", "/reply")
    return [
        (anyone, "/sources"),
        (anyone, "/requests"),
        *((alice, f"/requests/{reference}{place}") for place in own),
        *((anyone, f"/requests/{reference}{place}") for place in own),
        (desk, "/desk/requests"),
        (desk, f"/desk/requests/{reference}/accept"),
        (browser, "/desk/requests?late=true"),
        (anyone, "/desk/requests"),
        (Caller("Token nonsense"), "/desk/requests"),
        (anyone, "/nothing"),
    ]


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_changes_nothing(addresses, method):
    """A mail scanner may open what it likes."""
    before = dump()
    statuses = set()
    for caller, path in addresses:
        answer = getattr(caller.client, method)(f"/api/v1{path}", headers=caller.headers)
        statuses.add(answer.status_code)
        assert answer["Cache-Control"] == "no-store"
    assert statuses == {200, 401, 404, 405}
    assert dump() == before


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_a_file_adds_one_entry_and_its_wait_and_nothing_else(asks, proves, machine, olive, method):
    data_request, caller = proves(asks()), machine(olive)
    before = dump()
    getattr(caller.client, method)(f"/api/v1/desk/requests/{data_request.reference}", headers=caller.headers)
    after = dump()
    assert {table for table in after if after[table] != before[table]} == {"dsr_auditentry", "dsr_pending"}
    assert AuditEntry.objects.latest("pk").event == "request.viewed"
