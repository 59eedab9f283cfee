"""A new e-mail address: the new mailbox confirms, the old one may object, and only then does anything change."""

import pytest

from dsr import notifications
from dsr.lifecycle import addresses, closing, execution, identity, intake, persons, triage, wishes
from dsr.models.address import AddressChange
from dsr.models.correction import Decision
from dsr.models.identity import Purpose
from dsr.models.notice import Notice
from dsr.models.step import Action, Status, Step
from dsr.permissions import NotNow
from dsr.readers.models import NewsletterSubscription
from dsr.states import Kind, State
from tests.conftest import ALICE, BOB
from tests.sources.readers import account

pytestmark = pytest.mark.django_db
NEW = "alice.new@example.org"


@pytest.fixture
def alice():
    return account(ALICE, city="Lyon")


@pytest.fixture
def moving(alice, asks, proves, clock):
    """Alice wishes to be written to elsewhere."""
    data_request = proves(asks(Kind.RECTIFICATION))
    wishes.wish(data_request, wishes=[wishes.Wish("email", ALICE, NEW)], at=clock())
    return data_request


@pytest.fixture
def accepted(moving, olive, clock):
    triage.decide_correction(moving.corrections.get(), accepted=True, by=olive, at=clock())
    return triage.accept(moving, by=olive, at=clock())


@pytest.fixture
def mails(clock):
    def mail():
        for notice in Notice.objects.claimable(clock()):
            notifications.deliver(notice.pk, now=clock)

    return mail


def code(data_request, purpose):
    return data_request.secrets.filter(purpose=purpose).latest("pk").code


def confirmed(data_request, clock):
    addresses.confirm(data_request, code=code(data_request, Purpose.ADDRESS), at=clock())


def test_the_new_mailbox_is_asked_and_learns_nothing_else(moving):
    letter = moving.notices.get(letter="address_new")
    assert letter.to == NEW
    assert ALICE not in letter.text + letter.html
    assert not moving.notices.filter(letter="address_old").exists()


def test_a_known_address_is_answered_like_an_unknown_one(moving, proves, asks, at):
    account(BOB)
    other = proves(asks(Kind.RECTIFICATION, email="carol@example.org"))
    account("carol@example.org")
    wishes.wish(other, wishes=[wishes.Wish("email", "carol@example.org", BOB)], at=at)
    written = [each.notices.get(letter="address_new").text.replace(each.reference, "") for each in (moving, other)]
    assert written[0] == written[1]


def test_nothing_changes_before_the_delay_and_everything_after(accepted, alice, works, mails, clock):
    NewsletterSubscription.objects.create(email=ALICE, list_name="matin", subscribed_at=clock())
    assert works(accepted).state == State.EXECUTING
    confirmed(accepted, clock)
    mails()
    assert accepted.notices.get(letter="address_old").to == ALICE
    clock.forward(hours=71)
    addresses.release(at=clock())
    assert works(accepted).state == State.EXECUTING
    clock.forward(hours=2)
    addresses.release(at=clock())
    assert works(accepted).state == State.ANSWERED
    alice.refresh_from_db()
    assert {alice.email, NewsletterSubscription.objects.get().email} == {NEW}
    assert (accepted.email, accepted.notices.get(letter="rectified").to) == (ALICE, ALICE)
    assert addresses.release(at=clock()) == 0


def test_the_old_mailbox_has_the_whole_delay_from_the_day_its_letter_left(accepted, works, mails, clock):
    confirmed(accepted, clock)
    clock.forward(hours=80)
    addresses.release(at=clock())
    mails()
    clock.forward(hours=71)
    addresses.release(at=clock())
    assert works(accepted).state == State.EXECUTING
    addresses.contest(accepted, code=code(accepted, Purpose.OBJECT), at=clock())


def test_an_objection_refuses_the_change_and_calls_an_officer(accepted, alice, works, mails, olive, clock):
    confirmed(accepted, clock)
    mails()
    addresses.contest(accepted, code=code(accepted, Purpose.OBJECT), at=clock())
    accepted.refresh_from_db()
    correction = accepted.corrections.get()
    assert (accepted.state, correction.decision, correction.ground) == (
        State.REVIEW,
        Decision.REFUSED,
        "address-contested",
    )
    with pytest.raises(addresses.ContestedAddress):
        triage.decide_correction(correction, accepted=True, by=olive, at=clock())
    with pytest.raises(addresses.ContestedAddress):
        wishes.wish(accepted, wishes=[wishes.Wish("email", ALICE, NEW)], at=clock())
    clock.forward(hours=100)
    addresses.release(at=clock())
    works(accepted)
    alice.refresh_from_db()
    assert alice.email == ALICE


