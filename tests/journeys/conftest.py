"""A whole house for one journey: Redis, a Celery worker, a mail server on loopback, and the people at the doors."""

import email
import email.policy
import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from allauth.mfa.totp.internal import auth as totp
from celery import current_app
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status
from dsr.states import Kind
from tests.groups import give_groups_back
from tests.redis_server import RedisServer, free_port
from tests.workers import CeleryProcess

PATIENCE_SECONDS = 120  # no goal: what takes longer will never come
CODE = re.compile(r"\b[2-9A-HJKMNP-TV-Z]{3}(?:-[2-9A-HJKMNP-TV-Z]{3}){2}\b")


def until(come: Callable[[], Any]) -> Any:
    """Wait for something to come, and return it."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while not (found := come()):
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.1)
    return found


class Postbox:
    """Keeps every letter that the mail server was handed; one Message-ID is one letter."""

    def __init__(self) -> None:
        self.letters: dict[str, EmailMessage] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters[str(letter["Message-ID"])] = letter
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """The letters to one address, in order of arrival."""
        return [letter for letter in self.letters.values() if letter["To"] == address]

    def body(self, address: str, *, saying: str) -> str:
        """The text of the newest letter to an address that says so, once it has come."""

        def newest() -> str:
            texts = [letter.get_body(("plain",)).get_content() for letter in self.to(address)]
            return next((text for text in reversed(texts) if saying in text), "")

        return until(newest)

    def code(self, address: str, *, about: DataRequest) -> str:
        """The newest code in a letter about a request."""

        def newest() -> str:
            texts = [letter.get_body(("plain",)).get_content() for letter in self.to(address)]
            codes = [code.group() for text in texts if about.reference in text and (code := CODE.search(text))]
            return codes[-1] if codes else ""

        return until(newest)


@pytest.fixture
def postbox():
    """A mail server on loopback."""
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    postbox.port = controller.port
    yield postbox
    controller.stop()


@pytest.fixture(autouse=True)
def _house(transactional_db, postbox, settings, tmp_path):
    """The groups that a flushed database has lost, Redis, and a worker that mails to the postbox.

    The DPO of this house chose not to keep who wrote what (grounds HEB-…).
    """
    settings.DSR_HOSTING_GROUNDS = "drop"
    give_groups_back()
    cache.clear()
    before = current_app.conf.broker_url
    with RedisServer() as redis:
        current_app.conf.broker_url = redis.url
        worker = CeleryProcess(
            "worker", "-c", "1", "-Q", "steps,mail", "-l", "WARNING",
            redis_url=redis.url, log=tmp_path / "worker.log", EMAIL_URL=f"smtp://127.0.0.1:{postbox.port}",
            DSR_HOSTING_GROUNDS=settings.DSR_HOSTING_GROUNDS,
        )  # fmt: skip
        with worker:
            yield
    current_app.conf.broker_url = before


class Reader:
    """Somebody at the reader's pages, with a mailbox."""

    def __init__(self, address: str, postbox: Postbox) -> None:
        self.address = address
        self.postbox = postbox
        self.browser = Client(enforce_csrf_checks=False)

    def asks(self, *kinds: Kind, **fields: Any) -> DataRequest:
        """Fill the form in and prove the mailbox with the code of the letter."""
        form = {"kinds": list(kinds), "email": self.address, "about": "everything", **fields}
        answer = self.browser.post(reverse("web:intake"), form)
        assert answer.status_code == 302, answer.content.decode()
        reference = re.search(r"DSR-[^/]+", answer["Location"]).group()
        data_request = DataRequest.objects.get(reference=reference)
        self.does(data_request, "confirm", code=self.postbox.code(self.address, about=data_request))
        return data_request

    def does(self, data_request: DataRequest, verb: str, **fields: Any) -> Any:
        """Press a button on the page of a request."""
        page = reverse("web:tracking", args=[data_request.reference])
        answer = self.browser.post(page, {"do": verb, **fields})
        assert answer.status_code in {200, 302}, answer.content.decode()
        return answer

    def downloads(self, data_request: DataRequest) -> bytes:
        """Type the code of the newest letter, and take the archive."""
        copy = self.does(data_request, "download", code=self.postbox.code(self.address, about=data_request))
        archive = self.browser.get(f"{copy['Location']}copie.zip")
        assert archive.status_code == 200
        return b"".join(archive.streaming_content)

    def form(self, data_request: DataRequest, verb: str) -> dict[str, Any]:
        """The fields of a form on the page of a request, as they are shown."""
        page = self.browser.get(reverse("web:tracking", args=[data_request.reference]))
        form = page.context["forms"][verb]
        return {name: form[name].value() or "" for name in form.fields}


class Officer:
    """A member of staff at the desk, signed in by password and second factor."""

    def __init__(self, person: Staff) -> None:
        self.person = person
        self.browser = Client()
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(person, secret)
        login = {"login": person.username, "password": f"{person.username}-has-a-long-password"}
        asked = self.browser.post(reverse("account_login"), login)
        assert asked.status_code == 302, asked.content.decode()
        code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
        entered = self.browser.post(asked["Location"], {"code": code})
        assert entered.status_code == 302, entered.content.decode()

    def does(self, data_request: DataRequest, verb: str, row: int | None = None, **fields: Any) -> None:
        """Press a button of the desk."""
        where = [data_request.pk, verb] if row is None else [data_request.pk, verb, row]
        name = "admin:dsr_datarequest_act" if row is None else "admin:dsr_datarequest_row_act"
        answer = self.browser.post(reverse(name, args=where), fields)
        assert answer.status_code == 302, answer.content.decode()

    def lets_go(self, data_request: DataRequest) -> bytes:
        """Mask what a copy says of other people, read the package and release it; returns the package."""
        waiting = data_request.steps.filter(action__in=[Action.SCREEN, Action.READ], status=Status.WAITING)
        if until(waiting.first).action == Action.SCREEN:
            rest = self.browser.post(reverse("admin:dsr_datarequest_mask_rest", args=[data_request.pk]))
            assert rest.status_code == 302
            self.does(data_request, "finish_screening")
            until(waiting.filter(action=Action.READ).first)
        opened = self.browser.post(reverse("admin:dsr_datarequest_read", args=[data_request.pk]))
        package = b"".join(opened.streaming_content)
        self.does(data_request, "release")
        return package

    def sees(self, data_request: DataRequest) -> str:
        """The page of a request at the desk."""
        answer = self.browser.get(reverse("admin:dsr_datarequest_change", args=[data_request.pk]))
        assert answer.status_code == 200
        return answer.content.decode()


@pytest.fixture
def reader(postbox):
    """``reader("alice@example.org")`` is somebody at the reader's pages."""
    return lambda address: Reader(address, postbox)


@pytest.fixture
def olive_at_her_desk(olive):
    return Officer(olive)


@pytest.fixture
def simone_at_her_desk(simone):
    return Officer(simone)
