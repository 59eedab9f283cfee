"""What somebody else's request says of an erased reader is a mention, wherever in our own tables it stands."""

from typing import Any

import pytest
from django.apps import apps
from django.db.models import TextField

from dsr.lifecycle import execution, mentions, triage
from dsr.models.address import AddressChange
from dsr.models.correction import Correction
from dsr.models.identity import Identifier, Means, Question
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.models.review import Finding, Review
from dsr.models.tree import Checkpoint
from dsr.models.verification import Fate
from dsr.notifications.outcome import _source_label
from dsr.readers.models import Account
from dsr.sources.needles import MASK
from dsr.sources.own_tables import OWN_TABLES
from dsr.states import Kind, State
from tests.conftest import ALICE, BOB
from tests.sources.readers import account, asked

pytestmark = pytest.mark.django_db

QUOTED = f"Voyez avec {ALICE.upper()}."


@pytest.fixture(autouse=True)
def newspaper(db, settings):
    """Alice has an account, and whatever was asked of the service is in a copy."""
    named = ("dsr.sources.past_requests.PastRequests", "dsr.readers.sources.Accounts")
    settings.DSR_SOURCES = list(named)
    account(ALICE, phone="06 12 34 56 78", subscriber_number="A-7")


@pytest.fixture
def erased(asks, proves, olive, simone, works, at):
    """The erasure of everything Alice has, carried out as far as it goes."""

    def erase(**more: Any):
        data_request = proves(asks(Kind.ERASURE, **more))
        triage.accept(data_request, by=olive, at=at)
        works(data_request)
        plan = execution.current_plan(data_request)
        execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)
        return works(data_request)

    return erase


def closed(email: str, at, **more: Any) -> DataRequest:
    refused = {"state": State.REFUSED, "closed_at": at, "refusal_ground": "identity", "kind": Kind.RECTIFICATION}
    return asked(email, **refused, **more)


def found(data_request) -> set[tuple[str, str]]:
    return set(data_request.mentions.values_list("source", "field"))


def planted(of: DataRequest, staff, at) -> dict[tuple[str, str], str]:
    """Alice quoted in each column that may, of each table of ours, for that request; whether it can be masked."""
    DataRequest.objects.filter(pk=of.pk).update(
        message=QUOTED, postal_address=QUOTED, reply=QUOTED, dpo_advice=QUOTED, about_article=f"https://x/?e={ALICE}"
    )
    texts = {"reason": QUOTED, "answer": QUOTED}
    Question.objects.create(data_request=of, about="precision", asked_at=at, asked_by=staff, answered_at=at, **texts)
    names = ("old_value", "new_value", "explanation", "granted_value", "reason")
    Correction.objects.create(data_request=of, concept="family_name", **dict.fromkeys(names, QUOTED))
    AddressChange.objects.create(data_request=of, address=ALICE, person="x", asked_at=at)
    settled = {"settled_at": at, "told_on": at.date(), "created_at": at}
    RecipientNotice.objects.create(
        data_request=of, recipient="b", how=QUOTED, explanation=QUOTED, reply=QUOTED, **settled
    )
    Identifier.objects.create(data_request=of, kind="pen", value=ALICE, verified_by=Means.DOCUMENT)
    Notice.objects.create(
        data_request=of,
        letter="x",
        to=ALICE,
        subject=QUOTED,
        text=QUOTED,
        html=QUOTED,
        message_id="<1@x>",
        created_at=at,
    )
    return {
        **{
            ("own_requests", name): True
            for name in ("message", "postal_address", "reply", "dpo_advice", "about_article")
        },
        **{("own_questions", name): True for name in texts},
        **{("own_corrections", name): name in {"explanation", "reason"} for name in names},
        ("own_address_changes", "address"): False,
        **{("own_recipients", name): True for name in ("how", "explanation", "reply")},
        ("own_identifiers", "value"): False,
        ("letters", "to"): False,
        **{("letters", name): True for name in ("subject", "text", "html")},
    }


