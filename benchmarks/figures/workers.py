"""Whether a second worker process carries out twice as much: real Celery workers, a thousand ordinary requests."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import access_request, mailbox, ordinary
from benchmarks.one_database import Figures, officer
from dsr import hints
from dsr.models.step import Status, Step
from tests.redis_server import RedisServer
from tests.workers import database_url

REQUESTS: Final = 1000
WARMING_UP: Final = 10  # for each worker
ENOUGH_CORES: Final = 4
TICKS: Final = os.sysconf("SC_CLK_TCK")


def measure() -> Figures:
    """On PostgreSQL: SQLite has one writer at a time. Workers are compared by their work where cores are few."""
    if connection.vendor != "postgresql":
        return {}
    one, two = (_carried_out(workers) for workers in (1, 2))
    scaling = {"workers.scaling": one["seconds"] / two["seconds"]} if (os.cpu_count() or 1) >= ENOUGH_CORES else {}
    return {
        **scaling,
        "workers.cpu_ms_per_request_1": one["cpu"] / REQUESTS * 1000,
        "workers.cpu_ms_per_request_2": two["cpu"] / REQUESTS * 1000,
        "workers.cpu_ratio": two["cpu"] / one["cpu"],
    }


def _carried_out(workers: int) -> dict[str, float]:
    """Seconds on the clock, and of the processors, until every step that is a machine's is done.

    Workers that have carried out a few before: their start is not counted.
    """
    with mailbox.sink() as port, TemporaryDirectory() as folder, RedisServer() as redis:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        current_app.conf.broker_url = redis.url
        _accept(WARMING_UP * workers, name=f"warming-{workers}")
        running = [_Worker(redis.url, Path(folder) / f"worker-{number}.log") for number in range(workers)]
        _wait()
        _accept(REQUESTS, name=f"workers-{workers}")
        cpu, began = sum(worker.cpu() for worker in running), perf_counter()
        hints.everything_due(at=timezone.now())
        _wait()
        seconds = perf_counter() - began
        return {"seconds": seconds, "cpu": sum(worker.end() for worker in running) - cpu}


def _accept(number: int, *, name: str) -> None:
    """So many requests, of which workers are not told."""
    olive = officer()
    for email in ordinary.readers(number, name=name):
        access_request.accepted(email, by=olive)


def _wait() -> None:
    """Until no step is left to a machine; each worker hints what its own steps made due."""
    while Step.objects.filter(status=Status.PENDING).exists():
        sleep(0.5)
        if Step.objects.filter(status=Status.NEEDS_ATTENTION).exists():
            raise RuntimeError("a step failed")


class _Worker:
    """One Celery process that works alone."""

    def __init__(self, redis_url: str, log: Path) -> None:
        command = [sys.executable, "-m", "celery", "-A", "site_config", "worker", "-Q", "steps,mail", "-P", "solo"]
        environment = {**os.environ, "DATABASE_URL": database_url(), "REDIS_URL": redis_url}
        options: dict[str, Any] = {"stdout": subprocess.DEVNULL, "start_new_session": True, "env": environment}
        with log.open("wb") as written:
            self.process = subprocess.Popen(command, stderr=written, **options)

    def cpu(self) -> float:
        """The seconds of a processor that it has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / TICKS

    def end(self) -> float:
        """End it; returns the seconds of a processor that it took."""
        taken = self.cpu()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return taken
