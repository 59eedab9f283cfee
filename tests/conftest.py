"""The cast, and what every test stands on."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import translation

from dsr.audit import guards
from dsr.models.request import Channel, DataRequest
from dsr.models.staff import APPROVERS, AUDITORS, OFFICERS, Staff
from dsr.states import Kind
from tests.groups import give_groups_back

ALICE = "alice@example.org"
BOB = "bob@example.org"
MALLORY = "mallory@example.org"


def pytest_configure() -> None:
    """A thread of the tests keeps no connection, which would keep the database from being removed; a worker does."""
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0


def staff(name: str, *groups: str) -> Staff:
    """A member of staff in the groups that the first migration made."""
    person = Staff.objects.create_user(name, password=f"{name}-has-a-long-password", is_staff=True)
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


def let_go(data_request: DataRequest, *, at: datetime) -> None:
    """Olive reads the package that waits for an officer, and releases it."""
    from dsr.lifecycle import reading  # noqa: PLC0415 - models are not ready when this file is read
    from dsr.models.step import Action, Status  # noqa: PLC0415

    if data_request.steps.filter(action=Action.READ, status=Status.WAITING).exists():
        reader = Staff.objects.filter(username="olive").first() or staff("olive", OFFICERS)
        reading.read(data_request, by=reader, at=at)
        reading.release(data_request, by=reader, at=at)


@pytest.fixture
def olive(db: None) -> Staff:
    """Olive, the officer."""
    return staff("olive", OFFICERS)


@pytest.fixture
def simone(db: None) -> Staff:
    """Simone, the second officer; she is an officer, too, so only four-eyes rules tell them apart."""
    return staff("simone", OFFICERS, APPROVERS)


@pytest.fixture
def remi(db: None) -> Staff:
    """Rémi, the auditor."""
    return staff("remi", AUDITORS)


@pytest.fixture
def mallory(db: None) -> Staff:
    """Mallory works here, and may do nothing."""
    return staff("mallory")


@pytest.fixture
def at() -> datetime:
    """A Wednesday morning in Paris, far from holidays."""
    return datetime(2026, 9, 16, 9, 30, tzinfo=UTC)


class Clock:
    """A clock that tests move by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> datetime:
        """Let time pass, in the words of ``timedelta``."""
        self.at += timedelta(**time)
        return self.at


@pytest.fixture
def clock(at: datetime) -> Clock:
    """The clock, at ``at``."""
    return Clock(at)


@pytest.fixture
def asks(db: None, at: datetime) -> Callable[..., DataRequest]:
    """Alice asks through the form; ``asks(Kind.ACCESS)`` returns the request, its mailbox not yet proven."""
    from dsr.lifecycle import intake  # noqa: PLC0415 - models are not ready when this file is read

    def ask(kind: Kind = Kind.ACCESS, *, email: str = ALICE, **more: Any) -> DataRequest:
        facts = {"kinds": [kind], "email": email, "channel": Channel.FORM, "language": "fr", "at": at, **more}
        return intake.receive(**facts)[0]

    return ask


@pytest.fixture
def proves(at: datetime) -> Callable[..., DataRequest]:
    """The reader types the code of the newest letter about the request."""
    from dsr.lifecycle import intake  # noqa: PLC0415

    def prove(data_request: DataRequest, *, at: datetime = at) -> DataRequest:
        secret = data_request.secrets.filter(purpose="confirm").latest("created_at", "pk")
        return intake.confirm(data_request, code=secret.code, at=at)

    return prove


@pytest.fixture(autouse=True, scope="session")
def _owner_between_tests() -> Iterator[None]:
    """Only the owner of the tables empties the log: between tests its guards are lifted, and put up again."""
    empty = TransactionTestCase._fixture_teardown

    def as_owner(case: TransactionTestCase) -> None:
        with transaction.atomic():
            guards.lift(connection)
        empty(case)
        with transaction.atomic():  # one transaction, so that one wait for the disk
            guards.install(connection)
            give_groups_back()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", as_owner)
        yield


@pytest.fixture(autouse=True)
def _own_shelves(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has a log of its own, so its checkpoints and its ledger lie apart."""
    own = {
        name: {**settings.STORAGES[name], "OPTIONS": {"location": tmp_path_factory.mktemp(name)}}
        for name in ("checkpoints", "ledger")
    }
    settings.STORAGES = {**settings.STORAGES, **own}


@pytest.fixture
def unguarded(db: None) -> None:
    """Somebody who owns the tables has lifted the log's guards; they are back after the test."""
    guards.lift(connection)


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    """No test inherits the language in which another asked for a page."""
    with translation.override("fr"):
        yield


@pytest.fixture(autouse=True)
def _fresh_registry() -> Iterator[None]:
    """No test inherits the sources another declared."""
    from dsr.sources import registry  # noqa: PLC0415

    registry.sources.cache_clear()
    yield
    registry.sources.cache_clear()
