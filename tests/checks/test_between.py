"""Sources beside each other: one table each, an order that works, no reference that reaches across."""

from typing import Any

import pytest
from django.db import models
from pytest_django import Settings

from dsr.readers.models import Account
from dsr.readers.sources import Comments, NewsletterSubscriptions
from dsr.sources.fields import reveal
from tests.checks import shelf
from tests.checks.conftest import Declare, MakeTable
from tests.checks.shelf import ByMail, complaints

TOLD = {"name": "x", "label": "X", "description": "X", "activity": ByMail.activity, "identified_by": (), "fields": {}}


def to(target: Any, on_delete: Any = models.PROTECT) -> Any:
    """A foreign key that leaves nothing behind on the model that it points at."""
    return models.ForeignKey(target, on_delete, null=True, related_name="+")


def test_a_table_has_one_source(settings: Settings) -> None:
    settings.DSR_SOURCES = ["tests.checks.shelf.InvoicesAgain", *settings.DSR_SOURCES]
    assert complaints() == [("E004", "dsr.readers.sources.Invoices.model")]


def test_the_source_that_identifies_the_reader_is_last(settings: Settings) -> None:
    settings.DSR_SOURCES = [*settings.DSR_SOURCES, "tests.checks.shelf.ByMail"]
    assert complaints() == [("E012", "DSR_SOURCES")]


def test_rows_go_before_those_they_point_at(settings: Settings) -> None:
    invoices, subscriptions = (f"dsr.readers.sources.{name}" for name in ("Invoices", "Subscriptions"))
    swapped = {invoices: subscriptions, subscriptions: invoices}
    settings.DSR_SOURCES = [swapped.get(path, path) for path in settings.DSR_SOURCES]
    assert complaints() == [("E013", invoices)]


def test_no_reference_cascades_into_another_table(table: MakeTable, settings: Settings) -> None:
    table(account=to(Account, models.CASCADE))
    settings.DSR_EXEMPT_TABLES = {"readers.Passing0": "Un essai."}
    assert complaints() == [("E014", "dsr.readers.sources.Accounts.model")]


@pytest.mark.parametrize("on_delete", [models.SET_NULL, models.SET(None)])
def test_no_reference_is_rewritten_unless_declared(table: MakeTable, settings: Settings, on_delete: Any) -> None:
    table(account=to(Account, on_delete))
    settings.DSR_EXEMPT_TABLES = {"readers.Passing0": "Un essai."}
    assert complaints() == [("E014", "dsr.readers.sources.Accounts.stays_for")]


def test_a_rewritten_reference_may_be_declared(declare: Declare) -> None:
    declare(Comments, stays_for=("reports", "moderation_notes"))
    assert complaints() == [("E014", "stays_for")]


def test_what_another_source_is_found_by_makes_a_source_identifying(declare: Declare) -> None:
    declare(NewsletterSubscriptions, reveals=(reveal("list", "list_name"),))
    assert complaints() == []


def test_of_two_tables_that_point_at_each_other_either_is_first(
    table: MakeTable, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hen = table(egg=models.ForeignKey("readers.Passing1", models.PROTECT, related_name="+"))
    egg = table(hen=to(hen))
    for name, model in (("Hens", hen), ("Eggs", egg)):
        monkeypatch.setattr(shelf, name, type(name, (shelf.Nameless,), {"model": model, **TOLD}), raising=False)
    settings.DSR_SOURCES = ["tests.checks.shelf.Hens", "tests.checks.shelf.Eggs", *settings.DSR_SOURCES]
    said = [number for number, _about in complaints()]
    assert "E006" in said
    assert "E013" not in said


def test_a_many_to_many_relation_may_cascade_but_is_personal_data(table: MakeTable) -> None:
    table(readers=models.ManyToManyField(Account, related_name="+"))
    assert complaints() == [("E015", "readers.Passing0_readers")]
