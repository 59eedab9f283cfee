"""The environment of the demonstration: secrets drawn once into ``demo.env``, and the refusal to run with any other.

``python -m dsr.management.demo.environment FILE`` writes the file, readable by its owner alone, or what it still lacks.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

NAME = "demo.env"
SECRETS = ("SECRET_KEY", "DSR_SERVICE_KEY", "DSR_SUPPRESSION_KEY", "DSR_LOG_KEY")
# Loopback speaks no TLS; one machine plays every reader; the rest is as in production.
PLAIN = {
    "DEBUG": "false",
    "SECURE_SSL_REDIRECT": "false",
    "SECURE_COOKIES": "false",
    "SECURE_HSTS_SECONDS": "0",
    "DSR_HOSTING_GROUNDS": "keep",
    "DSR_INTAKE_RATE": "1000/hour",
    "DSR_CODE_RATE": "1000/hour",
    "DSR_REFERENCE_RATE": "1000/hour",
}


class NotTheDemo(Exception):  # noqa: N818
    """The settings are not the demonstration's: nothing invented may be written to that database."""


def draw(path: Path) -> None:
    """Write a fresh environment; in one that is there, add only what it lacks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = read(path) if path.exists() else {}
    drawn = {name: secrets.token_hex(32) for name in SECRETS}
    lacking = {name: value for name, value in {**drawn, **PLAIN}.items() if name not in known}
    file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    with os.fdopen(file, "a") as lines:
        lines.writelines(f"{name}={value}\n" for name, value in lacking.items())


def read(path: Path) -> dict[str, str]:
    """The environment as it was written."""
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line)


def check(data: Path, *, environment: Mapping[str, str], database: Mapping[str, object]) -> None:
    """Raise NotTheDemo unless the settings came from the data folder's file and the database lies beside it."""
    path = data / NAME
    if not path.exists() or Path(environment.get("DSR_ENV_FILE", "")).resolve() != path.resolve():
        raise NotTheDemo("The demonstration has settings of its own: start it with « make demo ».")
    others = [name for name, value in read(path).items() if environment.get(name, value) != value]
    if others:
        raise NotTheDemo(f"Your environment sets {', '.join(others)}: unset it, the demonstration has its own.")
    if Path(str(database["NAME"])).parent.resolve() != data.resolve():
        raise NotTheDemo("DATABASE_URL names another database: unset it, the demonstration has its own.")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
