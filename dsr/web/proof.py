"""Which requests this browser has proven; forgotten after half an hour without use."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q

from dsr.models.request import DataRequest

IDLE = timedelta(minutes=30)
STEP = timedelta(minutes=1)  # how stale the last use may be before it is written again
PROVEN = "proven_references"
USED = "proven_used_at"


def grant(session: SessionBase, data_requests: Iterable[DataRequest], *, at: datetime) -> None:
    """Remember a proof, under a new session key so that a planted one opens nothing."""
    proven = {*_proven(session, at=at), *(each.reference for each in data_requests)}
    session.cycle_key()
    session[PROVEN] = sorted(proven)
    session[USED] = at.isoformat()


def holds(session: SessionBase, reference: str, *, at: datetime) -> bool:
    """Whether this browser has proven that request and was not idle since."""
    return reference in _proven(session, at=at)


def touch(session: SessionBase, *, at: datetime) -> None:
    """The person is there: the half hour starts again."""
    if at - _used(session) > STEP:
        session[USED] = at.isoformat()


def leave(session: SessionBase) -> None:
    """Forget every proof, for a computer that others use."""
    session.pop(PROVEN, None)
    session.pop(USED, None)


def family(*data_requests: DataRequest) -> set[DataRequest]:
    """The requests that one proof opens: these, and those of the same message proven by the same mailbox."""
    opened = set(data_requests)
    for each in data_requests:
        root = each.asked_with_id or each.pk
        together = DataRequest.objects.filter(Q(pk=root) | Q(asked_with=root))
        opened |= set(together.of_person(each.person))
    return opened


def _proven(session: SessionBase, *, at: datetime) -> list[str]:
    proven: list[str] = session.get(PROVEN, [])
    return proven if proven and at - _used(session) <= IDLE else []


def _used(session: SessionBase) -> datetime:
    return datetime.fromisoformat(session[USED])
