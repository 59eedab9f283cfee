"""The plan of an erasure between its approval and its run, and what keeps it waiting."""

import pytest

from dsr.lifecycle import closing, execution, intake, triage
from dsr.models.audit import AuditEntry
from dsr.models.request import Channel
from dsr.models.step import Status, Step
from dsr.permissions import NotNow, verbs
from dsr.states import Kind, State
from tests.lifecycle.shelf import Cellar, Shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves")]
ALICE = "alice@example.org"


@pytest.fixture
def approved(asks, proves, olive, simone, works, at):
    """An erasure that a second officer approved."""
    data_request = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=at))
    plan = execution.current_plan(data_request)
    return execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)


def test_a_changed_plan_shows_the_difference_source_by_source(approved, works):
    Shelf.rows.append({"email": ALICE, "title": "Quatre"})
    plan = execution.current_plan(works(approved))
    (change,) = plan.changes
    assert (change["source"], change["before"]["erased"], change["after"]["erased"]) == ("shelf", 2, 3)


def test_other_rows_behind_the_same_counts_are_a_difference(approved, works):
    Cellar.rows[0]["title"] = "Zéro"
    (change,) = execution.current_plan(works(approved)).changes
    assert change["source"] == "cellar"
    assert change["before"]["erased"] == change["after"]["erased"]


def test_the_log_counts_the_sources_that_changed(approved, works):
    Shelf.rows.append({"email": ALICE, "title": "Quatre"})
    Cellar.rows.append({"email": ALICE, "title": "Quatre"})
    works(approved)
    assert AuditEntry.objects.get(event="request.plan_changed").facts["sources"] == 2


def test_a_plan_made_anew_before_any_approval_replaces_none(asks, proves, olive, works, at):
    data_request = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=at))
    Shelf.rows.append({"email": ALICE, "title": "Quatre"})
    works(execution.replan(data_request, by=olive, at=at))
    assert execution.current_plan(data_request).changes == []


def test_an_erasure_asked_by_post_waits_for_the_copy_asked_in_the_same_letter(olive, simone, works, clock, at):
    copy, erasure = (_by_post(kind, olive, at) for kind in (Kind.ACCESS, Kind.ERASURE))
    _verified(erasure, "subscriber", "A-1", at)
    works(triage.accept(erasure, by=olive, at=at))
    plan = execution.current_plan(erasure)
    execution.approve(erasure, fingerprint=plan.fingerprint, by=simone, at=at)
    assert not Step.objects.due(clock()).filter(data_request=erasure).exists()
    assert execution.awaited_copies(erasure) == [copy]
    triage.refuse(copy, because="rights-of-others", by=olive, at=at)
    assert not Step.objects.due(clock()).filter(data_request=erasure).exists()
    closing.posted(copy.notices.get(answers=True), on=at.date(), by=olive, at=at)
    assert Step.objects.due(clock()).filter(data_request=erasure).exists()


def test_an_erasure_waits_for_a_copy_asked_apart_under_the_same_identifier(approved, olive, clock, at):
    copy = _by_post(Kind.ACCESS, olive, at)
    assert Step.objects.due(clock()).filter(data_request=approved).exists()
    _verified(approved, "subscriber", "A-1", at)
    _verified(copy, "subscriber", "A-1", at)
    assert not Step.objects.due(clock()).filter(data_request=approved).exists()
    assert execution.awaited_copies(approved) == [copy]


def test_a_step_whose_source_was_taken_out_is_taken_back_to_examination(approved, works, olive, simone, settings, at):
    with pytest.raises(NotNow):
        execution.take_back(approved, by=olive, at=at)
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Shelf"]
    approved.refresh_from_db()
    assert "take_back" in verbs(olive, approved)
    back = execution.take_back(approved, by=olive, at=at)
    assert (back.state, back.decided_by) == (State.REVIEW, None)
    assert not back.steps.exclude(status=Status.CANCELLED).exists()
    works(triage.accept(back, by=olive, at=at))
    plan = execution.current_plan(back)
    execution.approve(back, fingerprint=plan.fingerprint, by=simone, at=at)
    assert works(back).state == State.ANSWERED


def _by_post(kind, by, at):
    letter = {"channel": Channel.POST, "postal_address": "1 rue de Lille\n75007 Paris", "received_at": at}
    return intake.enter(kind=kind, by=by, at=at, language="fr", **letter)


def _verified(data_request, kind, value, at):
    return data_request.identifiers.create(kind=kind, value=value, verified_by="document", verified_at=at)