def test_each_column_of_another_persons_request_is_searched(erased, olive, at):
    bobs = closed(BOB, at)
    expected = planted(bobs, olive, at)
    data_request = erased()
    assert {(each.source, each.field): each.maskable for each in data_request.mentions.all()} == expected
    assert data_request.state == State.EXECUTING


def test_those_of_the_readers_own_requests_are_kept_and_no_mention(erased, olive, at):
    planted(closed(ALICE, at), olive, at)
    assert erased().state == State.ANSWERED


def test_a_request_proven_theirs_by_a_number_is_theirs(erased, olive, at):
    """Made from another address, which nobody filed with the account."""
    earlier = closed("", at, proven=False, message=QUOTED)
    known = {"kind": "subscriber", "value": "A-7", "verified_by": Means.DOCUMENT, "verified_at": at}
    Identifier.objects.create(data_request=earlier, **known)
    assert erased().state == State.ANSWERED


def test_an_auditors_note_is_searched(erased, unguarded, at):
    checkpoint = Checkpoint.objects.create(size=1, note="x", published_at=at)
    review = Review.objects.create(reference="REV-1", start=0, checkpoint=checkpoint, opened_at=at, due_on=at.date())
    Finding.objects.create(review=review, rule="x", count=1, note=QUOTED)
    assert found(erased()) == {("own_reviews", "note")}


def test_a_masked_message_is_gone_from_it_and_the_letter_says_what_was_left(erased, works, olive, at):
    bobs = closed(BOB, at, message=QUOTED)
    Notice.objects.create(data_request=bobs, letter="x", text=QUOTED, html="", message_id="<1@x>", created_at=at)
    data_request = erased()
    message = data_request.mentions.get(source="own_requests")
    mentions.mask(data_request, mentions=[message.pk], by=olive, at=at)
    letter = data_request.mentions.get(source="letters")
    mentions.leave(data_request, mentions=[letter.pk], reason="expression", by=olive, at=at)
    assert works(data_request).state == State.ANSWERED
    bobs.refresh_from_db()
    assert bobs.message == f"Voyez avec {MASK}."
    assert (message.__class__.objects.get(pk=message.pk).decision, bobs.state) == (Fate.MASKED, State.REFUSED)
    assert "Courriers" in data_request.notices.get(letter="erased").text


def test_what_the_service_goes_by_is_not_masked(erased, olive, at):
    bobs = asked(BOB, kind=Kind.RECTIFICATION, state=State.REVIEW)
    Correction.objects.create(data_request=bobs, concept="phone", new_value="06.12.34.56.78")
    data_request = erased()
    with pytest.raises(mentions.Unmaskable):
        mentions.mask(data_request, mentions=[data_request.mentions.get().pk], by=olive, at=at)


def test_a_number_in_a_column_of_codes_is_no_mention(erased):
    """The number of an account is as short as that of a row."""
    number = str(Account.objects.get(email=ALICE).pk)
    asked(BOB, kind=Kind.ERASURE, state=State.REVIEW, scope={"comments": [number]})
    assert erased().state == State.ANSWERED


WITHOUT_WORDS = {
    "AuditEntry": "codes and counts alone; record() refuses anything else",
    "Checkpoint": "a signed size and root",
    "Certificate": "a signed note that names nobody",
    "Statement": "a source claims it",
    "Passage": "the key of a row; what it says is sealed until the copy leaves",
    "MarkedText": "the key of a row; what it says is sealed until the copy leaves",
}


def test_each_table_of_ours_with_a_text_is_searched_or_has_a_reason():
    texts = {
        model.__name__
        for model in apps.get_app_config("dsr").get_models()
        if any(isinstance(each, TextField) for each in model._meta.concrete_fields)
    }
    assert texts - {each.model.__name__ for each in OWN_TABLES} == set(WITHOUT_WORDS)


def test_each_is_named_in_words():
    assert all(str(_source_label(each.name)) != each.name for each in OWN_TABLES)
