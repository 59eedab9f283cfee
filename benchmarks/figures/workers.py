"""Whether a second worker process carries out twice as much: real Celery workers, a thousand ordinary requests."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any, Final

from django.conf import settings
from django.db import connection

from benchmarks import access_request, mailbox, ordinary
from benchmarks.one_database import Figures, officer
from dsr.models.step import Status, Step
from tests.redis_server import RedisServer
from tests.workers import database_url

REQUESTS: Final = 1000
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
    """Seconds on the clock, and of the processors, until every step that is a machine's is done."""
    olive = officer()
    with mailbox.sink() as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        for email in ordinary.readers(REQUESTS, name=f"workers-{workers}"):
            access_request.accepted(email, by=olive)
    with TemporaryDirectory() as folder, RedisServer() as redis:
        running = [_Worker(redis.url, Path(folder) / f"worker-{number}.log") for number in range(workers)]
        began = perf_counter()
        _wait()
        seconds = perf_counter() - began
        return {"seconds": seconds, "cpu": sum(worker.end() for worker in running)}


def _wait() -> None:
    """Until no step is left to a machine; a worker that starts looks for them by itself."""
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

    def end(self) -> float:
        """End it; returns the seconds of a processor that it took."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return sum(int(field) for field in fields[11:15]) / TICKS
