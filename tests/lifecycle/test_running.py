"""Carrying steps out: claims, leases, fences, failures."""

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from dsr.lifecycle import claim, execution, running, triage
from dsr.models.audit import AuditEntry
from dsr.models.step import Action, Status, Step
from dsr.permissions import NotNow
from dsr.states import Kind, State
from tests.lifecycle.shelf import Cellar, Shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves")]


@pytest.fixture
def approved(asks, proves, olive, simone, works, at):
    """An erasure that a second officer approved."""
    data_request = proves(asks(Kind.ERASURE))
    triage.accept(data_request, by=olive, at=at)
    works(data_request)
    plan = execution.current_plan(data_request)
    return execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)


def test_an_erasure_is_carried_out_and_verified(approved, works):
    works(approved)
    assert approved.state == State.ANSWERED
    assert [row["email"] for row in (*Shelf.rows, *Cellar.rows)] == ["bob@example.org"] * 2
    assert approved.notices.filter(letter="erased").exists()


def test_the_identifying_source_is_erased_last(approved):
    stages = approved.steps.exclude(status=Status.CANCELLED).values_list("action", "source", "stage")
    assert list(stages) == [("plan", "", 0), ("erase", "cellar", 1), ("erase", "shelf", 2), ("verify", "", 3)]


def test_a_held_step_is_nobody_elses(approved, clock):
    step = approved.steps.get(action=Action.PLAN, status=Status.PENDING)
    assert claim.take(step.pk, at=clock())
    assert claim.take(step.pk, at=clock()) is None


def test_a_lease_that_ran_out_is_taken_over_and_the_zombie_writes_nothing(approved, clock):
    step = approved.steps.get(action=Action.PLAN, status=Status.PENDING)
    zombie = claim.take(step.pk, at=clock())
    heir = claim.take(step.pk, at=clock.forward(hours=1))
    assert heir.attempts == zombie.attempts + 1
    with pytest.raises(claim.Lost):
        claim.save(zombie, at=clock())
    claim.save(heir, at=clock())


def test_a_step_waits_for_those_before_it(approved, clock):
    verify = approved.steps.get(action=Action.VERIFY)
    assert claim.take(verify.pk, at=clock()) is None


def test_nothing_runs_when_the_data_changed_since_the_approval(approved, works):
    Shelf.rows.append({"email": "alice@example.org", "title": "Quatre"})
    works(approved)
    assert approved.state == State.APPROVAL
    assert len(Shelf.rows) == 4
    assert not execution.current_plan(approved).approved_at


def test_a_failing_source_needs_attention_and_the_request_is_not_answered(approved, works, clock):
    Cellar.flooded = True
    for _hour in range(10):
        works(approved)
        clock.forward(hours=1)
    step = approved.steps.get(source="cellar")
    assert (step.status, step.failure) == (Status.NEEDS_ATTENTION, "RuntimeError")
    assert approved.state == State.EXECUTING
    assert "alice" not in str(list(AuditEntry.objects.values_list("canonical", flat=True)))


def test_a_step_that_was_mended_is_retried(approved, works, clock, olive):
    Cellar.flooded = True
    for _hour in range(10):
        works(approved)
        clock.forward(hours=1)
    Cellar.flooded = False
    execution.retry(approved.steps.get(source="cellar"), by=olive, at=clock())
    assert works(approved).state == State.ANSWERED


def test_only_what_needs_attention_is_retried(approved, olive, at):
    with pytest.raises(NotNow):
        execution.retry(approved.steps.get(source="cellar"), by=olive, at=at)


def test_a_result_of_another_shape_names_the_source(asks, proves, olive, simone, works, at, settings):
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Mishap", "tests.lifecycle.shelf.Shelf"]
    data_request = proves(asks(Kind.ERASURE))
    triage.accept(data_request, by=olive, at=at)
    works(data_request)
    execution.approve(data_request, fingerprint=execution.current_plan(data_request).fingerprint, by=simone, at=at)
    works(data_request)
    assert "mishap" in data_request.steps.get(source="mishap").failure


def test_an_attempt_that_dies_with_its_process_counts(approved, clock):
    step = approved.steps.get(action=Action.PLAN, status=Status.PENDING)
    for _death in range(5):
        assert claim.take(step.pk, at=clock.forward(hours=1))
    assert claim.take(step.pk, at=clock.forward(hours=1)) is None
    step.refresh_from_db()
    assert step.status == Status.NEEDS_ATTENTION


def test_rows_that_came_in_behind_the_cursor_are_erased_too(approved, works, clock):
    works_until = approved.steps.filter(action=Action.ERASE)
    while works_until.filter(status=Status.PENDING).exists():
        running.run(Step.objects.due(clock()).first().pk, now=clock)
    Cellar.rows.append({"email": "alice@example.org", "title": "Cinq"})
    for _hour in range(3):
        works(approved)
        clock.forward(hours=1)
    assert approved.state == State.ANSWERED
    assert len(Cellar.rows) == 1


def test_an_erasure_waits_for_the_copy_asked_by_the_same_person(approved, asks, proves, clock):
    proves(asks(Kind.ACCESS))
    assert not Step.objects.due(clock()).filter(data_request=approved).exists()


@override_settings(DSR_CHUNK_ROWS=1)
def test_the_cursor_advances_chunk_by_chunk(approved, works):
    works(approved)
    assert approved.steps.get(source="cellar").result["erased"] == 2


def test_a_worker_that_gives_up_locks_the_request_before_the_step(approved, clock, settings):
    """In the order of every verb: a withdrawal or a new plan would else wait for it, and it for them."""
    settings.DSR_MAX_ATTEMPTS = 1
    step = claim.take(approved.steps.get(action=Action.PLAN, status=Status.PENDING).pk, at=clock())
    with CaptureQueriesContext(connection) as queries:
        claim.give_back(step, failure="", at=clock())
    tables = [query["sql"] for query in queries if "dsr_datarequest" in query["sql"] or "dsr_step" in query["sql"]]
    assert "dsr_datarequest" in tables[0]


def test_an_erasure_whose_only_source_was_taken_out_cannot_be_approved(
    asks, proves, olive, simone, works, at, settings
):
    data_request = proves(asks(Kind.ERASURE, scope={"cellar": "*"}))
    triage.accept(data_request, by=olive, at=at)
    works(data_request)
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Shelf"]
    plan = execution.current_plan(data_request)
    with pytest.raises(execution.PlanChanged):
        execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)
