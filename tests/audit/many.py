"""A log of many entries as a year at the desk leaves it: about twenty a request, thousands of requests at once."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models import Max

from dsr.audit.log import link
from dsr.models.audit import AuditEntry

AT_ONCE = 10_000
BEGAN = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
ACTORS = ("reader", "system", *(f"S-{number:06d}" for number in range(8)))
HAPPENS = (
    ("request.received", '"channel":"form","kind":"access","language":"fr","scope":"everything"'),
    ("code.sent", '"purpose":"confirm"'),
    ("code.used", '"purpose":"confirm"'),
    ("request.confirmed", '"means":"code"'),
    ("identifier.verified", '"kind":"email","means":"code"'),
    ("request.viewed", ""),
    ("request.accepted", ""),
    *((("step.done", '"action":"collect","changed":0,"erased":0,"rewritten":0,"source":"comments"'),) * 11),
    ("package.sealed", f'"digest":"{"5e" * 32}","omissions":0,"size":73412'),
    ("notice.sent", '"days_late":0,"letter":"answer"'),
)
INTO = "dsr_auditentry (subject, n, event, at, actor, canonical)"

Row = tuple[str, int, str, datetime, str, str]


def rows(count: int, *, first: int = 0, alive: int = 3000) -> Iterator[Row]:
    """Entries in the order in which they are written, the requests alive at one time taking turns at random."""
    draw, at, begun = random.Random(first), BEGAN + timedelta(seconds=first), first
    chains: list[tuple[str, int, str]] = []
    for _each in range(count):
        if len(chains) < alive:
            chains.append((f"DSR-{begun:09d}", 0, ""))
            begun += 1
        turn = draw.randrange(len(chains))
        subject, n, previous = chains[turn]
        event, facts = HAPPENS[n]
        at += timedelta(microseconds=draw.randrange(1, 2_000_000))
        row = (subject, n + 1, event, at, draw.choice(ACTORS))
        text = _text(row, facts, previous)
        yield (*row, text)
        chains[turn] = (subject, n + 1, link(text))
        if n + 1 == len(HAPPENS):
            chains[turn] = chains[-1]
            chains.pop()


def write(entries: Iterable[Row]) -> Iterator[int]:
    """Insert them as entries that wait for their places, some thousands at a time; yields how many."""
    entries = iter(entries)
    while block := list(islice(entries, AT_ONCE)):
        _insert(block)
        yield len(block)


def written(count: int, **how: int) -> int:
    """So many entries that wait for their places."""
    return sum(write(rows(count, **how)))


def _text(row: tuple[str, int, str, datetime, str], facts: str, previous: str) -> str:
    subject, n, event, at, actor = row
    return (
        f'{{"actor":"{actor}","at":"{at:%Y-%m-%dT%H:%M:%S.%fZ}","event":"{event}","facts":{{{facts}}},"n":{n},'
        f'"previous":"{previous}","subject":"{subject}"}}'
    )


@transaction.atomic
def _insert(block: list[Row]) -> None:
    last = AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {INTO} FROM STDIN") as copy:
                for row in block:
                    copy.write_row(row)
        else:
            adapted = [(*row[:3], connection.ops.adapt_datetimefield_value(row[3]), *row[4:]) for row in block]
            cursor.executemany(f"INSERT INTO {INTO} VALUES (%s, %s, %s, %s, %s, %s)", adapted)
        cursor.execute("INSERT INTO dsr_pending (entry_id) SELECT id FROM dsr_auditentry WHERE id > %s", [last])
