"""What operators' machines ask."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from dsr.audit import note, sequencer, signing
from dsr.models.tree import Checkpoint
from dsr.oversight import keeping
from tests.redis_server import RedisServer


@pytest.fixture
def broker(settings: Settings) -> Iterator[RedisServer]:
    """A broker of the test's own."""
    with RedisServer() as server:
        settings.REDIS_URL = server.url
        yield server


def test_the_process_is_alive_without_database_or_broker(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert client.get("/healthz").content == b"alive\n"


@pytest.mark.django_db(transaction=True)
def test_it_is_ready_when_database_and_broker_answer(client: Client, broker: RedisServer) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"database: ok\nbroker: ok\n")


@pytest.mark.django_db(transaction=True)
def test_it_is_not_ready_while_the_broker_is_frozen(client: Client, broker: RedisServer) -> None:
    broker.freeze()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"database: ok\nbroker: unavailable\n")


@pytest.mark.django_db(transaction=True)
def test_it_is_not_ready_without_a_broker(client: Client, broker: RedisServer) -> None:
    broker.stop()
    assert client.get("/readyz").status_code == 503


def test_being_asked_changes_nothing(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


def test_a_balancer_may_ask_in_clear(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 301


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer another", "Basic dG9rZW4="])
def test_the_measures_are_for_who_holds_the_token(client: Client, settings: Settings, header: str) -> None:
    settings.DSR_METRICS_TOKEN = "token"
    assert client.get("/metrics", headers={"authorization": header}).status_code == 404
    assert b"django_http_requests" in client.get("/metrics", headers={"authorization": "Bearer token"}).content


@pytest.fixture
def published(asks: Any, at: datetime) -> Checkpoint:
    """A checkpoint over the entries of one request."""
    asks()
    keeping.sequence(at=at)
    checkpoint = keeping.publish(at=at)
    assert checkpoint
    return checkpoint


def test_anybody_may_keep_a_copy_of_the_last_checkpoint(client: Client, published: Checkpoint) -> None:
    answer = client.get("/audit/checkpoint")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    stated = note.Checkpoint.parse(note.opened(answer.content.decode(), signing.verifiers()))
    assert stated.size == published.size > 0


def test_the_key_that_verifies_checkpoints_is_public(client: Client, published: Checkpoint) -> None:
    key = note.Verifier.parse(client.get("/audit/key").content.decode().strip())
    assert note.opened(published.note, [key])


@pytest.mark.django_db
def test_before_the_first_checkpoint_there_is_none(client: Client) -> None:
    assert client.get("/audit/checkpoint").status_code == 404


def test_the_log_is_measured(client: Client, settings: Settings, published: Checkpoint) -> None:
    settings.DSR_METRICS_TOKEN = "token"
    page = client.get("/metrics", headers={"authorization": "Bearer token"}).content.decode()
    measures = dict(line.rsplit(" ", 1) for line in page.splitlines() if line.startswith("dsr_"))
    assert float(measures["dsr_log_entries"]) == published.size
    assert float(measures["dsr_log_waiting_seconds"]) == 0
    assert float(measures["dsr_log_checkpoint_seconds"]) > 0
    assert float(measures["dsr_reviews_overdue"]) == 1  # the first entry is months old, and no review has opened


def test_an_entry_that_waits_is_measured(client: Client, settings: Settings, asks: Any) -> None:
    settings.DSR_METRICS_TOKEN = "token"
    asks()
    assert sequencer.oldest_waiting()
    page = client.get("/metrics", headers={"authorization": "Bearer token"}).content.decode()
    (waiting,) = [line for line in page.splitlines() if line.startswith("dsr_log_waiting_seconds")]
    assert float(waiting.rsplit(" ", 1)[1]) > 60


def test_with_no_token_set_nobody_reads_the_measures(client: Client, settings: Settings) -> None:
    settings.DSR_METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