def test_an_address_that_never_confirms_is_answered_with_the_reason(accepted, alice, works, clock):
    clock.forward(days=15)
    addresses.release(at=clock())
    assert works(accepted).state == State.ANSWERED
    assert "n’a pas été confirmée" in accepted.notices.get(letter="rectified").text
    alice.refresh_from_db()
    assert alice.email == ALICE


def test_other_corrections_are_made_without_the_address_that_never_confirmed(moving, alice, olive, works, clock):
    wishes.wish(moving, wishes=[wishes.Wish("city", "Lyon", "Lille")], at=clock())
    for correction in moving.corrections.all():
        triage.decide_correction(correction, accepted=True, by=olive, at=clock())
    triage.accept(moving, by=olive, at=clock())
    clock.forward(days=15)
    addresses.release(at=clock())
    assert works(moving).state == State.ANSWERED
    alice.refresh_from_db()
    assert (alice.city, alice.email) == ("Lille", ALICE)


@pytest.mark.parametrize("purpose", [Purpose.FOLLOW, Purpose.OBJECT, Purpose.CONFIRM])
def test_no_other_secret_confirms_an_address(moving, clock, purpose):
    other = identity.draw(moving, purpose=purpose, at=clock(), expires_at=clock.forward(days=1))
    for secret in ({"code": other.code}, {"token": other.token}):
        with pytest.raises(identity.WrongCode):
            addresses.confirm(moving, at=moving.received_at, **secret)
    assert AddressChange.objects.get().confirmed_at is None


def test_another_readers_code_confirms_nothing(moving, asks, proves, clock):
    account(BOB)
    other = proves(asks(Kind.RECTIFICATION, email=BOB))
    wishes.wish(other, wishes=[wishes.Wish("email", BOB, "bob.new@example.org")], at=clock())
    with pytest.raises(identity.WrongCode):
        addresses.confirm(moving, code=code(other, Purpose.ADDRESS), at=clock())


def test_a_double_click_sends_one_letter_and_another_address_another(moving, clock):
    wishes.wish(moving, wishes=[wishes.Wish("email", ALICE, NEW)], at=clock())
    assert moving.notices.filter(letter="address_new").count() == 1
    first = code(moving, Purpose.ADDRESS)
    wishes.wish(moving, wishes=[wishes.Wish("email", ALICE, "alice.third@example.org")], at=clock())
    with pytest.raises(identity.WrongCode):
        addresses.confirm(moving, code=first, at=clock())
    assert moving.notices.filter(letter="address_new").count() == 2


def test_nobody_is_flooded_through_us(moving, clock, settings):
    settings.DSR_CONFIRMATION_LETTERS_A_DAY = 2
    for _ in range(4):
        addresses.send_again(moving, at=clock())
    assert Notice.objects.filter(letter="address_new").count() == 2


def test_staff_cannot_tick_the_wait_away(accepted, olive, clock):
    step = accepted.steps.get(action=Action.ADDRESS)
    assert step.status == Status.WAITING
    with pytest.raises(NotNow):
        execution.complete_by_hand(step, by=olive, at=clock())


def test_an_officer_cannot_grant_an_address_nobody_confirmed(moving, olive, clock):
    with pytest.raises(wishes.UnacceptableWish):
        triage.decide_correction(
            moving.corrections.get(), accepted=True, value=BOB, reason="Une autre", by=olive, at=clock()
        )


def test_no_copy_goes_to_an_address_that_has_just_become_hers(accepted, olive, works, mails, asks, clock):
    confirmed(accepted, clock)
    mails()
    clock.forward(hours=73)
    addresses.release(at=clock())
    works(accepted)
    copy = asks(Kind.ACCESS, email=NEW, at=clock())
    intake.confirm(copy, code=copy.secrets.get(purpose="confirm").code, at=clock())
    triage.accept(copy, by=olive, at=clock())
    works(copy)
    persons.mask_rest(copy, by=olive, at=clock())  # the old address, in the letters of the correction
    persons.finish(copy, by=olive, at=clock())
    packing = Step.objects.filter(data_request=copy, action=Action.PACK)
    assert not packing.due(clock()).exists()
    assert packing.due(clock.forward(hours=73)).exists()


def test_once_withdrawn_nobody_is_written_to_about_the_address(asks, proves, at):
    account(ALICE)
    data_request = proves(asks(Kind.RECTIFICATION))
    wishes.wish(data_request, wishes=[wishes.Wish("email", ALICE, NEW)], at=at)
    code = data_request.secrets.get(purpose="address").code
    closing.withdraw(data_request, at=at)
    letters = data_request.notices.count()
    with pytest.raises(identity.WrongCode):
        addresses.confirm(data_request, code=code, at=at)
    with pytest.raises(NotNow):
        addresses.send_again(data_request, at=at)
    assert data_request.notices.count() == letters
