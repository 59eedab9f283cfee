"""Giving every committed entry its place in the tree: consecutive, without a gap, one sequencer at a time."""

from datetime import datetime, timedelta

from django.db import transaction

from dsr.audit import merkle, tree
from dsr.models.audit import Pending
from dsr.models.tree import HEIGHT, Head, Leaf, Node

AT_ONCE = 2000
ALARM_AFTER = timedelta(minutes=1)


def run() -> int:
    """Sequence whatever waits, unless another is at it, some thousands in a transaction; returns how many."""
    done = 0
    while is_due() and (batch := _run_once()):
        done += batch
    return done


def is_due() -> bool:
    """Whether any entry waits for its place."""
    return Pending.objects.exists()


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
    waiting = list(Pending.objects.order_by("pk").values_list("pk", "entry__canonical")[:AT_ONCE])
    if not waiting or not Head.objects.filter(pk=1, size=size).update(size=size + len(waiting)):
        return 0
    _grow(size, waiting)
    Pending.objects.filter(pk__in=[entry_id for entry_id, _text in waiting]).delete()
    return len(waiting)


def _grow(size: int, waiting: list[tuple[int, str]]) -> None:
    """Append a leaf for each entry, and the nodes that they complete on the levels that are kept."""
    known = tree.nodes(merkle.peaks(size))
    frontier = merkle.Frontier(size, [known[peak] for peak in merkle.peaks(size)])
    leaves: list[Leaf] = []
    nodes: list[Node] = []
    for index, (entry_id, text) in enumerate(waiting, start=size):
        leaf = merkle.leaf_hash(text.encode())
        leaves.append(Leaf(index=index, entry_id=entry_id, hash=leaf))
        completed = frontier.append(leaf)
        nodes += [Node(level=level, index=at, hash=value) for (level, at), value in completed if level % HEIGHT == 0]
    Leaf.objects.bulk_create(leaves)
    Node.objects.bulk_create(nodes)
