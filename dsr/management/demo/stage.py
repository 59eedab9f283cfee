"""The stage: tables, static files, and the processes that together are the service, as in production but for TLS."""

import os
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command

from dsr.management.demo.processes import HOST, Processes, free_port, redis_server

WORKERS = 2
WEB_THREADS = 8


def environment(site: str) -> dict[str, str]:
    """The environment of the processes: ours, with the site's address, the mail folder and the broker."""
    here = {"DSR_SITE_URL": site, "EMAIL_URL": f"file:///{mail_folder()}", "PYTHONUNBUFFERED": "1"}
    return {"REDIS_URL": f"redis://{HOST}:{free_port()}/0", **os.environ, **here}


def mail_folder() -> Path:
    """Where the letters arrive."""
    return Path(settings.DSR_DATA_DIR).resolve() / "mail"


def build() -> None:
    """Migrate the tables and gather the static files."""
    mail_folder().mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)


def start(processes: Processes, *, port: int) -> None:
    """Start Redis unless one is given, worker, beat and web; wait until the site says it is ready."""
    broker = processes.environment["REDIS_URL"]
    if "REDIS_URL" not in os.environ:
        redis_port = broker.rpartition(":")[2].partition("/")[0]
        options = [
            "--bind",
            HOST,
            "--port",
            redis_port,
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(processes.logs),
        ]
        processes.start("redis", redis_server(), *options)
    celery = ("celery", "--app", "site_config", "--quiet")
    queues = ("--queues", "steps,mail", "--concurrency", str(WORKERS), "--loglevel", "INFO")
    processes.start_python("web", "gunicorn", "site_config.wsgi", *_web(port))
    processes.start_python("worker", *celery, "worker", *queues)
    schedule = str(processes.logs / "beat-schedule")
    processes.start_python("beat", *celery, "beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "INFO")
    processes.wait(lambda: is_ready(port), what="the site")


def is_ready(port: int) -> bool:
    """Whether the site answers, and its database and broker do."""
    try:
        with urlopen(f"http://{HOST}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP
    except (URLError, HTTPException, OSError):
        return False


def _web(port: int) -> list[str]:
    options = ["--bind", f"{HOST}:{port}", "--workers", "1", "--threads", str(WEB_THREADS)]
    return [*options, "--no-control-socket"]  # no access log: it would keep every visitor's address
