"""Identifiers that no index serves."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower

from dsr.readers.sources import Invoices, SupportMessages
from dsr.sources.fields import LEAVE, by, not_personal, personal
from dsr.sources.model_source import ModelSource
from tests.checks.conftest import Declare, MakeTable
from tests.checks.shelf import complaints


def fields_of(source: type[ModelSource], **changes: Any) -> dict[str, Any]:
    """The classified fields of a declaration, some of them otherwise."""
    return {**source.fields, **changes}


def test_an_identifier_without_an_index_is_slow(declare: Declare) -> None:
    links = (by("account", "account"), by("name", "name"))
    declare(SupportMessages, identified_by=links, shared=LEAVE)
    assert complaints() == [("W001", "identified_by")]


def test_an_address_needs_an_index_on_its_lowered_form(declare: Declare, table: MakeTable) -> None:
    letters = table(email=models.EmailField(unique=True))
    fields = {"id": not_personal(because="Un numéro."), "email": personal("Adresse")}
    declare(
        SupportMessages, model=letters, fields=fields, identified_by=(by("email", "email"),), summary="", dated_by=""
    )
    assert ("W001", "identified_by") in complaints()
    some = models.Index(Lower("email"), "id", name="passing_by_some", condition=models.Q(email="x"))
    letters._meta.indexes = [some]
    assert ("W001", "identified_by") in complaints()
    letters._meta.indexes = [models.Index(Lower("email"), "id", name="passing_by_email")]
    assert ("W001", "identified_by") not in complaints()


def test_every_table_on_the_way_to_a_row_needs_its_index(declare: Declare) -> None:
    declare(Invoices, identified_by=(by("offer", "subscription__offer"),))
    assert complaints() == [("W001", "identified_by")]
