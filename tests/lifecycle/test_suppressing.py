"""The suppression list: what enters it, what renews it, what lifts it, and when a token goes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dsr import keys
from dsr.lifecycle import execution, suppressing, triage
from dsr.models.audit import AuditEntry
from dsr.models.erasure import Suppression
from dsr.permissions import Denied
from dsr.sources.suppression import erased, suppressed
from dsr.states import Kind, State
from tests.conftest import ALICE, BOB, staff
from tests.lifecycle import shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves")]
TOKEN = keys.suppression_token(ALICE)
ON = date(2026, 9, 17)


@pytest.fixture
def machine(db):
    """The mailing tool's account, which may do nothing else."""
    return staff("mailing", "mailing tools")


@pytest.fixture
def erasing(asks, proves, works, olive, simone, at):
    """Alice's erasure, carried out."""

    def carry_out(**scope):
        accepted = works(triage.accept(proves(asks(Kind.ERASURE, **scope)), by=olive, at=at))
        plan = execution.current_plan(accepted)
        return works(execution.approve(accepted, fingerprint=plan.fingerprint, by=simone, at=at))

    return carry_out


def test_an_erasure_of_everything_records_the_objection_and_since_when_all_is_gone(erasing, at):
    assert erasing().state == State.ANSWERED
    assert suppressed([ALICE, BOB], on=ON) == {ALICE}
    assert erased([ALICE.upper()], on=ON) == {ALICE.upper(): at}


def test_an_erasure_of_some_data_is_no_objection(erasing):
    erasing(scope={"shelf": "*"})
    assert not Suppression.objects.exists()


def test_an_objection_is_no_erasure(asks, proves, works):
    works(proves(asks(Kind.OBJECTION)))
    assert suppressed([ALICE], on=ON) == {ALICE}
    assert erased([ALICE], on=ON) == {}


def test_the_telephone_numbers_that_stood_there_enter_the_list_too(monkeypatch, erasing):
    monkeypatch.setattr(shelf.Shelf, "telephones", {ALICE: "06 12 34 56 78"})
    erasing()
    assert suppressed(["+33 6 12 34 56 78", "0033612345678", "0612345679"], on=ON) == {
        "+33 6 12 34 56 78",
        "0033612345678",
    }
    assert AuditEntry.objects.get(event="suppression.recorded").facts["addresses"] == 2


def test_recording_again_changes_nothing_and_the_order_does_not_matter(at):
    suppressing.record([TOKEN], at=at, erased=True)
    after = Suppression.objects.values().get()
    suppressing.record([TOKEN], at=at, erased=True)
    suppressing.record([TOKEN], at=at - timedelta(days=400))
    assert Suppression.objects.values().get() == after


def test_a_new_objection_renews_an_earlier_one(at):
    for year in range(2):
        suppressing.record([TOKEN], at=at + timedelta(days=365 * year))
    assert Suppression.objects.get().until == date(2030, 9, 16)


def test_a_fresh_subscription_lifts_the_objection_and_not_the_memory_of_the_erasure(machine, at):
    suppressing.record([TOKEN], at=at, erased=True)
    later = at + timedelta(hours=1)
    assert suppressing.lift(ALICE, consented_at=later, by=machine, at=later)
    assert suppressed([ALICE], on=ON) == frozenset()
    assert erased([ALICE], on=ON) == {ALICE: at}
    assert AuditEntry.objects.get(event="suppression.lifted").facts == {"consented_on": "2026-09-16"}


@pytest.mark.parametrize("minutes", [-1, 0, 120], ids=["before", "at once", "in the future"])
def test_only_a_consent_given_after_the_objection_lifts_it(machine, at, minutes):
    suppressing.record([TOKEN], at=at)
    with pytest.raises(suppressing.NotAFreshConsent):
        suppressing.lift(ALICE, consented_at=at + timedelta(minutes=minutes), by=machine, at=at + timedelta(hours=1))
    assert suppressed([ALICE], on=ON) == {ALICE}


def test_a_lifted_objection_holds_again_when_renewed_and_not_when_replayed(machine, at):
    suppressing.record([TOKEN], at=at)
    suppressing.lift(ALICE, consented_at=at + timedelta(days=1), by=machine, at=at + timedelta(days=1))
    suppressing.record([TOKEN], at=at)
    assert not suppressed([ALICE], on=ON)
    suppressing.record([TOKEN], at=at + timedelta(days=2))
    assert suppressed([ALICE], on=ON)


def test_lifting_what_is_not_there_lifts_nothing(machine, at):
    assert not suppressing.lift(BOB, consented_at=at, by=machine, at=at)


def test_officers_lift_no_objection(olive, at):
    with pytest.raises(Denied):
        suppressing.lift(ALICE, consented_at=at, by=olive, at=at)


def test_a_token_goes_three_years_after_the_last_objection(at):
    suppressing.record([TOKEN], at=at)
    assert suppressing.forget(at=datetime(2029, 9, 16, 12, tzinfo=UTC)) == 0
    assert suppressed([ALICE], on=date(2029, 9, 16))
    assert suppressing.forget(at=datetime(2029, 9, 17, 12, tzinfo=UTC)) == 1
    assert not Suppression.objects.exists()


def test_a_whole_batch_is_one_query(django_assert_num_queries, at):
    suppressing.record([TOKEN], at=at)
    with django_assert_num_queries(1):
        assert suppressed([ALICE, *(f"reader{number}@example.org" for number in range(1000))], on=ON) == {ALICE}
