"""The package: its data part against the database's own client and gzip, and how time and memory grow with the rows."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from django.db import connection

from benchmarks import comments
from benchmarks.one_database import Figures
from benchmarks.packing import pack
from dsr.readers.models import Account, Comment
from dsr.sources import registry
from tests.workers import database_url

FEW, ROWS, MANY = 10_000, 100_000, 1_000_000
TURNS, TURNS_OF_FEW = 5, 7


def measure() -> Figures:
    """One reader with few comments, one with a hundred thousand, one with a million."""
    few = comments.write(FEW, of="few")
    reader = comments.write(ROWS, of="reader")
    many = comments.repeat(reader, MANY // ROWS, of="many")
    return {**_against_the_client(reader), **_grown(few, many)}


def _against_the_client(reader: Account) -> Figures:
    """In turns, so that all meet the same machine; each ratio is that of one turn."""
    pack(str(reader.pk))  # warms up
    ratios, sizes = [], []
    for _turn in range(TURNS):
        packed = pack(str(reader.pk))
        exported = [_exported(form, reader.pk) for form in ("json", "csv")]
        ratios.append(packed["seconds"] / sum(seconds for seconds, _size in exported))
        sizes.append(packed["bytes"] / sum(size for _seconds, size in exported))
    return {"access.time_ratio_copy_gzip": median(ratios), "access.size_ratio_copy_gzip": median(sizes)}


def _exported(form: str, account: int) -> tuple[float, int]:
    """Seconds and bytes of the same columns, written by the client into ``gzip -6``."""
    source = registry.source("comments")
    columns = [Comment._meta.get_field(name).column for name in source.fields]  # type: ignore[attr-defined]
    select = f"SELECT {', '.join(columns)} FROM readers_comment WHERE account_id = {account} ORDER BY id"
    with tempfile.NamedTemporaryFile() as file:
        began = perf_counter()
        with subprocess.Popen(_client(form, select), stdout=subprocess.PIPE) as client:
            subprocess.run(["gzip", "-6"], stdin=client.stdout, stdout=file, check=True)
        seconds = perf_counter() - began
        if client.returncode:
            raise RuntimeError(f"{client.args} failed")
        return seconds, Path(file.name).stat().st_size


def _client(form: str, select: str) -> list[str]:
    if connection.vendor == "sqlite":
        return [_found("sqlite3"), "-cmd", f".mode {form}", "-cmd", ".headers on", database_url()[10:], select]
    as_json, as_csv = f"SELECT row_to_json(each) FROM ({select}) each", "WITH (FORMAT csv, HEADER)"
    copy = f"COPY ({as_json}) TO STDOUT" if form == "json" else f"COPY ({select}) TO STDOUT {as_csv}"
    return [_found("psql"), "-q", "-c", copy, database_url()]


def _found(program: str) -> str:
    found = shutil.which(program)
    if not found:
        sys.exit(f"{program} IS MISSING: there is nothing to compare with. On Debian: apt-get install {program}")
    return found


def _grown(few: Account, many: Account) -> Figures:
    """Each packing in a process of its own; few rows are packed in turns around the many."""
    before = [_apart(few, "data") for _turn in range(TURNS_OF_FEW // 2)]
    grown = _apart(many, "data")
    after = [_apart(few, "data") for _turn in range(TURNS_OF_FEW // 2)]
    small = median(each["seconds"] for each in before + after)
    memory = grown["peak_mib"] - median(each["peak_mib"] for each in before + after)
    return {
        "access.time_growth": (grown["seconds"] / MANY) / (small / FEW),
        "access.memory_growth_mib": memory,
        "access.rows_per_second": MANY / grown["seconds"],
    }


def _apart(account: Account, what: str) -> Figures:
    command = [sys.executable, "-m", "benchmarks.packing", str(account.pk), what]
    environment = {**os.environ, "DATABASE_URL": database_url()}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    figures: Figures = json.loads(done.stdout)
    return figures
