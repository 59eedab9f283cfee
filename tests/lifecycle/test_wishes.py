"""What a reader wishes changed, on the newspaper's own tables."""

import pytest

from dsr.lifecycle import triage, wishes
from dsr.models.correction import Correction
from dsr.readers.models import NewsletterSubscription, SupportMessage
from dsr.states import Kind, State
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db
MOVED = "alice.moved@example.org"


@pytest.fixture
def corrects(asks, proves, olive, works, clock, moves):
    """Alice asks for another address, Olive accepts, the new mailbox confirms, the old one is silent."""

    def correct(old=ALICE):
        data_request = proves(asks(Kind.RECTIFICATION))
        wishes.wish(data_request, wishes=[wishes.Wish("email", old, MOVED)], at=clock())
        triage.decide_correction(Correction.objects.get(), accepted=True, by=olive, at=clock())
        triage.accept(data_request, by=olive, at=clock())
        moves(data_request)
        return works(data_request)

    return correct


@pytest.mark.parametrize(
    ("model", "instant"), [(NewsletterSubscription, "subscribed_at"), (SupportMessage, "created_at")]
)
def test_an_address_that_is_all_we_know_is_corrected_and_answered(corrects, model, instant, at):
    """Once changed, the rows are found under the proven address no more."""
    row = model.objects.create(email=ALICE, **{instant: at})
    assert corrects().state == State.ANSWERED
    row.refresh_from_db()
    assert row.email == MOVED


def test_an_address_that_two_sources_write_in_two_ways_is_offered_once_and_corrected_in_both(
    corrects, asks, proves, at
):
    for model, instant, written in (
        (NewsletterSubscription, "subscribed_at", ALICE),
        (SupportMessage, "created_at", "Alice@Example.org"),
    ):
        model.objects.create(email=written, **{instant: at})
    (offered,) = [each.value for each in wishes.correctable(proves(asks(Kind.ACCESS))) if each.concept == "email"]
    assert offered.lower() == ALICE
    corrects(offered)
    assert {NewsletterSubscription.objects.get().email, SupportMessage.objects.get().email} == {MOVED}
