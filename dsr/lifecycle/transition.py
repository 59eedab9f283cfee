"""The only door between states: lock, check the table, save, record."""

from datetime import datetime
from typing import Any

from dsr.audit import log
from dsr.models import prepared
from dsr.models.prepared import given
from dsr.models.request import DataRequest
from dsr.permissions import NotNow
from dsr.states import CLOSED, EVENTS, State

_HELD = prepared.Rows(lambda: DataRequest.objects.select_for_update(no_key=True).filter(pk=given("pk")))


def lock(data_request: DataRequest) -> DataRequest:
    """The request as it stands now, held until the transaction ends."""
    return _HELD.get(pk=data_request.pk)


def move(
    data_request: DataRequest,
    *,
    to: State,
    by: log.Actor,
    at: datetime,
    facts: dict[str, log.Fact] | None = None,
    **changes: Any,
) -> DataRequest:
    """Move the request to another state, with what changes along, in the caller's transaction.

    Raises NotNow for a pair that is not in the table.
    """
    locked = lock(data_request)
    event = EVENTS.get((State(locked.state), to))
    if event is None:
        raise NotNow
    locked.state = to
    if to in CLOSED:
        locked.closed_at = at
    return amend(locked, event=event, by=by, at=at, facts=facts, **changes)


def amend(
    data_request: DataRequest,
    *,
    event: str,
    by: log.Actor,
    at: datetime,
    facts: dict[str, log.Fact] | None = None,
    **changes: Any,
) -> DataRequest:
    """Change what is not the state, keep the due date true, and record it, in the caller's transaction."""
    for name, value in changes.items():
        setattr(data_request, name, value)
    data_request.due_on = data_request.compute_due_on()
    data_request.save()
    log.record(event, about=data_request, by=by, at=at, facts=facts)
    return data_request
