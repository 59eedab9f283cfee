"""How a request begins."""

from datetime import timedelta

import pytest

from dsr.lifecycle import identity, intake
from dsr.models.audit import AuditEntry
from dsr.models.request import Channel, DataRequest
from dsr.states import Kind, State
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db


def events(data_request):
    return list(AuditEntry.objects.filter(subject=data_request.reference).order_by("n").values_list("event", flat=True))


def test_a_request_waits_for_its_mailbox(asks):
    data_request = asks(Kind.ACCESS)
    assert data_request.state == State.RECEIVED
    assert str(data_request.due_on) == "2026-10-16"
    assert events(data_request) == ["request.received"]
    assert data_request.notices.get().letter == "acknowledgement"


def test_the_code_of_the_letter_proves_the_mailbox(asks, proves):
    data_request = proves(asks(Kind.ACCESS))
    assert data_request.state == State.REVIEW
    assert identity.subject(data_request).values("email") == ("alice@example.org",)
    assert events(data_request) == ["request.received", "code.used", "request.confirmed"]


def test_a_code_works_once(asks, proves, at):
    data_request = asks(Kind.ACCESS)
    code = data_request.secrets.get().code
    proves(data_request)
    with pytest.raises(identity.WrongCode):
        intake.confirm(data_request, code=code, at=at)


def test_five_wrong_codes_end_a_code(asks, at):
    data_request = asks(Kind.ACCESS)
    for _try in range(5):
        with pytest.raises(identity.WrongCode):
            intake.confirm(data_request, code="WRONG-ONE", at=at)
    with pytest.raises(identity.WrongCode):
        intake.confirm(data_request, code=data_request.secrets.get().code, at=at)


def test_the_link_still_works_after_five_wrong_codes(asks, at):
    """A stranger who knows the reference can only make the reader ask again."""
    data_request = asks(Kind.ACCESS)
    for _try in range(6):
        with pytest.raises(identity.WrongCode):
            intake.confirm(data_request, code="WRONG-ONE", at=at)
    assert intake.confirm(data_request, token=data_request.secrets.get().token, at=at).state == State.REVIEW


def test_the_same_asked_twice_joins_the_first(asks, proves):
    first, second = proves(asks(Kind.ERASURE)), asks(Kind.ERASURE, email="Alice@Example.org")
    assert proves(second) == first
    second.refresh_from_db()
    assert (second.state, second.joined_to) == (State.WITHDRAWN, first)
    assert events(first)[-1] == "request.joined"


def test_a_request_that_joins_keeps_the_earlier_receipt_of_the_two(asks, proves, olive, at):
    """A letter received a week before the form was filled in, and typed in after: the clock is the letter's."""
    first = proves(asks(Kind.ERASURE))
    letter = intake.enter(
        by=olive,
        kind=Kind.ERASURE,
        channel=Channel.POST,
        received_at=at - timedelta(days=7),
        language="fr",
        email=ALICE,
        minor=True,
        at=at,
    )
    assert proves(letter) == first
    first.refresh_from_db()
    assert (str(first.due_on), first.minor) == ("2026-10-09", True)


def test_another_scope_is_another_request(asks, proves):
    proves(asks(Kind.ERASURE))
    assert proves(asks(Kind.ERASURE, scope={"comments": "*"})).state == State.REVIEW


def test_rights_asked_together_are_proven_together(at, proves):
    access, erasure = intake.receive(
        kinds=[Kind.ACCESS, Kind.ERASURE], email="alice@example.org", channel=Channel.FORM, language="fr", at=at
    )
    proves(access)
    assert set(DataRequest.objects.values_list("state", flat=True)) == {State.REVIEW}
    assert DataRequest.objects.get(pk=erasure.pk).asked_with == access


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "a@b",
        "a@example.invalid",
        "a@localhost",
        "a b@example.org",
        "a@x.onion",
        "a@[127.0.0.1]",
        "a@example.org\u202e",
    ],
)
def test_an_address_that_cannot_receive_mail_is_refused(asks, address):
    with pytest.raises(intake.UndeliverableAddress):
        asks(Kind.ACCESS, email=address)
    assert not DataRequest.objects.exists()


@pytest.mark.parametrize("address", ["alice\u017f@example.org", "\u212aate@example.org", "alice@fa\u00df.example.org"])
def test_an_address_that_passes_for_somebody_elses_is_refused(asks, address):
    """Compared without case they are alices@, kate@ and fass.: other mailboxes, whose data would be handed over."""
    with pytest.raises(intake.UndeliverableAddress):
        asks(Kind.ACCESS, email=address)


def test_an_address_in_a_domain_with_accents_is_accepted(asks):
    assert asks(Kind.ACCESS, email="alice@café.example.org").pk


def test_an_address_longer_than_mail_bears_is_refused(asks):
    with pytest.raises(intake.UndeliverableAddress):
        asks(Kind.ACCESS, email=f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.example.org")


@pytest.mark.parametrize("kinds", [[Kind.ACCESS, Kind.ERASURE], [Kind.ERASURE, Kind.ACCESS]])
def test_rights_asked_together_are_proven_in_one_order(at, proves, kinds):
    """Two messages that ask the same in another order, proven at once, waited for each other's place."""
    first = intake.receive(kinds=kinds, email=ALICE, channel=Channel.API, language="fr", at=at)[0]
    assert proves(first) == first
    proven = AuditEntry.objects.filter(event="request.confirmed").order_by("pk").values_list("subject", flat=True)
    kind_of = dict(DataRequest.objects.values_list("reference", "kind"))
    assert [kind_of[reference] for reference in proven] == [Kind.ACCESS, Kind.ERASURE]
