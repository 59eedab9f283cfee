"""Real Celery processes for tests: a worker group or a beat on the test's own database, ended by their own group id."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import connection


def database_url() -> str:
    """The test database as another process reaches it."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    parts = connection.settings_dict
    login = ":".join(filter(None, [parts["USER"], parts["PASSWORD"]]))
    return f"postgres://{login}@{parts['HOST']}:{parts['PORT'] or 5432}/{name}"


def own_shelves() -> dict[str, str]:
    """Where this test keeps checkpoints and ledger: beside another's, its database would look like a restored one."""
    names = {"DSR_CHECKPOINT_DIR": "checkpoints", "DSR_LEDGER_DIR": "ledger"}
    return {variable: str(settings.STORAGES[name]["OPTIONS"]["location"]) for variable, name in names.items()}


class CeleryProcess:
    """``celery <arguments>`` in a process group of its own; what it prints goes to a file beside the test's data."""

    def __init__(self, *arguments: str, redis_url: str, log: Path, **environment: str) -> None:
        self.command = [sys.executable, "-m", "celery", "-A", "site_config", *arguments]
        self.log = log
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "site_config.settings_test",
            "DATABASE_URL": database_url(),
            "DSR_DATA_DIR": str(settings.DSR_DATA_DIR),
            **own_shelves(),
            "REDIS_URL": redis_url,
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and go on at once."""
        options: dict[str, Any] = {"stdout": subprocess.DEVNULL, "start_new_session": True, "env": self.environment}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stderr=log, **options)

    def kill(self) -> None:
        """SIGKILL to the whole group, as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
