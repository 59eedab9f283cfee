"""« There is work »: published when Redis is there, forgotten when it is not, never waited for."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery import current_app
from django.db import connections

from dsr import hints
from dsr.audit import sequencer
from tests.redis_server import RedisServer

HANGING_SECONDS = 30  # no goal: whoever waits this long would wait for ever

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def broker():
    """A Redis of the test's own, where hints go."""
    before = current_app.conf.broker_url
    with RedisServer() as server:
        current_app.conf.broker_url = server.url
        yield server
    current_app.conf.broker_url = before


def queued(broker, queue):
    with broker.client() as client:
        return [json.loads(message)["headers"] for message in client.lrange(queue, 0, -1)]


def test_a_letter_is_hinted_by_the_name_of_its_task_and_an_id(broker, asks):
    data_request = asks()
    hints.for_request(data_request)
    letter = queued(broker, "mail")[-1]
    assert letter["task"] == "dsr.send_notice"
    assert letter["argsrepr"] == f"[{data_request.notices.get().pk}]"


def test_entries_of_the_log_that_wait_for_their_places_are_hinted_once(broker, asks):
    hints.for_request(asks())
    assert [headers["task"] for headers in queued(broker, "mail")] == ["dsr.sequence", "dsr.send_notice"]


def test_nothing_is_hinted_for_a_log_whose_entries_have_their_places(broker, asks):
    data_request = asks()
    sequencer.run()
    hints.for_request(data_request)
    assert [headers["task"] for headers in queued(broker, "mail")] == ["dsr.send_notice"]


def test_the_sweeper_hints_again_what_redis_forgot(broker, asks, at):
    hints.for_request(asks())
    broker.flush()
    assert hints.everything_due(at=at) == 2
    assert {headers["task"] for headers in queued(broker, "mail")} == {"dsr.send_notice", "dsr.sequence"}


def test_without_redis_nothing_fails(broker, asks, at):
    broker.stop()
    hints.for_request(asks())
    assert hints.everything_due(at=at) == 0


def test_a_frozen_redis_hangs_no_page(broker, asks, at):
    data_request = asks()
    hints.for_request(data_request)
    broker.freeze()

    def page():
        hints.for_request(data_request)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(page).result(timeout=HANGING_SECONDS)
    broker.thaw()
    assert data_request.notices.get().sent_at is None
