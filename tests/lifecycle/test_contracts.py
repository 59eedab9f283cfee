"""A running contract is put to the reader's choice, and no erasure leaves a live debit."""

from datetime import date

import pytest

from dsr import notifications
from dsr.lifecycle import closing, contracts, execution, kept_lists, triage
from dsr.models.audit import AuditEntry
from dsr.models.erasure import Kept
from dsr.models.request import Ending
from dsr.models.step import Action, Status
from dsr.permissions import Denied, NotNow, verbs
from dsr.readers.models import Account, Comment, Subscription
from dsr.states import Kind, State
from tests.sources.readers import ALICE, account, comment, subscription

pytestmark = pytest.mark.django_db
ENDED = date(2026, 9, 16)  # the day on which everything here happens


@pytest.fixture(autouse=True)
def nothing_else(settings):
    settings.DSR_HOSTING_GROUNDS = "drop"


@pytest.fixture
def contract():
    """Alice's, running, with its mandate."""
    own = account(ALICE, family_name="Martin", street="1 rue du Port")
    comment(account=own, author_email=ALICE)
    return subscription(own, mandate_reference="MANDAT-1", truncated_card="1234", amount=50)


@pytest.fixture
def planned(contract, asks, proves, olive, works, at):
    """Alice's erasure of everything, its plan made."""
    return works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=at))


@pytest.fixture
def approves(simone, works, clock):
    """A second officer approves the plan as it is, and the worker carries it out."""

    def approve(data_request):
        plan = execution.current_plan(data_request)
        return works(execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=clock()))

    return approve


@pytest.fixture
def silent(planned, clock):
    """The question left, and the reader said nothing in the time that they had."""
    notifications.deliver(planned.notices.get(letter="contract").pk, now=clock)
    clock.forward(days=8)
    return planned


@pytest.fixture
def ticks(olive, works, at):
    """An officer says that the contract is ended."""

    def tick(data_request):
        step = awaited(data_request)
        execution.complete_by_hand(step, by=olive, at=at)
        return works(data_request)

    return tick


def awaited(data_request):
    """The step that waits for a contract to be ended."""
    return data_request.steps.filter(action=Action.TERMINATE, status=Status.WAITING).first()


def end(on=ENDED):
    Subscription.objects.update(ended_on=on)


def standing():
    """What is left of the contract, and of whom."""
    return (
        Subscription.objects.values_list("mandate_reference", "truncated_card").get(),
        Account.objects.values_list("family_name", "street").get(),
    )


def test_the_plan_puts_the_question_once(planned, olive, works, at):
    assert planned.notices.filter(letter="contract").count() == 1
    assert execution.current_plan(planned).bound == ["subscriptions", "accounts"]
    works(execution.replan(planned, by=olive, at=at))
    assert planned.notices.filter(letter="contract").count() == 1


def test_without_a_running_contract_nothing_is_asked(contract, asks, proves, olive, works, at):
    end()
    planned = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=at))
    assert not planned.notices.filter(letter="contract").exists()
    with pytest.raises(NotNow):
        contracts.choose(planned, ending=Ending.NOW, at=at)


@pytest.mark.parametrize(("scope", "asked"), [({"accounts": "*"}, True), ({"comments": "*"}, False)])
def test_a_scope_asks_when_it_holds_a_source_that_the_contract_binds(
    contract, asks, proves, olive, works, at, scope, asked
):
    planned = works(triage.accept(proves(asks(Kind.ERASURE, scope=scope)), by=olive, at=at))
    assert bool(contracts.asked(planned)) is asked


def test_silence_erases_the_rest_and_says_until_when_the_contract_keeps(silent, approves):
    done = approves(silent)
    assert done.state == State.ANSWERED
    assert not Comment.objects.exists()
    assert standing() == (("MANDAT-1", "1234"), ("Martin", "1 rue du Port"))
    assert "jusqu’à la fin de votre contrat" in done.notices.get(letter="erased").text


