"""``python -m benchmarks [NAME]``: run the measures whose figures begin with NAME, on every database there is."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from secrets import token_hex

from tests.postgresql import answering

RESULTS = Path(__file__).resolve().parent / "results.json"


def measured(database: str, only: str) -> dict[str, float]:
    """The figures of one database, measured in a process of its own with the settings of production."""
    with tempfile.TemporaryDirectory(prefix="dsr-bench-") as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": database or f"sqlite:///{folder}/bench.sqlite3",
            "DSR_DATA_DIR": folder,
            "DSR_ENV_FILE": os.devnull,
            "DSR_HOSTING_GROUNDS": "keep",
            "DJANGO_SETTINGS_MODULE": "site_config.settings",
            **{name: token_hex(32) for name in ("SECRET_KEY", "DSR_SERVICE_KEY", "DSR_SUPPRESSION_KEY", "DSR_LOG_KEY")},
        }
        command = [sys.executable, "-m", "benchmarks.one_database", only]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main(only: str = "") -> None:
    """Print one figure a line; write all of them down."""
    postgresql = answering(os.environ)
    databases = {"sqlite": "", **({"postgresql": postgresql} if postgresql else {})}
    results = {}
    for name, database in databases.items():
        print(f"# {name}", flush=True)
        results[name] = measured(database, only)
        for figure, value in results[name].items():
            print(f"{figure} {value:.4g}", flush=True)
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
