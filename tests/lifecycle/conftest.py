"""Sources in memory, and a worker that runs in the test's own process."""

import pytest

from dsr import notifications
from dsr.lifecycle import addresses, running, triage
from dsr.models.notice import Notice
from dsr.models.step import Step
from dsr.states import Kind
from tests.conftest import let_go
from tests.lifecycle import shelf


@pytest.fixture
def shelves(settings):
    """Two shelves with two books of Alice's and one of Bob's on each."""
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Cellar", "tests.lifecycle.shelf.Shelf"]
    shelf.Cellar.flooded = False
    for kind in (shelf.Shelf, shelf.Cellar):
        kind.rows[:] = [
            {"email": "alice@example.org", "title": "Un"},
            {"email": "alice@example.org", "title": "Deux"},
            {"email": "bob@example.org", "title": "Trois"},
        ]
    return shelf


@pytest.fixture
def works(clock):
    """Run whatever is due for a request until nothing is; returns the request as it stands then.

    Olive releases a package that waits to be read, unless ``unread``.
    """

    def work(data_request, *, unread=False):
        while due := list(Step.objects.due(clock()).filter(data_request=data_request)[:1]):
            running.run(due[0].pk, now=clock)
        if not unread:
            let_go(data_request, at=clock())
        data_request.refresh_from_db()
        return data_request

    return work


@pytest.fixture
def copied(asks, proves, olive, works, at):
    """Alice's request for a copy, accepted, as far as the worker gets."""

    def ask(**more):
        data_request = proves(asks(Kind.ACCESS, **more))
        triage.accept(data_request, by=olive, at=at)
        return works(data_request, unread=True)

    return ask


@pytest.fixture
def moves(clock):
    """The new mailbox confirms, its old one hears of it, and the delay passes."""

    def move(data_request):
        secret = data_request.secrets.filter(purpose="address").latest("pk")
        addresses.confirm(data_request, code=secret.code, at=clock())
        for notice in Notice.objects.claimable(clock()):
            notifications.deliver(notice.pk, now=clock)
        addresses.release(at=clock.forward(hours=73))

    return move


@pytest.fixture
def fresh_ledger(settings, tmp_path_factory):
    """Begin a ledger of its own for each example."""

    def begin():
        backend = {**settings.STORAGES["ledger"], "OPTIONS": {"location": tmp_path_factory.mktemp("ledger")}}
        settings.STORAGES = {**settings.STORAGES, "ledger": backend}

    return begin
