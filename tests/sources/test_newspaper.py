"""What the newspaper keeps of a reader, and until when: the examples of the law, on its own tables."""

from datetime import date
from decimal import Decimal

import pytest
from pytest_django import Settings

from dsr.readers.models import Account, Ban, Comment, Consent, Invoice, NewsletterSubscription, Subscription
from dsr.sources.base import KeptRows, Subject
from dsr.sources.registry import expand, source, sources
from tests.sources.readers import (
    ALICE,
    BOB,
    TODAY,
    account,
    comment,
    consent,
    erase,
    everywhere,
    invoice,
    known_by,
    subject,
    subscription,
)

pytestmark = pytest.mark.django_db


def of(own: Account) -> Subject:
    """The reader of an account, under everything filed with it."""
    return expand(known_by(account=str(own.pk)))


def kept(name: str, own: Account, *, on: date = TODAY) -> tuple[KeptRows, ...]:
    """What a source would keep."""
    return source(name).plan(of(own), on=on).kept


def erase_all(reader: Subject, *, on: date = TODAY) -> dict[str, tuple[int, int]]:
    """Erase in the order of the setting; what went and what was rewritten, by source."""
    done = {each.name: erase(each, reader, on=on) for each in sources()}
    return {name: (chunk.erased, chunk.rewritten) for name, chunk in done.items() if chunk.erased or chunk.rewritten}


@pytest.mark.parametrize(
    ("amount", "online", "expected"),
    [
        ("150", True, KeptRows("CONTRAT-E", date(2036, 8, 31), 1)),
        ("120", True, KeptRows("CONTRAT-E", date(2036, 8, 31), 1)),
        ("119.99", True, KeptRows("LITIGE-5", date(2031, 8, 31), 1)),
        ("59", True, KeptRows("LITIGE-5", date(2031, 8, 31), 1)),
        ("150", False, KeptRows("LITIGE-5", date(2031, 8, 31), 1)),
    ],
)
def test_a_contract_is_kept_ten_years_only_if_online_and_from_120_euros(
    amount: str, online: bool, expected: KeptRows
) -> None:
    own = account(ALICE)
    subscription(own, amount=Decimal(amount), concluded_online=online, ended_on=date(2026, 8, 31))
    assert kept("subscriptions", own) == (expected,)


def test_an_invoice_is_kept_ten_years_from_the_close_of_its_year() -> None:
    own = account(ALICE)
    invoice(own, issued_on=date(2025, 3, 31))
    assert kept("invoices", own) == (KeptRows("COMPTA", date(2035, 12, 31), 1),)


def test_the_card_goes_thirteen_months_after_the_debit_and_the_invoice_stays() -> None:
    own = account(ALICE)
    row = invoice(own, truncated_card="1234", debited_on=date(2026, 2, 10), issued_on=date(2026, 2, 1))
    assert KeptRows("CB-PREUVE", date(2027, 3, 10), 1) in kept("invoices", own)
    assert erase(source("invoices"), of(own)).rewritten == 0
    assert erase(source("invoices"), of(own), on=date(2027, 3, 11)).rewritten == 1
    row.refresh_from_db()
    assert (row.truncated_card, row.billing_name, row.debited_on) == ("", "", date(2026, 2, 10))


def test_a_running_contract_keeps_the_account_whole_and_without_an_end() -> None:
    own = account(ALICE, family_name="Martin", last_ip="192.0.2.1")
    subscription(own, mandate_reference="MANDAT-1", delivery_name="Alice Martin")
    assert kept("subscriptions", own) == (KeptRows("CONTRAT-COURS", None, 1),)
    assert kept("accounts", own) == (KeptRows("CONTRAT-COURS", None, 1),)
    erase_all(of(own))
    left, contract = Account.objects.get(), Subscription.objects.get()
    assert (left.email, left.family_name, left.last_ip, left.closed_at) == (ALICE, "Martin", None, None)
    assert contract.mandate_reference == "MANDAT-1"


def test_a_contract_whose_end_is_known_keeps_the_account_until_then() -> None:
    own = account(ALICE)
    subscription(own, ended_on=date(2026, 12, 31))
    assert kept("accounts", own) == (KeptRows("CONTRAT-COURS", date(2026, 12, 31), 1),)


