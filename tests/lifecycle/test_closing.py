"""How a request ends, and is forgotten."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dsr import keys, notifications
from dsr.lifecycle import closing, intake, triage
from dsr.models.audit import AuditEntry
from dsr.models.erasure import Suppression
from dsr.models.notice import Notice
from dsr.models.request import Channel, DataRequest
from dsr.permissions import NotNow
from dsr.states import Kind, State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves")]


def test_an_objection_wants_the_mailbox_and_nothing_else(asks, proves, works):
    data_request = works(proves(asks(Kind.OBJECTION)))
    assert data_request.notices.get(answers=True).letter == "objection_done"
    assert Suppression.objects.get().token == keys.suppression_token("ALICE@example.org")


def test_the_address_itself_is_not_in_the_suppression_list(asks, proves, works):
    works(proves(asks(Kind.OBJECTION)))
    assert "alice" not in str(Suppression.objects.values())


def test_a_new_objection_renews_the_first(asks, proves, works):
    for _time in range(2):
        works(proves(asks(Kind.OBJECTION)))
    assert Suppression.objects.count() == 1


def test_the_clock_stops_when_the_answer_left(asks, proves, works, clock):
    data_request = works(proves(asks(Kind.OBJECTION)))
    assert list(DataRequest.objects.undelivered()) == [data_request]
    for notice in Notice.objects.filter(sent_at=None):
        notifications.deliver(notice.pk, now=clock)
    assert not DataRequest.objects.undelivered().exists()


@pytest.fixture
def by_post(olive, at):
    """A question that came by post, answered by post."""
    data_request = intake.enter(
        by=olive,
        kind=Kind.OTHER,
        channel=Channel.POST,
        received_at=at - timedelta(days=3),
        language="fr",
        postal_address="1 rue de l’Exemple, 75000 Paris",
        at=at,
    )
    return closing.answer(data_request, text="Voici notre réponse.", by=olive, at=at)


def test_what_came_by_post_counts_from_its_true_receipt(by_post):
    assert by_post.received_on == date(2026, 9, 13)
    assert by_post.due_on == date(2026, 10, 13)


def test_a_letter_posted_stops_the_clock(by_post, olive, at):
    answer = by_post.notices.get(answers=True)
    closing.posted(answer, on=date(2026, 9, 17), by=olive, at=at + timedelta(days=1))
    by_post.refresh_from_db()
    assert by_post.answer_sent_at.date() == date(2026, 9, 17)


@pytest.mark.parametrize("on", [date(2026, 9, 15), date(2026, 9, 18)], ids=["before it was written", "tomorrow"])
def test_a_letter_is_not_posted_on_an_impossible_day(by_post, olive, at, on):
    with pytest.raises(closing.WrongPostingDay):
        closing.posted(by_post.notices.get(answers=True), on=on, by=olive, at=at + timedelta(days=1))


def test_staff_do_not_enter_what_has_not_come_yet(olive, at):
    with pytest.raises(intake.ReceivedInTheFuture):
        intake.enter(
            by=olive,
            kind=Kind.ACCESS,
            channel=Channel.POST,
            received_at=at + timedelta(hours=1),
            language="fr",
            email="alice@example.org",
            at=at,
        )


def test_a_request_needs_a_way_to_be_answered(olive, at):
    with pytest.raises(intake.NoWayToAnswer):
        intake.enter(by=olive, kind=Kind.ACCESS, channel=Channel.POST, received_at=at, language="fr", at=at)


def test_a_silent_mailbox_is_reminded_twice_then_told_how_to_resume(asks, clock):
    data_request = asks(Kind.ACCESS)
    for _day in range(40):
        clock.forward(days=1)
        intake.chase(at=clock())
        intake.chase(at=clock())
    data_request.refresh_from_db()
    letters = [notice.letter for notice in data_request.notices.all()]
    assert letters == ["acknowledgement", "reminder", "reminder", "expired"]
    assert (data_request.state, data_request.closed_at.date()) == (State.EXPIRED, data_request.due_on)
    assert data_request.due_on == date(2026, 10, 16)


def test_what_staff_typed_in_never_expires(olive, at, clock):
    entered = intake.enter(
        by=olive, kind=Kind.ACCESS, channel=Channel.EMAIL, received_at=at, language="fr", email="a@example.org", at=at
    )
    intake.chase(at=clock.forward(days=60))
    entered.refresh_from_db()
    assert entered.state == State.REVIEW


def test_a_request_is_forgotten_five_years_after_it_closed(asks, proves, olive, at):
    refused = triage.refuse(proves(asks(Kind.ACCESS)), because="rights-of-others", by=olive, at=at)
    assert closing.forget(at=datetime(2031, 9, 16, 12, tzinfo=UTC)) == 0
    assert closing.forget(at=datetime(2031, 9, 17, 12, tzinfo=UTC)) == 1
    assert not DataRequest.objects.exists()
    assert not Notice.objects.exists()
    last = AuditEntry.objects.filter(subject=refused.reference).latest("n")
    assert last.event == "request.forgotten"


def test_a_request_never_confirmed_is_forgotten_ninety_days_after_it_closed(asks, clock):
    asks(Kind.ACCESS)
    intake.chase(at=clock.forward(days=32))
    assert closing.forget(at=clock.forward(days=89)) == 0
    assert closing.forget(at=clock.forward(days=2)) == 1


def test_requests_asked_together_are_forgotten_one_by_one(at, clock):
    intake.receive(kinds=[Kind.ACCESS, Kind.ERASURE], email="a@example.org", channel=Channel.FORM, language="fr", at=at)
    intake.chase(at=clock.forward(days=32))
    assert closing.forget(at=clock.forward(days=91)) == 2


def test_a_mailbox_gets_one_closing_letter_for_all_that_was_asked_in_its_name(asks, clock):
    asked = [asks(Kind.ACCESS, email=address) for address in ("alice@example.org", "Alice@Example.org") * 3]
    intake.chase(at=clock.forward(days=32))
    closing_letter = Notice.objects.get(letter="expired")
    assert set(DataRequest.objects.values_list("state", flat=True)) == {State.EXPIRED}
    assert all(each.reference in closing_letter.text for each in asked)
    assert list(DataRequest.objects.undelivered()) == [asked[0]]


def test_a_letter_that_no_server_took_is_tried_again_on_record(asks, olive, at):
    receipt = asks(Kind.ACCESS).notices.get()
    with pytest.raises(NotNow):
        closing.send_again(receipt, by=olive, at=at)
    Notice.objects.update(needs_attention=True)
    closing.send_again(receipt, by=olive, at=at)
    assert AuditEntry.objects.get(event="notice.retried").actor == olive.reference
    assert list(Notice.objects.claimable(at)) == [receipt]
