"""Tables that no source claims, with a model and without."""

from typing import Any

import pytest
from django.db import connection, models
from django.utils.translation import gettext_lazy as _
from pytest_django import Settings

from dsr.checks import databases, tables
from dsr.readers.models import Account, Invoice
from tests.checks.conftest import MakeTable
from tests.checks.shelf import complaints


def to(target: Any, on_delete: Any = models.PROTECT) -> Any:
    """A foreign key that leaves nothing behind on the model that it points at."""
    return models.ForeignKey(target, on_delete, null=True, related_name="+")


def test_every_field_of_every_installed_model_is_claimed_or_exempted() -> None:
    assert tables.unanswered() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"account": to(Account)},
        {"invoice": to(Invoice)},
        {"contact": models.EmailField()},
        {"e_mail": models.TextField()},
        {"adresse_courriel": models.CharField(max_length=80)},
        {"seen_from": models.GenericIPAddressField()},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_table_that_knows_readers_needs_a_source(table: MakeTable, fields: dict[str, Any]) -> None:
    table(**fields)
    assert complaints() == [("E015", "readers.Passing0")]


def test_a_table_that_leads_to_such_a_table_needs_one_too(table: MakeTable) -> None:
    parcel = table(account=to(Account))
    table(parcel=to(parcel))
    assert complaints() == [("E015", "readers.Passing0"), ("E015", "readers.Passing1")]


def test_a_table_that_knows_nobody_needs_none_but_is_not_answered_for(table: MakeTable) -> None:
    table(title=models.CharField(max_length=9))
    assert complaints() == []
    assert tables.unanswered() == ["readers.Passing0.id", "readers.Passing0.title"]


@pytest.mark.parametrize("name", ["readers.Passing0", "readers"])
def test_a_reason_exempts_a_table(table: MakeTable, settings: Settings, name: str) -> None:
    table(account=to(Account))
    settings.DSR_EXEMPT_TABLES = {name: _("Un essai.")}
    assert complaints() == []
    assert tables.unanswered() == []


@pytest.mark.parametrize("name", ["readers.Nothing", "nothing", "nowhere:old_orders"])
def test_an_exemption_is_of_something(settings: Settings, name: str) -> None:
    settings.DSR_EXEMPT_TABLES = {name: "Un essai."}
    assert complaints() == [("E016", f"DSR_EXEMPT_TABLES[{name}]")]


def test_an_exemption_has_a_reason(settings: Settings) -> None:
    settings.DSR_EXEMPT_TABLES = {"default:old_orders": " "}
    assert complaints() == [("E016", "DSR_EXEMPT_TABLES[default:old_orders]")]


def test_what_is_claimed_is_not_exempted(settings: Settings) -> None:
    settings.DSR_EXEMPT_TABLES = {"readers.Comment": "Trop long à déclarer."}
    assert complaints() == [("E016", "DSR_EXEMPT_TABLES[readers.Comment]")]


@pytest.mark.django_db
def test_a_table_without_a_model_is_seen_in_its_database(settings: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE old_orders (id integer PRIMARY KEY, client_email varchar(80))")
        cursor.execute("CREATE TABLE old_gifts (giver bigint REFERENCES readers_account (id))")
        cursor.execute("CREATE TABLE old_colours (id integer PRIMARY KEY, name varchar(80))")
    said = databases.check_databases(None, databases=["default"])
    assert [(each.id, each.obj) for each in said] == [
        ("dsr.W003", "default:old_gifts"),
        ("dsr.W003", "default:old_orders"),
    ]
    settings.DSR_EXEMPT_TABLES = {"default:old_orders": "Un essai.", "default:old_gifts": "Un essai."}
    assert databases.check_databases(None, databases=["default"]) == []
    assert databases.check_databases(None, databases=None) == []
