"""A correction: what stands, what a field can hold, the change everywhere; and an objection, which stops messages."""

from collections import Counter
from typing import Any

import pytest
from django.utils import translation

from dsr.readers.models import Account, Comment, Consent, NewsletterSubscription, SupportMessage
from dsr.sources.base import Change, Identifier, Place, Subject, UnacceptableValue
from dsr.sources.registry import expand, source, sources
from tests.sources.readers import (
    ALICE,
    BOB,
    account,
    comment,
    consent,
    erase,
    instant,
    known_by,
    subject,
    subscription,
)
from tests.sources.shelf import Drawer, Drawers, Slot, Slots

NEW = "nouvelle@example.org"
AT = instant("2026-11-23T09:30")

pytestmark = pytest.mark.django_db


def letters(email: str, list_name: str = "matin", **fields: Any) -> NewsletterSubscription:
    """An active subscription to a letter."""
    given = {"email": email, "list_name": list_name, "subscribed_at": instant("2024-01-01"), **fields}
    return NewsletterSubscription.objects.create(**given)


def rectify(name: str, reader: Subject, *changes: Change, limit: int = 500) -> tuple[int, dict[str, int]]:
    """How many rows changed, and in how many the database would not, by field."""
    return run(source(name), reader, *changes, limit=limit)


def run(each: Any, reader: Subject, *changes: Change, limit: int = 500) -> tuple[int, dict[str, int]]:
    """Rectify to the end of the cursor."""
    cursor: Any = {}
    changed, refused = 0, Counter[str]()
    while cursor is not None:
        chunk = each.rectify(reader, changes=changes, limit=limit, cursor=cursor)
        cursor, changed = chunk.cursor, changed + chunk.changed
        refused.update(chunk.refused)
    return changed, dict(refused)


def test_each_value_is_offered_once_and_an_address_without_case() -> None:
    for email, name in [(ALICE, "Alice"), (ALICE.upper(), "Alice"), (ALICE, "alice")]:
        comment(author_email=email, author_name=name)
    offered = {(each.concept, each.value) for each in source("comments").values(subject(email=ALICE))}
    assert {(concept, value.lower()) for concept, value in offered} == {("email", ALICE), ("pen_name", "alice")}
    assert len(offered) == 3


def test_what_is_empty_may_be_completed_in_the_account_alone() -> None:
    own = account(ALICE)
    comment(author_email=ALICE)
    reader = subject(email=ALICE, account=str(own.pk))
    assert ("phone", "") in {(each.concept, each.value) for each in source("accounts").values(reader)}
    assert ("pen_name", "") not in {(each.concept, each.value) for each in source("comments").values(reader)}
    change = Change("pen_name", "", "Alix")
    assert rectify("accounts", reader, change)[0] == 1
    assert rectify("comments", reader, change)[0] == 0


def test_a_correction_reaches_each_copy_also_in_a_row_kept_by_law() -> None:
    own = account(ALICE, city="Lyon")
    contract = subscription(own, delivery_city="Lyon")
    reader = subject(account=str(own.pk))
    changed = {each.name: run(each, reader, Change("city", "Lyon", "Lille"))[0] for each in sources()}
    contract.refresh_from_db()
    own.refresh_from_db()
    assert (own.city, contract.delivery_city) == ("Lille", "Lille")
    assert {name for name, rows in changed.items() if rows} == {"accounts", "subscriptions"}


def test_only_where_the_old_value_still_stands() -> None:
    own = account(ALICE, family_name="Martin-Dupont")
    assert rectify("accounts", subject(account=str(own.pk)), Change("family_name", "Martin", "Dupont"))[0] == 0


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_a_corrected_address_changes_last_so_that_it_hides_no_row(limit: int) -> None:
    for _ in range(3):
        SupportMessage.objects.create(email=ALICE.upper(), name="Alise", created_at=instant("2026-01-01"))
    changes = [Change("email", ALICE, NEW), Change("full_name", "Alise", "Alice")]
    assert rectify("support_messages", subject(email=ALICE), *changes, limit=limit)[0] == 6
    assert rectify("support_messages", subject(email=ALICE), *changes, limit=limit)[0] == 0
    assert set(SupportMessage.objects.values_list("email", "name")) == {(NEW, "Alice")}


