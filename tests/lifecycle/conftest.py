"""Sources in memory, and a worker that runs in the test's own process."""

import pytest

from dsr.lifecycle import running
from dsr.models.step import Step
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
    """Run whatever is due for a request until nothing is; returns the request as it stands then."""

    def work(data_request):
        while due := list(Step.objects.due(clock()).filter(data_request=data_request)[:1]):
            running.run(due[0].pk, now=clock)
        data_request.refresh_from_db()
        return data_request

    return work