def test_after_the_end_the_mandate_goes_and_the_account_is_emptied_around_what_is_kept() -> None:
    own = account(ALICE, family_name="Martin", subscriber_number="A-1")
    subscription(own, ended_on=date(2026, 8, 31), mandate_reference="MANDAT-1", delivery_name="Alice Martin")
    reader = of(own)
    assert erase_all(reader) == {"subscriptions": (0, 1), "accounts": (0, 1)}
    contract, left = Subscription.objects.get(), Account.objects.get()
    assert (contract.mandate_reference, contract.delivery_name) == ("", "Alice Martin")
    assert (left.email, left.family_name, left.subscriber_number) == (None, "", None)
    assert left.closed_at is not None
    assert erase_all(reader) == {}


def test_when_the_last_ground_has_ended_everything_goes() -> None:
    own = account(ALICE)
    contract = subscription(own, ended_on=date(2026, 8, 31), delivery_name="Alice Martin")
    invoice(own, subscription=contract, issued_on=date(2026, 8, 1))
    reader = of(own)
    erase_all(reader)
    assert erase_all(reader, on=date(2036, 12, 31)) == {"subscriptions": (0, 1)}
    assert erase_all(reader, on=date(2037, 1, 1)) == {"invoices": (1, 0), "accounts": (1, 0)}
    assert not Account.objects.exists()


def emptied() -> dict[str, object]:
    """What stands in the one contract, its number aside, where something does."""
    row = Subscription.objects.values().get()
    return {name: value for name, value in row.items() if value and name != "id"}


def test_a_contract_that_an_invoice_outlasts_is_emptied_when_its_own_ground_ends() -> None:
    own = account(ALICE)
    contract = subscription(own, ended_on=date(2026, 8, 31), delivery_name="Alice Martin", amount=Decimal(59))
    invoice(own, subscription=contract, issued_on=date(2026, 8, 1), billing_name="Alice Martin")
    reader = of(own)
    assert kept("subscriptions", own) == (KeptRows("LITIGE-5", date(2031, 8, 31), 1),)
    erase_all(reader)
    assert emptied()["offer"] == "Intégral"
    assert erase_all(reader, on=date(2031, 8, 31)) == {}
    assert erase_all(reader, on=date(2031, 9, 1)) == {"subscriptions": (0, 1)}
    assert emptied() == {}
    assert Invoice.objects.get().billing_name == "Alice Martin"


def test_so_is_one_whose_invoices_nobody_asked_to_erase() -> None:
    own = account(ALICE)
    contract = subscription(own, started_on=date(2019, 1, 1), ended_on=date(2019, 12, 31))
    invoice(own, subscription=contract, issued_on=date(2019, 1, 1))
    erase(source("subscriptions"), of(own), on=date(2030, 1, 1))
    assert emptied() == {}


def test_the_plan_of_the_account_knows_that_its_last_invoice_will_be_gone() -> None:
    own = account(ALICE)
    invoice(own, issued_on=date(2010, 1, 1))
    assert source("accounts").plan(of(own), on=TODAY).erased == 1
    assert erase_all(of(own)) == {"invoices": (1, 0), "accounts": (1, 0)}


def test_an_emptied_comment_that_stays_does_not_hold_the_account() -> None:
    own = account(ALICE)
    comment("2019-03-01", author_email=BOB, parent=comment("2019-03-01", account=own))
    assert source("accounts").plan(of(own), on=TODAY).erased == 1
    assert erase_all(of(own)) == {"comments": (0, 1), "accounts": (1, 0)}


def test_an_unpaid_invoice_is_claimed_for_two_years() -> None:
    own = account(ALICE)
    invoice(own, issued_on=date(2010, 1, 1), due_on=date(2025, 6, 1), paid_on=None)
    assert kept("invoices", own) == (KeptRows("LITIGE-2", date(2027, 6, 1), 1),)


def test_the_author_of_kept_comments_stays_identified_five_years_after_the_account_is_closed() -> None:
    own = account(ALICE, pen_name="Alix", family_name="Martin", phone="01 23 45 67 89", last_ip="192.0.2.1")
    comment(account=own, author_email=ALICE, author_ip="192.0.2.2")
    expected = (
        KeptRows("HEB-COMPTE", date(2027, 11, 23), 1),
        KeptRows("HEB-ID", date(2031, 11, 23), 1),
    )
    reader = of(own)
    assert source("accounts").plan(reader, on=TODAY).kept == expected
    erase_all(reader)
    left = Account.objects.get()
    assert (left.family_name, left.pen_name, left.last_ip) == ("Martin", "Alix", None)
    assert source("accounts").plan(reader, on=date(2026, 12, 24)).kept == expected
    assert erase(source("accounts"), reader, on=date(2027, 11, 24)).rewritten == 1


