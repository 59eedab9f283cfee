"""``python -m tests``: the whole suite on SQLite, then on PostgreSQL; says loudly what this machine leaves out.

``DATABASE_URL`` names the PostgreSQL server when it is not one that answers on this machine; tests run in a database
``test_…`` beside the one it names. In CI, or with ``DSR_NO_SKIP=1``, whatever is left out is a failure.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from tests.postgresql import answering


def suite(database: str, arguments: Sequence[str], *, without: Sequence[str], plugins: Sequence[str]) -> int:
    """Run the suite on one database and answer with pytest's exit code."""
    marks = " and ".join(f"not {mark}" for mark in without)
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "worksteal", "-rs", "-m", marks]
    command += [argument for plugin in plugins for argument in ("-p", plugin)]
    environment = {**os.environ, "DATABASE_URL": database, "DSR_ENV_FILE": os.devnull}
    return subprocess.run([*command, *arguments], env=environment, check=False).returncode


def say(sentence: str) -> None:
    """A line nobody overlooks, in its place among pytest's."""
    sys.stdout.write(f"\n=== {sentence}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Stop at the first database on which the suite fails, so that the last lines tell the outcome."""
    strict = os.environ.get("DSR_NO_SKIP") == "1" or bool(os.environ.get("CI"))
    postgresql, chromium = answering(os.environ), shutil.which("chromium")
    missing = {"PostgreSQL": postgresql, "Chromium": chromium}
    left_out = [f"{name} is not here: its tests are LEFT OUT" for name, there in missing.items() if not there]
    for sentence in left_out:
        say(sentence)
    if strict and left_out:
        return 1
    unseen, plugins = [] if chromium else ["browser"], ["tests.no_skip"] if strict else []
    say("The suite on SQLite")
    outcome = suite("sqlite://:memory:", arguments, without=["postgresql", "soak", *unseen], plugins=plugins)
    if postgresql and outcome == 0:
        say("The suite on PostgreSQL")
        # The demonstration is SQLite's own, and what a browser shows does not depend on the database.
        plugins.append("tests.of_the_database")
        outcome = suite(postgresql, arguments, without=["demo", "browser", "soak"], plugins=plugins)
    for sentence in left_out:
        say(sentence)
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
