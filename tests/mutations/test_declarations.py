"""Each source and each field's classification, broken in turn: the copy, the erasure or the checks notice each time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.checks import run_checks

from dsr.readers import sources as declared
from dsr.sources import registry
from dsr.sources.fields import WITH_ROW, Owner
from tests.mutations import newspaper

pytestmark = [pytest.mark.django_db, pytest.mark.soak]

SOURCES = [getattr(declared, name) for name in declared.__all__]
READERS = [(source, name) for source in SOURCES for name, each in source.fields.items() if each.owner is Owner.READER]
EVERY = [(source, name) for source in SOURCES for name in source.fields]

# What a copy lacks, or shows as somebody's role: a secret, our own numbers, other people.
NOT_COPIED = {
    "Account.password",
    *(f"{table}.id" for table in ("ArticleRead", "Ban", "Consent", "Invoice", "ModerationNote")),
    *(f"{table}.id" for table in ("NewsletterSubscription", "Report")),
    "ModerationNote.moderator (masked)",
    "Ban.moderator (masked)",
    "Report.handled_by (masked)",
    "SupportMessage.answered_by (masked)",
}

PLACE = "id status created_at article_url article_title imported_from"  # of a comment, which keeps it whoever wrote it
IDENTITY = "email email_confirmed_at given_name family_name phone street street_complement postcode city country"
CONTRACT = (
    "id account offer amount currency started_on concluded_online delivery_name delivery_street delivery_postcode "
    "delivery_city delivery_country"
)
CHEAP = "id account offer amount currency started_on ended_on concluded_online"
INVOICE = (
    "id account subscription number issued_on due_on amount vat currency billing_name billing_email billing_street "
    "billing_postcode billing_city billing_country debited_on paid_on"
)

# What stands as it stood, day after day, as the grounds of the law page's section 5 end: HEB-COMPTE, HEB-IP and
# CB-PREUVE before 2028; HEB-ID, CONSENT and LITIGE-5 before 2033; COMPTA and CONTRAT-E before 2099. A row of « + » was
# empty and no longer is.
AFTER_THE_CONTRACT = {
    date(2026, 9, 16): {
        "Account": f"id created_at closed_at+ birth_date pen_name {IDENTITY}",
        "Comment": f"{PLACE} account author_email author_ip",
        "Comment by address": f"{PLACE} author_email author_ip",
        "Comment answered": f"{PLACE} account author_email author_ip",
        "Consent": "id account email ip given channel wording changed_at",
        "Invoice": f"{INVOICE} truncated_card",
        "Invoice long paid": "id account number issued_on debited_on amount vat currency truncated_card",
        "Subscription": f"{CONTRACT} ended_on",
        "Subscription cheap": f"{CHEAP} delivery_name",
    },
    date(2028, 1, 1): {
        "Account": f"id created_at closed_at+ birth_date {IDENTITY}",
        "Comment": f"{PLACE} account author_email",
        "Comment by address": f"{PLACE} author_email",
        "Comment answered": f"{PLACE} account author_email",
        "Consent": "id account email ip given channel wording changed_at",
        "Invoice": INVOICE,
        "Subscription": f"{CONTRACT} ended_on",
        "Subscription cheap": f"{CHEAP} delivery_name",
    },
    date(2033, 1, 1): {
        "Account": "id created_at closed_at+",
        "Comment answered": PLACE,
        "Invoice": INVOICE,
        "Subscription": f"{CONTRACT} ended_on",
        "Subscription cheap": "id",  # emptied beside its invoice, and nobody's from then on
    },
    date(2099, 1, 1): {"Comment answered": PLACE, "Subscription cheap": "id"},
}

# A contract that runs (CONTRAT-COURS) holds the account and the debit whatever else has ended.
WHILE_IT_RUNS = {
    date(2099, 1, 1): {
        "Account": f"id created_at password pen_name subscriber_number {IDENTITY}",
        "Comment answered": PLACE,
        "Subscription": f"{CONTRACT} mandate_reference truncated_card",
    },
}


def faults(at: Any) -> list[str]:
    """Whatever is not as it must be: the checks, the copy, and the erasure from the first day to the last ground's."""
    said = [f"{each.id} {each.obj}" for each in run_checks() if str(each.id).startswith("dsr.E")]
    if said:
        return said
    world, other = newspaper.made(at), newspaper.made(at, running=True)
    found = [f"copied otherwise: {name}" for name in newspaper.not_copied(world) ^ NOT_COPIED]
    found += newspaper.of_others(world)
    for each, expected in ((world, AFTER_THE_CONTRACT), (other, WHILE_IT_RUNS)):
        for day, stays in expected.items():
            wanted = {f"{row}.{name}" for row, names in stays.items() for name in names.split()}
            found += [f"{day}, stands otherwise: {name}" for name in newspaper.erased(each, day) ^ wanted]
    return found


