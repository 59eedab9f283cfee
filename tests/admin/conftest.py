"""Staff at the desk, requests where an officer meets them, and the sources of the lifecycle's tests."""

import re
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
from dsr.models.review import Finding, Mark, Review
from dsr.models.staff import Staff
from dsr.models.step import Step
from dsr.oversight import reviews
from dsr.states import Kind
from tests.browser import browse, chromium  # noqa: F401 - fixtures
from tests.conftest import let_go, staff
from tests.lifecycle import shelf
from tests.oversight.conftest import writes  # noqa: F401 - a fixture

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
def seated(browse: Any, desk: Callable[[Staff], Client], live_server: Any) -> Callable[..., Any]:  # noqa: F811
    """A browser in which a member of staff is signed in."""

    def seat(person: Staff, **options: Any) -> Any:
        page = browse(**options)
        session = desk(person).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return page

    return seat


@pytest.fixture
def examined(asks: Callable[..., DataRequest], proves: Callable[..., DataRequest]) -> Callable[..., DataRequest]:
    """A request whose mailbox is proven, ready for an officer."""
    return lambda kind=Kind.ACCESS, **more: proves(asks(kind, **more))


@pytest.fixture
def worked(clock: Any) -> Callable[[DataRequest], DataRequest]:
    """The worker does whatever is due for a request; Olive releases a package that waits, unless ``unread``."""

    def work(data_request: DataRequest, *, unread: bool = False) -> DataRequest:
        while due := list(Step.objects.due(clock()).filter(data_request=data_request)[:1]):
            running.run(due[0].pk, now=clock)
        if not unread:
            let_go(data_request, at=clock())
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


@pytest.fixture
def root(db: None) -> Staff:
    """Root, the administrator."""
    return Staff.objects.create_superuser("root", password="root-has-a-long-password")


@pytest.fixture
def rosa(remi: Staff) -> Staff:
    """Rosa, the second auditor."""
    return staff("rosa", "auditors")


@pytest.fixture
def review(writes: Any, asks: Any, olive: Staff, simone: Staff, remi: Staff, rosa: Staff, at: Any) -> Review:  # noqa: F811
    """A review that Rosa opened: Olive refused on two grounds, Simone looked, and so did Rémi, who is an auditor."""
    data_request = asks()
    for ground in ("identity", "identity", "unfounded-or-excessive"):
        writes("request.refused", data_request, by=olive, ground=ground)
    for person in (simone, remi):
        writes("request.viewed", data_request, by=person)
    return reviews.open_now(by=rosa, at=at)


@pytest.fixture
def marked(review: Review, remi: Staff, rosa: Staff, at: Any) -> Review:
    """The review with a mark on every finding, Rémi's own marked by Rosa."""
    for finding in review.findings.all():
        by = rosa if finding.actor == remi.reference else remi
        reviews.mark(finding, mark=Mark.EXPLAINED, note="Vu.", by=by, at=at)
    return review


@pytest.fixture
def olives(review: Review, olive: Staff) -> Finding:
    """A finding about Olive."""
    return review.findings.filter(actor=olive.reference).earliest("pk")


def page_of(row: DataRequest | Review) -> str:
    """The address of a request's page, or of a review's."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def mark_of(finding: Finding) -> str:
    """Where the mark of a finding is posted."""
    return reverse("admin:dsr_review_mark", args=[finding.review_id, finding.pk])


def sign_of(review: Review) -> str:
    """Where the signature of a review is posted."""
    return reverse("admin:dsr_review_sign", args=[review.pk])


def said(response: Any) -> str:
    """The words of a page, its spaces made one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


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