def test_the_case_of_an_address_may_be_corrected() -> None:
    comment(author_email="ALICE@example.org")
    change = Change("email", "ALICE@example.org", ALICE)
    assert rectify("comments", subject(email=ALICE), change)[0] == 1
    assert rectify("comments", subject(email=ALICE), change)[0] == 0


def test_a_corrected_address_is_no_longer_a_confirmed_one() -> None:
    own = account(ALICE)
    assert rectify("accounts", subject(account=str(own.pk)), Change("email", ALICE, BOB))[0] == 1
    assert Account.objects.get().email_confirmed_at is None
    assert Identifier("email", BOB) not in expand(known_by(account=str(own.pk))).identifiers


def test_nobody_elses_row_changes() -> None:
    theirs = comment(author_email=BOB, author_name="Alise")
    comment(author_email=ALICE, author_name="Alise")
    assert rectify("comments", subject(email=ALICE), Change("pen_name", "Alise", "Alice"))[0] == 1
    theirs.refresh_from_db()
    assert theirs.author_name == "Alise"


def test_a_row_that_cannot_hold_the_new_value_is_left_and_told() -> None:
    letters(ALICE)
    letters(NEW)
    letters(ALICE, "soir")
    changed, refused = rectify("newsletter_subscriptions", subject(email=ALICE), Change("email", ALICE, NEW))
    assert (changed, refused) == (1, {"Adresse électronique": 1})


def test_values_that_trade_places_change_where_they_stood_and_nowhere_twice() -> None:
    first, second = comment(author_email=ALICE, author_name="Alix"), comment(author_email=ALICE, author_name="Alise")
    reader, comments = subject(email=ALICE), source("comments")
    changes = [
        Change("pen_name", old, new, tuple(comments.places(reader, concept="pen_name", value=old)))
        for old, new in [("Alix", "Alise"), ("Alise", "Alix")]
    ]
    for changed in (2, 0):
        assert rectify("comments", reader, *changes) == (changed, {})
        first.refresh_from_db(), second.refresh_from_db()
        assert (first.author_name, second.author_name) == ("Alise", "Alix")


def test_a_value_stands_where_it_is_the_readers_own() -> None:
    own = comment(author_email=ALICE.upper(), author_name="Alice")
    comment(author_email=BOB, author_name="Alice")
    comments, reader = source("comments"), subject(email=ALICE)
    assert list(comments.places(reader, concept="email", value=ALICE)) == [Place("author_email", str(own.pk))]
    assert list(comments.places(reader, concept="pen_name", value="Alice")) == [Place("author_name", str(own.pk))]
    assert list(comments.places(reader, concept="pen_name", value="")) == []


def test_dates_and_numbers_are_corrected_as_they_are_shown() -> None:
    Drawer.objects.create(owner="alice", day="1980-05-01", whole=7)
    drawers, reader = Drawers(), subject(owner="alice")
    assert {(each.concept, each.value) for each in drawers.values(reader)} == {("day", "1980-05-01"), ("whole", "7")}
    assert run(drawers, reader, Change("day", "1980-05-01", "1981-05-02"), Change("whole", "7", "8"))[0] == 2
    assert Drawer.objects.values_list("whole", "day__year").get() == (8, 1981)


def test_rows_with_a_composite_key_are_corrected() -> None:
    for shelf, place in [(1, "b"), (2, "a"), (2, "c")]:
        Slot.objects.create(shelf=shelf, place=place, owner="alice", label="ici")
    assert run(Slots(), subject(owner="alice"), Change("text", "ici", "là"), limit=2)[0] == 3


