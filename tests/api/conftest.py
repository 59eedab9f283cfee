"""A caller of the API, staff who can show who they are, and one source."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from dsr import tasks
from dsr.lifecycle import identity
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status, Step
from tests.api.shelf import Letters
from tests.browser import browse, chromium
from tests.conftest import ALICE, BOB, let_go

__all__ = ["browse", "chromium"]

V1 = "/api/v1"


class Caller:
    """JSON in and out; ``authorization`` is sent with every call."""

    def __init__(self, authorization: str = "", **headers: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {**headers, **({"Authorization": authorization} if authorization else {})}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"{V1}{path}", headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        said = b"" if body is None else json.dumps(body)
        sent = {**self.headers, **headers}
        return self.client.post(f"{V1}{path}", said, content_type="application/json", headers=sent)


@pytest.fixture(autouse=True)
def _newspaper(settings: Any) -> Iterator[None]:
    """One source with a letter of Alice's and one of Bob's; nobody has called yet today."""
    settings.DSR_SOURCES = ["tests.api.shelf.Letters"]
    Letters.held[:] = [
        {"key": "1", "email": ALICE, "name": "Martin", "text": "Bravo pour votre article"},
        {"key": "2", "email": ALICE, "name": "Martin", "text": "Une erreur page 3"},
        {"key": "3", "email": BOB, "name": "Petit", "text": "Je me désabonne"},
    ]
    cache.clear()
    yield
    Letters.held.clear()


@pytest.fixture
def anyone() -> Caller:
    """A caller who shows nothing."""
    return Caller()


@pytest.fixture
def bearer() -> Callable[[DataRequest], Caller]:
    """A reader who holds the token of one request."""
    return lambda data_request: Caller(f"Bearer {identity.issue_bearer(data_request, at=timezone.now())}")


@pytest.fixture
def machine() -> Callable[[Staff], Caller]:
    """A machine acting for a member of staff."""
    return lambda person: Caller(f"Token {AuthToken.objects.create(person)[1]}")


@pytest.fixture
def signed_in(settings: Any) -> Callable[..., Caller]:
    """A member of staff in a browser, through the real pages, with or without a second factor."""
    settings.MFA_TOTP_TOLERANCE = 1

    def sign_in(person: Staff, *, second_factor: bool = True) -> Caller:
        browser, secret = Client(), totp.generate_totp_secret()
        if second_factor:
            totp.TOTP.activate(person, secret)
        browser.post(
            "/accounts/login/", {"login": person.username, "password": f"{person.username}-has-a-long-password"}
        )
        if second_factor:
            code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
            browser.post("/accounts/2fa/authenticate/", {"code": code})
        caller = Caller()
        caller.client.cookies = browser.cookies
        return caller

    return sign_in


@pytest.fixture
def work() -> Callable[[], None]:
    """The worker: mail and carry out what is due, until nothing is; Olive releases the packages that wait for it."""

    def run() -> None:
        for _round in range(20):
            for notice in Notice.objects.filter(sent_at=None, by_post=False):
                tasks.send_notice(notice.pk)
            for step in Step.objects.filter(status=Status.PENDING):
                tasks.run_step(step.pk)
            for data_request in DataRequest.objects.filter(steps__action=Action.READ, steps__status=Status.WAITING):
                let_go(data_request, at=timezone.now())

    return run


def code_for(data_request: DataRequest, purpose: str) -> str:
    """The code of the newest letter of that purpose, as its reader reads it."""
    return data_request.secrets.filter(purpose=purpose).latest("created_at", "pk").code


def assert_problem(response: Any, status: int, code: str = "") -> dict[str, Any]:
    """The answer is a problem document of that status, and nobody may store it."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    document: dict[str, Any] = json.loads(response.content)
    assert {"type", "title", "status", "detail"} <= set(document)
    assert document["status"] == status
    assert document["type"] == (f"/problems/{code}" if code else "about:blank")
    assert document["title"]
    assert document["detail"]
    return document
