"""Two officers, or a reader and the clock, at the very same moment: one wins, the other reads why not."""

from collections.abc import Callable

import pytest

from dsr import notifications
from dsr.lifecycle import (
    addresses,
    execution,
    identity,
    mentions,
    persons,
    reading,
    resurgences,
    running,
    triage,
    wishes,
)
from dsr.models.address import AddressChange
from dsr.models.correction import Decision as CorrectionDecision
from dsr.models.identity import Purpose
from dsr.models.ledger import Resurgence
from dsr.models.notice import Notice
from dsr.models.passage import Decision
from dsr.models.step import Action, Status, Step
from dsr.models.verification import Fate
from dsr.permissions import DecidedMeanwhile, NotNow, Refusal
from dsr.readers.models import Account, Comment
from dsr.states import Kind, State
from tests.conftest import ALICE, BOB
from tests.groups import give_groups_back
from tests.lifecycle.test_at_once import at_once
from tests.sources.readers import account, comment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("newspaper")]


@pytest.fixture
def newspaper(transactional_db, settings):
    """Alice and Bob comment, and quote one another."""
    give_groups_back()
    settings.DSR_HOSTING_GROUNDS = "drop"
    settings.DSR_SOURCES = [f"dsr.readers.sources.{name}" for name in ("Comments", "Bans", "Accounts")]
    alice, bob = account(ALICE, city="Lyon"), account(BOB)
    comment(account=alice, content=f"Écrivez à {BOB}.")
    comment(account=bob, content=f"{ALICE} a tort.")


@pytest.fixture
def accepted(asks, proves, olive, at):
    """A request of Alice's, accepted."""
    return lambda kind: triage.accept(proves(asks(kind)), by=olive, at=at)


@pytest.fixture
def wished(asks, proves, at):
    """Alice wishes one value changed."""

    def wish(concept, old, new):
        data_request = proves(asks(Kind.RECTIFICATION))
        wishes.wish(data_request, wishes=[wishes.Wish(concept, old, new)], at=at)
        return data_request

    return wish


def together(*acts: Callable[[], object]) -> list[object]:
    """Each act in a thread of its own, started together; what came of each, in the order of the acts."""
    numbers, results = iter(range(len(acts))), dict[int, object]()

    def run() -> None:
        number = next(numbers)
        try:
            results[number] = acts[number]()
        except Refusal as refusal:
            results[number] = refusal

    at_once(run, len(acts))
    return [results[number] for number in range(len(acts))]


def the_refused(results: list[object]) -> object:
    """The only one that was refused."""
    (refused,) = [each for each in results if isinstance(each, Refusal)]
    return refused


def test_a_passage_is_decided_by_one(accepted, works, olive, simone, at):
    data_request = works(accepted(Kind.ACCESS), unread=True)
    passage = data_request.passages.get()
    said = {olive: Decision.MASK, simone: Decision.PUBLIC}
    acts = [
        lambda by=by, what=what: persons.decide(data_request, decisions={passage.pk: what}, by=by, at=at)
        for by, what in said.items()
    ]
    assert isinstance(the_refused(together(*acts)), DecidedMeanwhile)
    passage.refresh_from_db()
    assert passage.decision == said[passage.decided_by]


def test_a_decision_that_was_read_may_be_changed(accepted, works, olive, simone, at):
    data_request = works(accepted(Kind.ACCESS), unread=True)
    passage = data_request.passages.get()
    persons.decide(data_request, decisions={passage.pk: Decision.MASK}, by=olive, at=at)
    seen = {passage.pk: Decision.MASK}
    persons.decide(data_request, decisions={passage.pk: Decision.PUBLIC}, instead_of=seen, by=simone, at=at)
    with pytest.raises(DecidedMeanwhile):
        persons.decide(data_request, decisions={passage.pk: Decision.KNOWN}, instead_of=seen, by=olive, at=at)


def test_a_correction_is_decided_by_one(wished, olive, simone, at):
    correction = wished("city", "Lyon", "Lille").corrections.get()
    results = together(
        lambda: triage.decide_correction(correction, accepted=True, by=olive, at=at),
        lambda: triage.decide_correction(correction, accepted=False, ground="nothing-to-rectify", by=simone, at=at),
    )
    assert isinstance(the_refused(results), DecidedMeanwhile)
    (won,) = [each for each in results if not isinstance(each, Refusal)]
    correction.refresh_from_db()
    assert (correction.decision, correction.ground) == (won.decision, won.ground)


def test_a_copy_is_released_by_one(accepted, works, olive, at):
    data_request = works(accepted(Kind.ACCESS), unread=True)
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    works(data_request, unread=True)
    reading.read(data_request, by=olive, at=at)
    act = lambda: reading.release(data_request, by=olive, at=at)  # noqa: E731
    assert isinstance(the_refused(together(act, act)), NotNow)
    data_request.refresh_from_db()
    assert (data_request.state, data_request.notices.filter(answers=True).count()) == (State.ANSWERED, 1)


