"""The only door between states."""

import itertools

import pytest

from dsr.audit import log
from dsr.lifecycle import transition
from dsr.models.audit import AuditEntry
from dsr.models.request import Channel, DataRequest
from dsr.permissions import NotNow
from dsr.states import CLOSED, EVENTS, Kind, State

pytestmark = pytest.mark.django_db

PAIRS = list(itertools.product(State, State))


def standing_at(state, at):
    return DataRequest.objects.create(
        kind=Kind.OTHER,
        state=state,
        channel=Channel.POST,
        received_at=at,
        entered_at=at,
        closed_at=at if state in CLOSED else None,
        refusal_ground="identity" if state == State.REFUSED else "",
    )


@pytest.mark.parametrize(("source", "target"), [pair for pair in PAIRS if pair in EVENTS])
def test_an_allowed_move_is_saved_and_recorded(source, target, at):
    data_request = standing_at(source, at)
    ground = {"refusal_ground": "identity"} if target == State.REFUSED else {}
    transition.move(data_request, to=target, by=log.SYSTEM, at=at, **ground)
    data_request.refresh_from_db()
    entry = AuditEntry.objects.get(subject=data_request.reference)
    assert (data_request.state, entry.event) == (target, EVENTS[source, target])
    assert bool(data_request.closed_at) == (target in CLOSED)


@pytest.mark.parametrize(("source", "target"), [pair for pair in PAIRS if pair not in EVENTS])
def test_any_other_move_is_refused_and_leaves_no_trace(source, target, at):
    data_request = standing_at(source, at)
    with pytest.raises(NotNow):
        transition.move(data_request, to=target, by=log.SYSTEM, at=at)
    data_request.refresh_from_db()
    assert data_request.state == source
    assert not AuditEntry.objects.exists()


def test_a_request_changed_meanwhile_is_judged_as_it_stands(at):
    """A double click: the second one finds the request moved."""
    stale = standing_at(State.REVIEW, at)
    transition.move(stale, to=State.EXECUTING, by=log.SYSTEM, at=at)
    with pytest.raises(NotNow):
        transition.move(stale, to=State.AWAITING_READER, by=log.SYSTEM, at=at)
