"""Giving every committed entry its place in the tree: consecutive, without a gap, one sequencer at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from dsr.audit import merkle, tree
from dsr.models import prepared
from dsr.models.audit import AuditEntry, Pending
from dsr.models.tree import HEIGHT, Head, Leaf, Node

AT_ONCE = 2000
ALARM_AFTER = timedelta(minutes=1)

_WAITING = prepared.Exists(Pending.objects.all)


def run() -> int:
    """Sequence whatever waits, unless another is at it, some thousands in a transaction; returns how many."""
    done = 0
    while is_due() and (batch := _run_once()):
        done += batch
    return done


def is_due() -> bool:
    """Whether any entry waits for its place."""
    return _WAITING()


def oldest_waiting() -> datetime | None:
    """The instant of the oldest entry that has no place yet; None when all have one."""
    return Pending.objects.order_by("pk").values_list("entry__at", flat=True).first()


def is_late(at: datetime) -> bool:
    """Whether an entry has been waiting for longer than a minute: then something is wrong with the sequencer."""
    oldest = oldest_waiting()
    return oldest is not None and at - oldest > ALARM_AFTER


@transaction.atomic
def _run_once() -> int:
    """Sequence one batch, in the order in which it was written.

    The size is read before the queue, and the head moves only from that size: had another sequencer come between, its
    commit would have moved it. Its row stays locked until the end, so whoever comes later finds it moved.
    """
    Head.objects.get_or_create(pk=1)
    size = tree.size()
    waiting = _waiting()
    if not waiting or not Head.objects.filter(pk=1, size=size).update(size=size + len(waiting)):
        return 0
    _grow(size, waiting)
    Pending.objects.filter(pk__in=Leaf.objects.filter(index__gte=size).values("entry")).delete()
    return len(waiting)


def _waiting() -> list[tuple[int, str]]:
    """Those that have waited longest, and their texts; asked apart, since a join may read all of the log."""
    pks = list(Pending.objects.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return list(AuditEntry.objects.filter(pk__in=pks).order_by("pk").values_list("pk", "canonical"))


def _grow(size: int, waiting: list[tuple[int, str]]) -> None:
    """Append a leaf for each entry, and the nodes that they complete on the levels that are kept."""
    known = tree.nodes(merkle.peaks(size))
    frontier = merkle.Frontier(size, [known[peak] for peak in merkle.peaks(size)])
    leaves, nodes = [], []
    for index, (entry_id, text) in enumerate(waiting, start=size):
        leaf = merkle.leaf_hash(text.encode())
        leaves.append((index, entry_id, leaf))
        completed = frontier.append(leaf)
        nodes += [(level, at, value) for (level, at), value in completed if level % HEIGHT == 0]
    _insert(Leaf, ("index", "entry_id", "hash"), leaves)
    _insert(Node, ("level", "index", "hash"), nodes)


def _insert(model: type[Model], columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Insert rows at once; the ORM would spend several times as long on them as on all the hashing."""
    table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - names of ours
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