def test_nothing_is_approved_while_the_reader_may_still_choose(planned, approves, clock):
    letter = planned.notices.get(letter="contract")
    with pytest.raises(contracts.StillChoosing):  # it has not even left
        approves(planned)
    clock.forward(days=1)
    notifications.deliver(letter.pk, now=clock)
    assert "Sans réponse de votre part le 23 septembre 2026 au soir" in letter.text
    clock.forward(days=7)
    with pytest.raises(contracts.StillChoosing, match="24 septembre 2026"):
        approves(planned)
    clock.forward(days=1)
    assert approves(planned).state == State.ANSWERED


@pytest.mark.parametrize("ending", ["now", "term"])
def test_a_choice_ends_the_wait(planned, ticks, approves, at, ending):
    contracts.choose(planned, ending=ending, at=at)
    if ending == "now":
        end()
        ticks(planned)
    assert approves(planned).state == State.ANSWERED


def test_the_reader_has_no_longer_than_the_law_gives_us(contract, asks, proves, olive, works, approves, clock):
    data_request = proves(asks(Kind.ERASURE))
    clock.forward(days=(data_request.due_on - clock().date()).days - 1)
    late = works(triage.accept(data_request, by=olive, at=clock()))
    with pytest.raises(contracts.StillChoosing):
        approves(late)
    clock.forward(days=1)
    assert approves(late).state == State.ANSWERED


def test_on_the_last_day_the_letter_names_no_other(contract, asks, proves, olive, works, clock):
    data_request = proves(asks(Kind.ERASURE))
    clock.forward(days=(data_request.due_on - clock().date()).days)
    late = works(triage.accept(data_request, by=olive, at=clock()))
    assert "Sans réponse de votre part, nous ferons" in late.notices.get(letter="contract").text