@pytest.mark.parametrize(
    ("concept", "value", "said"),
    [
        ("email", "pas une adresse", "adresse"),
        ("email", "", "se corrige"),
        ("family_name", "a" * 81, "80"),
        ("family_name", "nul\x00", "caractère"),
        ("birth_date", "hier", "date"),
    ],
)
def test_a_value_that_cannot_be_held_is_refused_with_a_sentence(concept: str, value: str, said: str) -> None:
    with translation.override("fr"), pytest.raises(UnacceptableValue, match=said) as error:
        source("accounts").validate(concept, value)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("value", [BOB, BOB.upper()])
def test_an_address_in_use_is_refused_without_saying_by_whom(value: str) -> None:
    account(BOB)
    with pytest.raises(UnacceptableValue, match="ne peut pas être enregistrée"):
        source("accounts").validate("email", value)
    source("comments").validate("email", value)


def test_a_concept_that_is_not_here_is_none_of_its_business() -> None:
    source("articles_read").validate("email", "n’importe quoi")
    assert rectify("articles_read", subject(account="1"), Change("email", ALICE, NEW)) == (0, {})


def test_an_invoice_is_a_voucher_and_is_not_corrected() -> None:
    assert source("invoices").values(subject(account="1")) == []
    assert not any(classified.concept for classified in source("invoices").fields.values())  # type: ignore[attr-defined]


def stop(name: str, reader: Subject, *, limit: int = 500) -> int:
    """How many rows an objection changes."""
    cursor: Any = {}
    changed = 0
    while cursor is not None:
        chunk = source(name).stop_messages(reader, at=AT, limit=limit, cursor=cursor)
        cursor, changed = chunk.cursor, changed + chunk.changed
    return changed


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_an_objection_unsubscribes_from_each_letter_and_a_second_one_changes_nothing(limit: int) -> None:
    before = instant("2025-01-01")
    letters(ALICE), letters(ALICE.upper(), "soir"), letters(BOB)
    letters(ALICE, "midi", status="unsubscribed", unsubscribed_at=before)
    assert stop("newsletter_subscriptions", subject(email=ALICE), limit=limit) == 2
    assert stop("newsletter_subscriptions", subject(email=ALICE), limit=limit) == 0
    stopped = dict(NewsletterSubscription.objects.values_list("list_name", "unsubscribed_at").exclude(email=BOB))
    assert stopped == {"matin": AT, "soir": AT, "midi": before}
    assert NewsletterSubscription.objects.get(email=BOB).status == "active"


@pytest.mark.parametrize("limit", [1, 500])
def test_an_objection_withdraws_the_consents_to_be_solicited_that_stand(limit: int) -> None:
    own = account(ALICE)
    consent(account=own, email=ALICE)
    consent(email=ALICE)
    consent(account=own, purpose="advertising", given=True, when="2024-01-01")
    consent(account=own, purpose="advertising", given=False, when="2024-02-01")
    consent(account=own, purpose="audience")
    consent(email=BOB)
    reader = subject(email=ALICE, account=str(own.pk))
    assert stop("consents", reader, limit=limit) == 2
    assert stop("consents", reader, limit=limit) == 0
    withdrawn = Consent.objects.filter(changed_at=AT)
    assert set(withdrawn.values_list("account", "purpose", "given")) == {
        (own.pk, "partners", False),
        (None, "partners", False),
    }


def test_a_source_that_sends_nothing_has_nothing_to_stop() -> None:
    comment(author_email=ALICE)
    assert stop("comments", subject(email=ALICE)) == 0


def test_a_correction_does_not_bring_back_what_was_erased() -> None:
    comment("2026-03-01", author_email=ALICE, author_name="Alise")
    erase(source("comments"), subject(email=ALICE))
    assert rectify("comments", subject(email=ALICE), Change("pen_name", "Alise", "Alice"))[0] == 0
    assert Comment.objects.get().author_name == ""
