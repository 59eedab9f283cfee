"""A bounded piece of work along QuerySets in keyset order: where it stopped is a cursor, never an offset."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from dsr.sources.base import Cursor
from dsr.sources.selection import Key, RowKey

Act = Callable[[int, list[Key]], None]


def walk(key: RowKey, tasks: Sequence[QuerySet[Any]], cursor: Cursor, limit: int, act: Act) -> Cursor | None:
    """Act on at most ``limit`` rows of the tasks, one task after the other; None when all are through.

    The keys are locked first, so that nobody makes a new row point at one of them before the chunk is committed. A
    cursor holds the number of the task and the last key: tasks come in the same order at each call.
    """
    number: int = cursor.get("task", 0)
    after = key.load(cursor["after"]) if cursor.get("after") else None
    while number < len(tasks):
        keys = _next_keys(key, tasks[number], after, limit)
        if keys:
            act(number, keys)
        limit -= len(keys)
        if not limit:
            return {"task": number, "after": key.dump(keys[-1])}
        number, after = number + 1, None
    return None


def _next_keys(key: RowKey, task: QuerySet[Any], after: Key | None, limit: int) -> list[Key]:
    page = task.filter(key.after(after)).order_by(*key.names)[:limit]
    keys = [tuple(row) for row in page.values_list(*key.names)]
    everything: QuerySet[Any] = QuerySet(task.model, using=task.db)
    for some in key.within(keys) if keys else ():
        list(everything.filter(some).select_for_update().order_by(*key.names).values_list(*key.names))
    return keys