def test_who_wrote_long_ago_is_no_author_any_more() -> None:
    own = account(ALICE)
    comment("2019-03-01", account=own)
    assert erase_all(of(own)) == {"comments": (1, 0), "accounts": (1, 0)}


def test_a_commenter_without_account_is_told_of_young_addresses_and_the_old_ones_go() -> None:
    for when in ("2019-03-01", "2024-03-01", "2026-03-01"):
        comment(when, author_email=ALICE, author_ip="192.0.2.1", imported_from="https://journal.example.org")
    reader = expand(known_by(email=ALICE))
    assert source("comments").plan(reader, on=TODAY).kept == (
        KeptRows("HEB-ID", date(2029, 3, 1), 1),
        KeptRows("HEB-ID", date(2031, 3, 1), 1),
        KeptRows("HEB-IP", date(2027, 3, 1), 1),
    )
    assert erase_all(reader) == {"comments": (1, 2)}
    assert list(Comment.objects.order_by("created_at").values_list("author_ip", flat=True)) == [None, "192.0.2.1"]


def test_a_withdrawn_consent_is_proven_five_years_from_the_withdrawal() -> None:
    own = account(ALICE)
    consent(account=own, when="2019-01-01")
    consent(account=own, given=False, when="2024-02-01")
    assert kept("consents", own) == (KeptRows("CONSENT", date(2029, 2, 1), 2),)


def test_a_consent_that_stood_is_withdrawn_by_the_closing_of_the_account() -> None:
    own = account(ALICE)
    consent(account=own, when="2019-01-01")
    reader = of(own)
    erase_all(reader)
    assert source("consents").plan(reader, on=date(2027, 1, 1)).kept == (KeptRows("CONSENT", date(2031, 11, 23), 1),)


def test_a_consent_given_with_a_bare_address_is_proven_five_years_from_the_day() -> None:
    consent(email=ALICE, when="2024-05-01")
    assert source("consents").plan(subject(email=ALICE), on=TODAY).kept == (KeptRows("CONSENT", date(2029, 5, 1), 1),)


def test_an_erasure_of_everything_leaves_of_a_reader_what_it_says_and_of_the_others_all() -> None:
    own, other = everywhere(ALICE, "Alice"), everywhere(BOB, "Bob")
    theirs = {each.name: list(each.collect(of(other))) for each in sources()}
    reader = of(own)
    erase_all(reader)
    assert {each.name: list(each.collect(of(other))) for each in sources()} == theirs
    left = {each.name: each.plan(reader, on=TODAY) for each in sources()}
    assert {name for name, preview in left.items() if preview.kept} == {
        "comments",
        "consents",
        "invoices",
        "subscriptions",
        "accounts",
        "past_requests",
    }
    for table in (Ban, NewsletterSubscription):
        assert not table.objects.filter(email__iexact=ALICE).exists()
    assert Invoice.objects.filter(account=own).exists()


def test_without_hosting_grounds_a_commenter_leaves_nothing(settings: Settings) -> None:
    settings.DSR_HOSTING_GROUNDS = "drop"
    own = account(ALICE)
    comment(account=own, author_ip="192.0.2.1")
    comment(author_email=ALICE)
    assert erase_all(of(own)) == {"comments": (2, 0), "accounts": (1, 0)}


def test_every_source_says_what_it_is_why_and_to_whom_in_french() -> None:
    for each in sources():
        activity = each.activity
        said = [each.label, each.description, activity.name, activity.purpose, activity.legal_basis]
        said += [activity.categories, activity.retention, activity.origin, *map(str, activity.recipients)]
        assert all(str(text).strip() for text in said), each.name


def test_children_come_before_what_they_point_at_and_the_account_last() -> None:
    order = [each.name for each in sources()]
    assert order[-1] == "accounts"
    assert order.index("invoices") < order.index("subscriptions")
    assert max(order.index("reports"), order.index("moderation_notes")) < order.index("comments")
    assert Consent.objects.count() == 0
