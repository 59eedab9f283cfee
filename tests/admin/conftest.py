"""Staff at the desk, requests where an officer meets them, and the sources of the lifecycle's tests."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from dsr.lifecycle import execution, intake, running, triage
from dsr.models.request import Channel, DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Step
from dsr.states import Kind
from tests.browser import browse, chromium  # noqa: F401 - fixtures
from tests.lifecycle import shelf

BROWSER = {"accept": "text/html"}


@pytest.fixture(autouse=True)
def _shelves(settings: Any) -> None:
    """Two sources with two rows of Alice's each; nobody has tried to sign in yet."""
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Cellar", "tests.lifecycle.shelf.Shelf"]
    for kind in (shelf.Shelf, shelf.Cellar):
        kind.rows[:] = [
            {"email": "alice@example.org", "title": "Un"},
            {"email": "alice@example.org", "title": "Deux"},
            {"email": "bob@example.org", "title": "Trois"},
        ]
    cache.clear()


@pytest.fixture
def totp_code(settings: Any) -> Callable[[Staff], str]:
    """Set a second factor up for a member of staff; the function returned gives its code of the moment."""
    settings.MFA_TOTP_TOLERANCE = 1

    def set_up(person: Staff) -> str:
        secret = generate_totp_secret()
        TOTP.activate(person, secret)
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30))

    return set_up


@pytest.fixture
def desk(db: None) -> Callable[[Staff], Client]:
    """A member of staff at the desk, with a session that proved a second factor."""

    def sit(person: Staff) -> Client:
        client = Client(headers=BROWSER)
        client.force_login(person)
        session = client.session
        session["account_authentication_methods_user"] = str(person.pk)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
        session.save()
        return client

    return sit


@pytest.fixture
def examined(asks: Callable[..., DataRequest], proves: Callable[..., DataRequest]) -> Callable[..., DataRequest]:
    """A request whose mailbox is proven, ready for an officer."""
    return lambda kind=Kind.ACCESS, **more: proves(asks(kind, **more))


@pytest.fixture
def worked(clock: Any) -> Callable[[DataRequest], DataRequest]:
    """The worker does whatever is due for a request."""

    def work(data_request: DataRequest) -> DataRequest:
        while due := list(Step.objects.due(clock()).filter(data_request=data_request)[:1]):
            running.run(due[0].pk, now=clock)
        data_request.refresh_from_db()
        return data_request

    return work


@pytest.fixture
def planned(examined: Any, worked: Any, olive: Staff, at: Any) -> DataRequest:
    """An erasure that Olive accepted, with its plan, waiting for a second officer."""
    data_request = examined(Kind.ERASURE)
    triage.accept(data_request, by=olive, at=at)
    return worked(data_request)


@pytest.fixture
def by_post(olive: Staff, at: Any) -> DataRequest:
    """A request that came by letter, from somebody without an e-mail address."""
    return intake.enter(
        by=olive,
        kind=Kind.OTHER,
        channel=Channel.POST,
        received_at=at,
        language="fr",
        at=at,
        postal_address="Alice\n1 rue de l’Exemple\n75000 Paris",
    )


def page_of(data_request: DataRequest) -> str:
    """The address of a request's page."""
    return reverse("admin:dsr_datarequest_change", args=[data_request.pk])


def act_of(data_request: DataRequest, verb: str, row: Any = None) -> str:
    """Where a verb is posted."""
    if row is None:
        return reverse("admin:dsr_datarequest_act", args=[data_request.pk, verb])
    return reverse("admin:dsr_datarequest_row_act", args=[data_request.pk, verb, row.pk])


def fingerprint_of(data_request: DataRequest) -> str:
    """The fingerprint of the current plan."""
    plan = execution.current_plan(data_request)
    assert plan is not None
    return plan.fingerprint
