"""The log: what an entry costs its writer, and how quickly a million are sequenced, verified and proven."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from statistics import median
from time import perf_counter

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.one_database import Figures
from dsr.audit import checkpoints, guards, log, sequencer, tree
from dsr.lifecycle import intake
from dsr.models.audit import AuditEntry
from dsr.models.request import Channel, DataRequest
from dsr.states import Kind
from tests.audit import many
from tests.workers import database_url

ENTRIES = 1_000_000
A_TENTH = ENTRIES // 10
STRETCH = 50_000  # entries that wait for their places at once
TURNS, PROOFS = 300, 200


def measure() -> Figures:
    """A writer's wait first, while the log is short; then the log grows to a tenth, and to all of its length."""
    appended = _appended()
    _sequenced(0, A_TENTH)
    tenth = _verified()
    per_second = (ENTRIES - A_TENTH) / _sequenced(A_TENTH, ENTRIES)
    whole = _verified()
    return {
        **appended,
        "audit.sequencer_per_second": per_second,
        "audit.verify_per_second": whole["per_second"],
        "audit.verify_memory_mib": whole["memory_mib"],
        "audit.verify_memory_tenth_mib": tenth["memory_mib"],
        "audit.proof_ms": _proven(),
    }


def _appended() -> Figures:
    """An entry against a plain row: each in a transaction of its own, then each beside the same change of a request."""
    data_request = intake.receive(
        kinds=[Kind.ACCESS], email="writer@example.org", channel=Channel.FORM, language="fr", at=timezone.now()
    )[0]
    writer = Writer(data_request)
    entry, row, change_and_entry, change_and_row = _in_turns(
        writer.entry, writer.row, writer.change_and_entry, writer.change_and_row
    )
    writer.tidy()
    return {
        "audit.append_ms": entry,
        "audit.append_ratio": entry / row,
        "audit.append_overhead_ms": change_and_entry - change_and_row,
    }


class Writer:
    """Each act is a transaction of its own; plain rows have no hash, no chain, and no place to wait for."""

    def __init__(self, data_request: DataRequest) -> None:
        self.data_request = data_request
        self.text = AuditEntry.objects.latest("pk").canonical
        self.rows = 0

    @transaction.atomic
    def entry(self) -> None:
        self._record()

    @transaction.atomic
    def row(self) -> None:
        self._insert()

    @transaction.atomic
    def change_and_entry(self) -> None:
        self.data_request.save()
        self._record()

    @transaction.atomic
    def change_and_row(self) -> None:
        self.data_request.save()
        self._insert()

    def tidy(self) -> None:
        """Take the plain rows out again, as only the owner of the tables can."""
        guards.lift(connection)
        AuditEntry.objects.filter(subject="PLAIN").delete()
        guards.install(connection)

    def _record(self) -> None:
        log.record("request.viewed", about=self.data_request, by=log.SYSTEM, at=timezone.now())

    def _insert(self) -> None:
        self.rows += 1
        plain = {"subject": "PLAIN", "n": self.rows, "event": "request.viewed", "actor": "system"}
        AuditEntry(**plain, at=timezone.now(), canonical=self.text).save(force_insert=True)


def _in_turns(*acts: Callable[[], object]) -> list[float]:
    """The median milliseconds of each act; they take turns, so that all meet the same machine."""
    taken: dict[Callable[[], object], list[float]] = {act: [] for act in acts}
    for _turn in range(TURNS):
        for act, times in taken.items():
            began = perf_counter()
            act()
            times.append(1000 * (perf_counter() - began))
    return [median(times) for times in taken.values()]


def _sequenced(start: int, end: int) -> float:
    """Let the log grow, and sign a checkpoint over it; returns the seconds that the sequencer took."""
    seconds, writing = 0.0, many.write(many.rows(end - start, first=start))
    while sum(islice(writing, STRETCH // many.AT_ONCE)):
        began = perf_counter()
        sequencer.run()
        seconds += perf_counter() - began
    checkpoints.publish(at=timezone.now())
    return seconds


def _verified() -> Figures:
    command = [sys.executable, "-m", "benchmarks.verifying"]
    environment = {**os.environ, "DATABASE_URL": database_url()}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def _proven() -> float:
    """The mean milliseconds of a proof of inclusion, or of consistency if these take longer."""
    size, draw = tree.size(), random.Random(1)
    places = [draw.randrange(1, size) for _proof in range(PROOFS)]

    def milliseconds(prove: Callable[[int, int], object]) -> float:
        began = perf_counter()
        for place in places:
            prove(place, size)
        return 1000 * (perf_counter() - began) / PROOFS

    return max(milliseconds(tree.inclusion_proof), milliseconds(tree.consistency_proof))
