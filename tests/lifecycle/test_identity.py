"""Who is asking: what was read on a document, what the mailbox proves, what we ourselves filed."""

import pytest

from dsr.lifecycle import identity, intake, triage
from dsr.models.notice import Notice
from dsr.models.request import Channel
from dsr.sources import base
from dsr.states import Kind, State
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed_in(olive, at):
    """What Alice wrote to the newsroom, typed in by Olive; her mailbox is not proven."""
    return intake.enter(
        by=olive, kind=Kind.ACCESS, channel=Channel.EMAIL, received_at=at, language="fr", email=ALICE, at=at
    )


def test_the_mailbox_verifies_an_address_that_an_officer_only_proposed(asks, proves, typed_in, olive, at):
    identity.vouch(typed_in, kind="email", value=ALICE, by=olive, at=at)
    proven = proves(typed_in)
    assert identity.subject(proven).values("email") == (ALICE,)
    assert proven.identifiers.get().verified_by == "mailbox"


def test_what_we_filed_verifies_an_identifier_that_an_officer_only_proposed(asks, proves, olive, at):
    proven = proves(asks(Kind.ERASURE))
    proposed = identity.vouch(proven, kind="account", value="7", by=olive, at=at)
    identity.verify(proven, [base.Identifier("account", "7")], by="filed", at=at)
    proposed.refresh_from_db()
    assert proposed.verified_at == at


def test_the_first_means_by_which_an_identifier_was_verified_stays(asks, proves, at, clock):
    proven = proves(asks(Kind.ACCESS))
    identity.verify(proven, [base.Identifier("email", ALICE)], by="filed", at=clock.forward(days=1))
    assert proven.identifiers.get().verified_by == "mailbox"


def test_the_mailbox_can_be_proven_while_a_question_is_open(proves, typed_in, olive, at):
    triage.ask(typed_in, question="De quel compte s’agit-il ?", by=olive, at=at)
    proven = proves(typed_in)
    assert (proven.state, proven.confirmed_at) == (State.AWAITING_READER, at)
    assert identity.subject(proven).values("email") == (ALICE,)


def test_an_identity_never_proven_is_not_a_late_answer(asks, proves, olive, at, clock):
    """The clock stood since the question, so the refusal that ends it has no last day behind it."""
    doubted = identity.doubt(proves(asks(Kind.ACCESS)), reason="Un homonyme existe.", by=olive, at=at)
    refused = triage.give_up(doubted, by=olive, at=clock.forward(days=60))
    assert (refused.due_on, refused.is_late(clock())) == (None, False)


def test_more_time_given_during_a_doubt_announces_the_longer_one(asks, proves, olive, at):
    doubted = identity.doubt(proves(asks(Kind.ACCESS)), reason="Un homonyme existe.", by=olive, at=at)
    extended = triage.extend(doubted, because="complexity", by=olive, at=at)
    assert "16 décembre 2026" in extended.notices.get(letter="extension").text


def test_a_stranger_cannot_spend_the_codes_of_a_proven_reader(asks, proves, at):
    proven = proves(asks(Kind.ACCESS))
    for _time in range(20):
        asks(Kind.ERASURE)
    identity.challenge(proven, purpose="follow", at=at)
    assert proven.notices.filter(letter="code").exists()


def test_a_stranger_cannot_flood_a_mailbox_with_reminders(asks, clock, settings):
    for _time in range(20):
        asks(Kind.ACCESS)
    limit = settings.DSR_CONFIRMATION_LETTERS_A_DAY
    clock.forward(days=7)
    for _hour in range(3):
        intake.chase(at=clock())
    assert Notice.objects.filter(letter="reminder").count() == limit
    intake.chase(at=clock.forward(days=1, seconds=1))
    assert Notice.objects.filter(letter="reminder").count() == 2 * limit


@pytest.mark.parametrize(
    ("kind", "value"), [("", "7"), ("account", " "), ("numéro de carte", "7"), ("account", "7" * 321)]
)
def test_an_officer_proposes_a_kind_and_a_value_that_can_stand(asks, proves, olive, at, kind, value):
    with pytest.raises(identity.UnknownIdentifier):
        identity.vouch(proves(asks(Kind.ACCESS)), kind=kind, value=value, by=olive, at=at)
