"""A Redis server of a test's own, on a free port: started, frozen, thawed, flushed and ended by its process id."""

import os
import signal
import subprocess
import time
from types import TracebackType
from typing import Self

import redis

from dsr.management.demo.processes import free_port, redis_server

PATIENCE_SECONDS = 20


class RedisServer:
    """``with RedisServer() as server:`` gives a running server; ``server.url`` is its ``REDIS_URL``."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers; it keeps nothing on disk."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([redis_server(), *options], stdout=subprocess.DEVNULL, start_new_session=True)
        limit = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError("the test's redis-server did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it, frozen or not, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """It holds its connections and answers nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        self._signal(signal.SIGCONT)

    def flush(self) -> None:
        """It forgets everything."""
        with self.client() as client:
            client.flushall()

    def answers(self) -> bool:
        """Whether it answers within a second."""
        with self.client() as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def client(self) -> redis.Redis:
        """A client that waits a second and no more."""
        return redis.Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            raise RuntimeError("the test's redis-server is not running")
        os.kill(self.process.pid, number)