def erased_but_for_a_mention(data_request, works, simone, at):
    works(data_request)
    plan = execution.current_plan(data_request)
    return works(execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at))


def test_a_mention_is_settled_by_one(accepted, works, olive, simone, at):
    data_request = erased_but_for_a_mention(accepted(Kind.ERASURE), works, simone, at)
    chosen = mentions.first(data_request)
    results = together(
        lambda: mentions.mask(data_request, mentions=chosen, by=olive, at=at),
        lambda: mentions.leave(data_request, mentions=chosen, reason="expression", by=simone, at=at),
    )
    assert isinstance(the_refused(results), mentions.NoMention | NotNow)
    quoted = Comment.objects.get(content__endswith="a tort.").content
    assert (data_request.mentions.get().decision == Fate.MASKED) == (ALICE not in quoted)
    assert works(data_request).state == State.ANSWERED


def test_a_step_is_resumed_by_one(accepted, olive, simone, at):
    step = accepted(Kind.ACCESS).steps.get(action=Action.SCREEN)
    Step.objects.filter(pk=step.pk).update(status=Status.NEEDS_ATTENTION)
    results = together(*(lambda by=by: execution.retry(step, by=by, at=at) for by in (olive, simone)))
    assert isinstance(the_refused(results), NotNow)


def test_what_came_back_is_settled_by_one(olive, simone, at):
    resurgences.leave("DSR-7K4M-2QXP", Resurgence.Why.LOST, at=at)
    left = Resurgence.objects.get()
    results = together(*(lambda by=by: resurgences.settle(left, by=by, at=at) for by in (olive, simone)))
    assert isinstance(the_refused(results), resurgences.AlreadySettled)


def test_an_objection_at_the_very_second_is_heard_or_too_late(wished, olive, works, at, clock):
    data_request = wished("email", ALICE, "alice.new@example.org")
    triage.decide_correction(data_request.corrections.get(), accepted=True, by=olive, at=at)
    data_request = triage.accept(data_request, by=olive, at=at)
    moves_until_the_last_second(data_request, clock)
    code = data_request.secrets.filter(purpose=Purpose.OBJECT).latest("pk").code
    at_last = AddressChange.objects.get().effective_at
    results = together(
        lambda: addresses.contest(data_request, code=code, at=clock()),
        lambda: addresses.release(at=at_last),
    )
    change, refused = AddressChange.objects.get(), isinstance(results[0], identity.WrongCode)
    assert (change.done_at is None, change.objected_at is None) == (not refused, refused)
    assert works(data_request).state == (State.ANSWERED if refused else State.REVIEW)
    decided = {True: CorrectionDecision.ACCEPTED, False: CorrectionDecision.REFUSED}
    assert data_request.corrections.get().decision == decided[refused]


def moves_until_the_last_second(data_request, clock):
    """The new mailbox has confirmed, the old one has heard of it, and a second is left of the delay."""
    code = data_request.secrets.filter(purpose=Purpose.ADDRESS).latest("pk").code
    addresses.confirm(data_request, code=code, at=clock())
    for notice in Notice.objects.claimable(clock()):
        notifications.deliver(notice.pk, now=clock)
    addresses.release(at=clock())
    clock.at = AddressChange.objects.get().effective_at
    clock.forward(seconds=-1)


def test_an_erasure_and_a_rectification_of_one_person_do_not_wait_for_each_other(
    wished, accepted, works, olive, simone, at, clock
):
    """They touch the same rows; whichever comes first, nothing of Alice's is left, and nobody waits for ever."""
    alice = Account.objects.get(email=ALICE)
    for number in range(40):
        comment(account=alice, content=f"Avis {number}")
    changing = wished("city", "Lyon", "Lille")
    triage.decide_correction(changing.corrections.get(), accepted=True, by=olive, at=at)
    changing = triage.accept(changing, by=olive, at=at)
    erasing = works(accepted(Kind.ERASURE))
    plan = execution.current_plan(erasing)
    erasing = execution.approve(erasing, fingerprint=plan.fingerprint, by=simone, at=at)

    def carry_out(data_request):
        while due := Step.objects.due(clock()).filter(data_request=data_request).first():
            running.run(due.pk, now=clock)

    together(lambda: carry_out(changing), lambda: carry_out(erasing))
    for _time in range(8):
        clock.forward(minutes=10)
        carry_out(changing)
        carry_out(erasing)
    assert not Account.objects.filter(city="Lille").exists()
    assert not Account.objects.filter(email=ALICE).exists()
    failures = set(Step.objects.values_list("failure", flat=True))
    assert not failures & {"OperationalError", "DeadlockDetected"}
