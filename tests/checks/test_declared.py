"""A source by itself: what it forgot, what it contradicts, what it could not write."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import models
from django.utils.translation import gettext_lazy as _
from pytest_django import Settings

from dsr.readers.models import SupportMessage
from dsr.readers.sources import Accounts, Comments, Invoices, NewsletterSubscriptions, SupportMessages
from dsr.sources import registry
from dsr.sources.fields import NOW, TODAY, Sought, by, kept, not_personal, personal, undecided
from dsr.sources.model_source import ModelSource
from tests.checks import shelf
from tests.checks.conftest import Declare, MakeTable
from tests.checks.shelf import complaints


def fields_of(source: type[ModelSource], **changes: Any) -> dict[str, Any]:
    """The classified fields of a declaration, some of them otherwise."""
    return {**source.fields, **changes}


@pytest.mark.parametrize(
    "path",
    [
        "dsr.readers.sources.Nothing",
        "nowhere.at.all",
        "undotted",
        "dsr.readers.models.Account",
        "dsr.sources.base.Source",
    ],
)
def test_a_path_must_lead_to_a_source(settings: Settings, path: str) -> None:
    settings.DSR_SOURCES = [path, *settings.DSR_SOURCES]
    assert complaints() == [("E001", path)]


def test_there_must_be_sources(settings: Settings) -> None:
    settings.DSR_SOURCES = []
    assert complaints() == [("E001", "DSR_SOURCES")]


def test_a_source_says_what_it_is(settings: Settings) -> None:
    settings.DSR_SOURCES = ["tests.checks.shelf.Nameless", *settings.DSR_SOURCES]
    (said,) = [each for each in run_checks() if each.id == "dsr.E001"]
    assert said.msg.endswith("name, label, description, activity, model, identified_by, fields.")


@pytest.mark.parametrize(
    "name", ["", "Comptes", "les comptes", "comptés", "1_compte", "a" * 65, "comptes\n", "nul", "com1"]
)
def test_a_name_is_a_slug(declare: Declare, name: str) -> None:
    declare(Accounts, name=name)
    assert complaints() == [("E002", "name")]


def test_two_sources_have_two_names(declare: Declare) -> None:
    declare(Invoices, name="comments")
    assert complaints() == [("E003", "name")]


@pytest.mark.parametrize("attribute", ["label", "description"])
@pytest.mark.parametrize("text", ["", "  ", _("")])
def test_a_source_speaks_to_the_reader(declare: Declare, attribute: str, text: str) -> None:
    declare(Comments, **{attribute: text})
    assert complaints() == [("E005", attribute)]


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("purpose", ""),
        ("legal_basis", ""),
        ("categories", ""),
        ("retention", ""),
        ("origin", ""),
    ],
)
def test_an_activity_says_everything(declare: Declare, attribute: str, text: Any) -> None:
    declare(SupportMessages, activity=replace(SupportMessages.activity, **{attribute: text}))
    assert complaints() == [("E005", f"activity.{attribute}")]


def test_an_activity_is_one(declare: Declare) -> None:
    declare(SupportMessages, activity="assistance")
    assert complaints() == [("E005", "activity")]


@pytest.mark.parametrize("fate", [None, undecided(), undecided("Objet")], ids=["forgotten", "silent", "undecided"])
def test_every_field_is_classified(declare: Declare, fate: Any) -> None:
    fields = fields_of(SupportMessages, subject=fate)
    declare(SupportMessages, fields=fields if fate else {name: each for name, each in fields.items() if each})
    assert complaints() == [("E006", "subject")]


def test_every_classified_field_is_there(declare: Declare) -> None:
    declare(SupportMessages, fields=fields_of(SupportMessages, colour=personal("Couleur")))
    assert complaints() == [("E007", "colour")]


@pytest.mark.parametrize(
    ("name", "classified"),
    [
        ("subject", personal("")),
        ("subject", not_personal(because="")),
        ("subject", personal("Objet", kept=kept("INVENTÉ", since="created_at"))),
        ("subject", personal("Objet", kept=kept("LITIGE-5", since="closed_at"))),
        ("created_at", personal("Reçu le", erased_to=None)),
    ],
    ids=["no label", "no reason", "no such ground", "no such start", "null where nothing may be null"],
)
def test_a_field_contradicts_nothing(declare: Declare, name: str, classified: Any) -> None:
    told = {
        each: replace(fate, erased_to=_blank(each)) for each, fate in SupportMessages.fields.items() if each != "id"
    }
    declare(SupportMessages, fields={**fields_of(SupportMessages, **told), name: classified})
    assert set(complaints()) == {("E008", name)}


def _blank(name: str) -> Any:
    """What each field of a support message can be emptied to."""
    if name == "created_at":
        return NOW
    return None if SupportMessage._meta.get_field(name).null else ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("postcode", "code postal supprimé"),
        ("birth_date", "jamais"),
        ("birth_date", TODAY),
        ("email", NOW),
        ("last_ip", "nulle part"),
        ("country", _("pays inconnu")),
    ],
)
def test_what_an_erasure_writes_fits_into_its_field(declare: Declare, name: str, value: Any) -> None:
    declare(Accounts, fields=fields_of(Accounts, **{name: replace(Accounts.fields[name], erased_to=value)}))
    assert ("E009", name) in complaints()


def test_what_an_objection_writes_fits_into_its_field(declare: Declare) -> None:
    declare(NewsletterSubscriptions, on_objection={"status": "gone", "unsubscribed_at": NOW})
    assert complaints() == [("E009", "status")]


def test_what_a_correction_writes_beside_fits_into_its_field(declare: Declare) -> None:
    email = replace(Accounts.fields["email"], when_corrected={"created_at": None})
    declare(Accounts, fields=fields_of(Accounts, email=email))
    assert complaints() == [("E009", "email")] or complaints() == [("E009", "created_at")]


def test_a_table_that_inherits_from_another_cannot_be_declared_whole(declare: Declare, table: MakeTable) -> None:
    child = table(SupportMessage, extra=models.CharField(max_length=9))
    link = child._meta.pk.name
    extra = {"extra": personal("Plus"), link: not_personal(because="Un numéro.")}
    declare(SupportMessages, model=child, fields=fields_of(SupportMessages, **extra))
    assert ("E010", "Broken") in complaints()


def test_rows_of_another_database_are_remote(declare: Declare) -> None:
    declare(SupportMessages, using="nowhere")
    assert ("E011", "using") in complaints()


@pytest.mark.parametrize("attribute", ["tool", "to_collect", "to_erase", "to_rectify"])
def test_a_source_kept_by_hand_tells_staff_what_to_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, attribute: str
) -> None:
    monkeypatch.setattr(shelf, "Broken", type("Broken", (shelf.ByMail,), {attribute: ""}), raising=False)
    settings.DSR_SOURCES = ["tests.checks.shelf.Broken", *settings.DSR_SOURCES]
    assert complaints() == [("E005", attribute)]


@pytest.mark.parametrize("name", ["phone", "mobile_phone", "client_number", "mandate_reference", "backupEmail"])
def test_a_field_that_names_one_person_says_what_is_sought(declare: Declare, table: MakeTable, name: str) -> None:
    model = table(**{name: models.CharField(max_length=80), "email": models.EmailField()})
    given = {"id": not_personal(because="Un numéro."), "email": personal("Adresse"), name: personal("Quoi")}
    declared = {"model": model, "identified_by": (by("email", "email"),), "summary": "", "newest_by": ""}
    declare(SupportMessages, fields=given, **declared)
    assert ("E027", name) in complaints()
    shelf.Broken.fields = {**given, name: personal("Quoi", searched=Sought.NOTHING)}
    registry.sources.cache_clear()
    assert ("E027", name) not in complaints()
