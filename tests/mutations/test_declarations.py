"""Each source and each field's classification, broken in turn: the copy, the erasure or the checks notice each time."""

from collections.abc import Iterator
from dataclasses import replace
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

# What a copy shows otherwise, or not at all: a secret, other people, our own numbers.
NOT_COPIED = {
    "Account.password",
    "ModerationNote.moderator",
    "Ban.moderator",
    "Report.handled_by",
    "SupportMessage.answered_by",
    *(f"{table}.id" for table in ("ArticleRead", "Ban", "Consent", "Invoice", "ModerationNote")),
    *(f"{table}.id" for table in ("NewsletterSubscription", "Report")),
}


def stays(table: str, names: str) -> set[str]:
    """Fields of a table, by their names."""
    return {f"{table}.{name}" for name in names.split()}


# What stands as it stood while grounds hold it (law page, section 5): the author of a hosted comment, an invoice, a
# contract that ended, the proof of a consent.
KEPT = (
    stays("Account", "id created_at email email_confirmed_at birth_date pen_name given_name family_name phone")
    | stays("Account", "street street_complement postcode city")
    | stays("Comment", "id account status created_at article_url article_title imported_from author_email author_ip")
    | stays("Consent", "id account email ip given channel wording changed_at")
    | stays("Invoice", "id account number issued_on amount vat currency billing_name billing_email billing_street")
    | stays("Invoice", "billing_postcode billing_city")
    | stays("Subscription", "id account offer amount currency started_on ended_on concluded_online delivery_name")
)


def faults(at: Any) -> list[str]:
    """Whatever is not as it must be: the checks, the copy, the erasure now and when all grounds have ended."""
    said = [f"{each.id} {each.obj}" for each in run_checks() if str(each.id).startswith("dsr.E")]
    if said:
        return said
    world = newspaper.made(at)
    found = [f"copied otherwise: {name}" for name in newspaper.not_copied(world) ^ NOT_COPIED]
    found += newspaper.of_others(world)
    found += [f"kept otherwise: {name}" for name in newspaper.erased(world, at.date()) ^ KEPT]
    return found + [f"never erased: {name}" for name in newspaper.erased(world, newspaper.ALL_OVER)]


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


BLANKED = [(source, name) for source, name in READERS if source.fields[name].can_be_blanked]


@pytest.mark.parametrize(("source", "name"), BLANKED, ids=ids(BLANKED))
def test_a_field_that_is_not_blanked_is_noticed(at, monkeypatch, source, name):
    change(monkeypatch, source, name, erased_to=WITH_ROW)
    assert faults(at)


HELD = [(source, name) for source, name in READERS if source.fields[name].kept]


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
