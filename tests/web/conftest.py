"""A reader's browser, the pages it opens, and a newspaper that holds a little about Alice and Bob."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from dsr import tasks
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status, Step
from dsr.states import Kind
from tests.browser import browse, chromium
from tests.conftest import ALICE, BOB, let_go
from tests.web.shelf import Accounts, Comments

__all__ = ["browse", "chromium"]

ADDRESS = "1 rue du Port\n29200 Brest"
FORM = {"kinds": ["access"], "email": ALICE, "about": "everything", "nonce": "one"}


@pytest.fixture(autouse=True)
def _newspaper(settings: Any) -> Iterator[None]:
    """Two comments and an account of Alice's, one comment of Bob's; nobody has knocked yet."""
    settings.DSR_SOURCES = ["tests.web.shelf.Comments", "tests.web.shelf.Accounts"]
    Comments.held[:] = [
        {"key": "1", "email": ALICE, "text": "Bravo pour cet article"},
        {"key": "2", "email": ALICE, "text": "<b>Pas d’accord</b>"},
        {"key": "3", "email": BOB, "text": "Le mot de Bob"},
    ]
    Accounts.held[:] = [
        {"key": "1", "email": ALICE, "text": "Alice", "family_name": "Martn", "postal_address": ADDRESS},
    ]
    cache.clear()
    yield
    Comments.held.clear()
    Accounts.held.clear()


@pytest.fixture(autouse=True)
def _hints_go_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work fixture is the worker here; nothing is published to a broker that others use."""
    monkeypatch.setattr(current_app.conf, "broker_url", "memory://")


class Reader(Client):
    """A browser that sends the CSRF token of the page it read, as browsers do."""

    def __init__(self, language: str = "fr") -> None:
        super().__init__(enforce_csrf_checks=True, headers={"Accept-Language": language})

    def send(self, path: str, **fields: Any) -> Any:
        """Post a form of the page at ``path``."""
        self.get("/")
        return self.post(path, {**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"].value})

    def ask(self, **changes: Any) -> DataRequest:
        """Fill the form in; returns the first request it made."""
        response = self.send("/demande/", **{**FORM, **changes})
        assert response.status_code == 302, response.content.decode()
        return DataRequest.objects.get(reference=response["Location"].strip("/").split("/")[-1])

    def prove(self, data_request: DataRequest, purpose: str = "confirm") -> Any:
        """Type the code of the newest letter."""
        return self.send(page(data_request), do="confirm", code=code_for(data_request, purpose))

    def act(self, data_request: DataRequest, do: str, **fields: Any) -> Any:
        """Press a button of the request's page."""
        return self.send(page(data_request), do=do, **fields)


@pytest.fixture
def alice(db: None) -> Reader:
    """Alice's browser."""
    return Reader()


@pytest.fixture
def mallory_browses(db: None) -> Reader:
    """Mallory's browser."""
    return Reader()


@pytest.fixture
def proven(alice: Reader) -> Callable[..., DataRequest]:
    """``proven(Kind.ERASURE)``: Alice has asked and proven her mailbox in this browser."""

    def ask(kind: Kind = Kind.ACCESS, **changes: Any) -> DataRequest:
        data_request = alice.ask(kinds=[kind.value], nonce=f"{kind}{changes}", **changes)
        assert alice.prove(data_request).status_code == 302
        data_request.refresh_from_db()
        return data_request

    return ask


@pytest.fixture
def work() -> Callable[[], None]:
    """The worker: mail and carry out what is due, until nothing is; Olive releases the packages that wait for it."""

    def run() -> None:
        for _round in range(20):
            for notice in Notice.objects.claimable(timezone.now()):
                tasks.send_notice(notice.pk)
            for step in Step.objects.filter(status=Status.PENDING):
                tasks.run_step(step.pk)
            for data_request in DataRequest.objects.filter(steps__action=Action.READ, steps__status=Status.WAITING):
                let_go(data_request, at=timezone.now())

    return run


def page(data_request: DataRequest) -> str:
    """The address of a request's page."""
    return f"/demande/{data_request.reference}/"


def code_for(data_request: DataRequest, purpose: str) -> str:
    """The code of the newest letter of that purpose, as its reader reads it."""
    return data_request.secrets.filter(purpose=purpose).latest("created_at", "pk").code


def text_of(response: Any) -> str:
    """What the page says."""
    return str(response.content.decode())