@pytest.fixture(autouse=True)
def _fresh(settings: Any) -> Iterator[None]:
    """The newspaper's own sources alone, read anew."""
    settings.DSR_SOURCES = [path for path in settings.DSR_SOURCES if path.startswith("dsr.readers.")]
    registry.sources.cache_clear()
    yield
    registry.sources.cache_clear()


def change(monkeypatch: pytest.MonkeyPatch, source: type, name: str, **changes: Any) -> None:
    """Classify one field otherwise."""
    fields = {**source.fields, name: replace(source.fields[name], **changes)}
    monkeypatch.setattr(source, "fields", fields)


def ids(pairs: list[tuple[type, str]]) -> list[str]:
    return [f"{source.__name__}.{name}" for source, name in pairs]


def test_as_it_is_declared_nothing_is_at_fault(at):
    assert faults(at) == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_is_missing_is_noticed(at, settings, source):
    settings.DSR_SOURCES = [path for path in settings.DSR_SOURCES if not path.endswith(f".{source.__name__}")]
    assert faults(at)


@pytest.mark.parametrize(("source", "name"), EVERY, ids=ids(EVERY))
def test_a_field_that_is_not_classified_is_noticed(at, monkeypatch, source, name):
    monkeypatch.setattr(source, "fields", {key: each for key, each in source.fields.items() if key != name})
    assert faults(at)


EXPORTED = [(source, name) for source, name in EVERY if source.fields[name].exported]


@pytest.mark.parametrize(("source", "name"), EXPORTED, ids=ids(EXPORTED))
def test_a_field_that_is_left_out_of_the_copy_is_noticed(at, monkeypatch, source, name):
    change(monkeypatch, source, name, exported=False, why="Pour rien.")
    assert faults(at)


# A consent goes as a whole, when the one ground of all its fields has ended: what is left in its place shows nowhere.
BLANKED = [
    (source, name) for source, name in READERS if source.fields[name].can_be_blanked and source is not declared.Consents
]


@pytest.mark.parametrize(("source", "name"), BLANKED, ids=ids(BLANKED))
def test_a_field_that_is_not_blanked_is_noticed(at, monkeypatch, source, name):
    change(monkeypatch, source, name, erased_to=WITH_ROW)
    assert faults(at)


# What ties a kept row to its reader is kept with it, ground or none.
TIES = {(each, "account") for each in (declared.Comments, declared.Consents, declared.Subscriptions)}
HELD = [each for each in READERS if each[0].fields[each[1]].kept and each not in TIES]


@pytest.mark.parametrize(("source", "name"), HELD, ids=ids(HELD))
def test_a_field_whose_ground_is_dropped_is_noticed(at, monkeypatch, source, name):
    change(monkeypatch, source, name, kept=())
    assert faults(at)


FREE = [(source, name) for source, name in READERS if not source.fields[name].kept and source.stays_for]


@pytest.mark.parametrize(("source", "name"), FREE, ids=ids(FREE))
def test_a_field_that_is_kept_without_a_reason_is_noticed(at, monkeypatch, source, name):
    held = declared.Invoices.fields["number"].kept
    change(monkeypatch, source, name, kept=(replace(held[0], ground="DSR", since=("created_at",)),))
    assert faults(at)
