"""Alice's request in every shape a letter may speak of, and one believable source."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from dsr.models.identity import Purpose, Secret
from dsr.models.request import Channel, DataRequest
from dsr.states import Kind

RECEIVED_AT = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
DUE_ON = date(2026, 10, 15)
IN_TIME = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)

LATE = datetime(2026, 10, 19, 12, 0, tzinfo=UTC)

Asks = Callable[..., DataRequest]
Draws = Callable[..., Secret]


@pytest.fixture(autouse=True)
def newspaper(settings):
    """A newspaper with one source, under an address of its own."""
    settings.DSR_SOURCES = ["tests.notifications.sources.Invoices"]
    settings.DSR_SITE_URL = "https://droits.example.org"


@pytest.fixture
def alice_asks(db) -> Asks:
    """Save a request of Alice's; keywords change it."""

    def ask(kind: Kind = Kind.ACCESS, **changes: object) -> DataRequest:
        facts: dict[str, object] = {
            "kind": kind,
            "channel": Channel.FORM,
            "email": "alice@example.org",
            "received_at": RECEIVED_AT,
            "entered_at": RECEIVED_AT,
            "due_on": DUE_ON,
        }
        return DataRequest.objects.create(**{**facts, **changes})

    return ask


@pytest.fixture
def draw() -> Draws:
    """Draw a secret that lives a month."""

    def draw(data_request: DataRequest, purpose: Purpose = Purpose.CONFIRM, at: datetime = RECEIVED_AT) -> Secret:
        return Secret.draw(data_request, purpose, at=at, expires_at=at + timedelta(days=30))

    return draw
