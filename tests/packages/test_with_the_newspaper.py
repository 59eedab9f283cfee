"""The newspaper's own sources, packed: every row of Alice's, in both languages, and nothing of Bob's."""

import json

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from dsr.readers.models import Account, Comment, SupportMessage
from dsr.sources import registry
from dsr.sources.base import Column, SourceError
from tests.packages.library import Shelf, manifest_of, packed
from tests.sources.readers import ALICE, BOB, everywhere, known_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db):
    """Alice and Bob have something in every table; Alice asks."""
    everywhere(ALICE, "Alice")
    everywhere(BOB, "Bob")
    return registry.expand(known_by(email=ALICE))


def package_of(subject, **more):
    return packed(*registry.sources(), subject=subject, **more)


def everything(package):
    return "".join(package.read(name).decode(errors="replace") for name in package.namelist())


def test_every_source_is_there_and_counts_its_rows(alice):
    manifest = manifest_of(package_of(alice))
    expected = {source.name: source.find(alice).rows for source in registry.sources()}
    assert {source["name"]: source["rows"] for source in manifest["sources"]} == expected
    assert all(expected.values())


def test_nothing_of_bobs_is_there(alice):
    told = everything(package_of(alice)).lower()
    assert "bob" not in told
    assert ALICE in told


def test_a_record_names_its_file_as_the_archive_does(alice):
    message = SupportMessage.objects.get(email=ALICE)
    message.attachment.save("Ma lettre.pdf", ContentFile(b"%PDF"))
    package = package_of(alice)
    (record,) = json.loads(package.read("data/support_messages.json"))
    assert package.read(record["attachment"]) == b"%PDF"
    message.attachment.delete(save=False)


def test_a_lost_file_is_told(alice):
    message = SupportMessage.objects.get(email=ALICE)
    message.attachment.save("Ma lettre.pdf", ContentFile(b"%PDF"))
    message.attachment.storage.delete(message.attachment.name)
    omissions = manifest_of(package_of(alice))["omissions"]
    assert [each["source"] for each in omissions if each["what"].endswith(".pdf")] == ["support_messages"]


def test_what_a_declaration_withholds_is_an_omission_with_its_reason(alice):
    omissions = {(each["source"], each["what"]): each["reason"] for each in manifest_of(package_of(alice))["omissions"]}
    assert "empreinte" in omissions["accounts", "Mot de passe"]
    assert "autre personne" in omissions["support_messages", "Répondu par"]


def test_what_a_mention_hides_and_who_handled_a_request_are_omissions(alice):
    omissions = {(each["source"], each["what"]): each["reason"] for each in manifest_of(package_of(alice))["omissions"]}
    assert "une autre personne" in omissions["reports", "Adresse électronique de qui signale"]
    assert "leur fonction" in omissions["past_requests", "Qui a suivi vos demandes"]


def test_a_source_that_fails_fails_the_packing(alice):
    def breaks():
        yield json.dumps({"a": 1})
        raise SourceError

    with pytest.raises(SourceError):
        packed(Shelf("broken", rows=breaks, columns=(Column("a", "A"),)))


def test_a_column_that_was_not_declared_fails_the_packing():
    with pytest.raises(SourceError):
        packed(Shelf("shelf", rows=[{"a": 1, "secret": 2}], columns=(Column("a", "A"),)))


def test_a_source_that_holds_nothing_withholds_nothing(alice):
    nobody = registry.expand(known_by(email="nobody@example.org"))
    assert manifest_of(package_of(nobody))["omissions"] == []


def test_codes_are_explained_in_the_language_of_the_package(alice):
    Comment.objects.filter(account=Account.objects.get(email=ALICE)).update(status="held")
    with translation.override("en"):
        told = package_of(alice, language="fr").read("data/comments.json").decode()
    assert "en attente de modération" in told


def test_a_source_speaks_the_language_of_the_package_from_first_row_to_last():
    def rows():
        for _number in range(120):
            yield json.dumps({"day": translation.gettext("Monday")})

    source = Shelf("days", rows=rows, columns=(Column("day", "Jour"),))
    with translation.override("en"):
        days = json.loads(packed(source, language="fr").read("data/days.json"))
    assert {row["day"] for row in days} == {"lundi"}
