"""What operators' machines ask."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

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


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer another", "Basic dG9rZW4="])
def test_the_measures_are_for_who_holds_the_token(client: Client, settings: Settings, header: str) -> None:
    settings.DSR_METRICS_TOKEN = "token"
    assert client.get("/metrics", headers={"authorization": header}).status_code == 404
    assert b"django_http_requests" in client.get("/metrics", headers={"authorization": "Bearer token"}).content


def test_with_no_token_set_nobody_reads_the_measures(client: Client, settings: Settings) -> None:
    settings.DSR_METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