def test_now_waits_for_an_officer_before_anything_is_approved(planned, approves, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    with pytest.raises(execution.ContractRuns):
        approves(planned)
    assert Comment.objects.exists()
    assert standing() == (("MANDAT-1", "1234"), ("Martin", "1 rue du Port"))


def test_once_the_contract_is_ended_the_plan_without_it_is_approved(planned, ticks, approves, olive, clock, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    end()
    before = execution.current_plan(planned).fingerprint
    ticks(planned)
    plan = execution.current_plan(planned)
    assert (plan.bound, plan.fingerprint == before) == ([], False)
    step = planned.steps.get(action=Action.TERMINATE)
    assert (step.status, step.finished_by, step.finished_at) == (Status.DONE, olive.reference, at)
    approves(planned)
    assert not Comment.objects.exists()
    assert planned.steps.get(action=Action.TERMINATE).status == Status.DONE
    clock.forward(days=1)
    kept_lists.purge(now=clock)
    assert standing() == (("", ""), ("", ""))


def test_a_contract_that_runs_on_gives_the_step_back(planned, ticks, approves, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    ticks(planned)
    assert "court encore" in awaited(planned).failure
    assert awaited(planned).finished_at is None
    assert AuditEntry.objects.filter(event="contract.still_runs", subject=planned.reference).count() == 1
    with pytest.raises(execution.ContractRuns):
        approves(planned)
    end()
    assert awaited(ticks(planned)) is None


def test_a_contract_signed_after_the_approval_stops_the_erasure(planned, ticks, simone, works, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    end()
    ticks(planned)
    plan = execution.current_plan(planned)
    execution.approve(planned, fingerprint=plan.fingerprint, by=simone, at=at)
    subscription(Account.objects.get(), offer="Week-end")
    assert works(planned).state == State.APPROVAL
    assert awaited(planned)
    assert Comment.objects.exists()


def test_a_fingerprint_that_does_not_see_the_contract_does_not_let_it_pass(
    planned, ticks, simone, works, at, monkeypatch
):
    for name in ("Subscriptions", "Accounts"):
        monkeypatch.setattr(f"dsr.readers.sources.{name}.volatile", True)
    contracts.choose(planned, ending=Ending.NOW, at=at)
    end()
    ticks(planned)
    plan = execution.current_plan(planned)
    execution.approve(planned, fingerprint=plan.fingerprint, by=simone, at=at)
    end(on=None)
    assert works(planned).state == State.APPROVAL
    assert awaited(planned)


def test_the_reader_changes_their_mind_until_the_approval(planned, approves, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    contracts.choose(planned, ending=Ending.AT_TERM, at=at)
    assert awaited(planned) is None
    approves(planned)
    with pytest.raises(NotNow):
        contracts.choose(planned, ending=Ending.NOW, at=at)
    chosen = AuditEntry.objects.filter(event="contract.chosen").order_by("n")
    assert [(entry.actor, entry.facts) for entry in chosen] == [
        ("reader", {"ending": "now"}),
        ("reader", {"ending": "term"}),
    ]


def test_no_choice_is_taken_while_the_plan_is_made_anew(planned, olive, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    execution.complete_by_hand(awaited(planned), by=olive, at=at)
    with pytest.raises(NotNow):
        contracts.choose(planned, ending=Ending.NOW, at=at)
    assert planned.steps.get(action=Action.TERMINATE).status == Status.DONE


def test_a_plan_made_anew_has_the_contract_ended_all_the_same(planned, olive, works, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    works(execution.replan(planned, by=olive, at=at))
    assert awaited(planned)


def test_a_contract_that_ended_meanwhile_takes_the_step_away(planned, olive, works, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    end()
    works(execution.replan(planned, by=olive, at=at))
    assert awaited(planned) is None


def test_an_officer_notes_what_the_reader_wrote_by_post(planned, olive, remi, at):
    assert "record_ending" in verbs(olive, planned)
    with pytest.raises(Denied):
        contracts.record(planned, ending=Ending.NOW, by=remi, at=at)
    contracts.record(planned, ending=Ending.NOW, by=olive, at=at)
    assert AuditEntry.objects.get(event="contract.chosen").actor == olive.reference


def test_sent_back_and_accepted_again_the_choice_stands(planned, olive, simone, works, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    execution.send_back(planned, by=simone, at=at)
    assert awaited(planned) is None
    works(triage.accept(planned, by=olive, at=at))
    assert awaited(planned)


def test_withdrawn_nothing_waits_any_more(planned, at):
    contracts.choose(planned, ending=Ending.NOW, at=at)
    closing.withdraw(planned, at=at)
    assert awaited(planned) is None


def test_a_request_that_ended_otherwise_awaits_no_choice(planned, at):
    """The desk shows its plan all the same."""
    plan = execution.current_plan(planned)
    assert contracts.choosing_until(planned, plan, at=at)
    assert contracts.choosing_until(closing.withdraw(planned, at=at), plan, at=at) is None


def test_at_term_the_contract_goes_when_it_ends_then_what_it_left_when_that_ends(silent, approves, clock):
    data_request = approves(silent)

    def purge(on):
        clock.forward(days=(on - clock().date()).days)
        kept_lists.purge(now=clock)
        return set(Kept.objects.exclude(ground="DSR").values_list("ground", flat=True))

    assert purge(date(2027, 3, 1)) == {"CONTRAT-COURS"}
    assert standing() == (("MANDAT-1", "1234"), ("Martin", "1 rue du Port"))
    end(on=date(2027, 3, 31))
    assert purge(date(2027, 3, 31)) == {"CONTRAT-COURS", "LITIGE-5"}
    assert standing()[0] == ("MANDAT-1", "1234")
    assert purge(date(2027, 4, 1)) == {"LITIGE-5"}
    assert standing() == (("", ""), ("", ""))
    assert purge(date(2032, 3, 31)) == {"LITIGE-5"}
    assert purge(date(2032, 4, 1)) == set()
    assert not Subscription.objects.exists()
    told = AuditEntry.objects.filter(event="kept.purged")
    assert {entry.subject for entry in told} == {data_request.reference}


def test_at_term_a_contract_concluded_online_is_kept_ten_years(contract, silent, approves, clock):
    Subscription.objects.update(amount=150, concluded_online=True)
    approves(silent)
    end(on=date(2027, 3, 31))
    for day, left in ((date(2027, 4, 1), 1), (date(2032, 4, 1), 1), (date(2037, 3, 31), 1), (date(2037, 4, 1), 0)):
        clock.forward(days=(day - clock().date()).days)
        kept_lists.purge(now=clock)
        assert Subscription.objects.count() == left
