"""What the tests of packages share."""

from datetime import UTC, datetime

import pytest

from dsr.models.request import Channel, DataRequest
from dsr.states import Kind
from tests.browser import chromium

__all__ = ["chromium"]

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def access_request(db) -> DataRequest:
    """Alice's request."""
    return DataRequest.objects.create(kind=Kind.ACCESS, channel=Channel.FORM, received_at=AT, entered_at=AT)
