"""An untouched log gives no alarm, whoever writes to it meanwhile."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connections, transaction

from dsr.audit import checkpoints, log, sequencer
from dsr.audit.verifying import verify
from dsr.models.tree import Checkpoint
from tests.audit import many


@pytest.mark.django_db(transaction=True)
def test_a_log_verified_a_hundred_times_while_it_is_written_gives_no_alarm(asks, at):
    many.written(1100)
    requests, done = [asks(email=f"reader.{number}@example.org") for number in range(2)], Event()
    with ThreadPoolExecutor(3) as pool:
        working = [pool.submit(_write, data_request, at, done) for data_request in requests]
        working.append(pool.submit(_sequence_and_publish, at, done))
        try:
            alarms = [problem for _time in range(100) for problem in verify()]
        finally:
            done.set()
        written = sum(each.result() for each in working)
    assert alarms == []
    assert written > 100
    assert Checkpoint.objects.count() > 1


def _write(data_request, at, done):
    draw, written = random.Random(data_request.pk), 0
    while not done.is_set():
        with transaction.atomic():
            log.record("request.viewed", about=data_request, by=log.SYSTEM, at=at + timedelta(microseconds=written))
            transaction.set_rollback(draw.random() < 0.2)
        written += 1
        time.sleep(draw.random() / 200)
    connections.close_all()
    return written


def _sequence_and_publish(at, done):
    rounds = 0
    while not done.is_set():
        sequencer.run()
        checkpoints.publish(at=at + timedelta(seconds=rounds))
        rounds += 1
        time.sleep(0.01)
    connections.close_all()
    return rounds
