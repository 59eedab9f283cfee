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

    def correct():
        data_request = proves(asks(Kind.RECTIFICATION))
        wishes.wish(data_request, wishes=[wishes.Wish("email", ALICE, MOVED)], at=clock())
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
