"""Statements compiled once, run with the values of the moment."""

from datetime import timedelta

import pytest
from django.db import transaction

from dsr.models import prepared
from dsr.models.identity import Identifier, Purpose, Secret
from dsr.models.prepared import given
from dsr.models.request import DataRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(asks):
    """Two requests."""
    return asks(), asks(email="bob@example.org")


def test_each_asking_has_its_own_values(two):
    of_pk = prepared.Rows(lambda: DataRequest.objects.filter(pk=given("pk")))
    assert [of_pk.get(pk=each.pk).email for each in two] == [each.email for each in two]


def test_a_row_is_what_its_model_makes_of_it(two):
    found = prepared.Rows(lambda: DataRequest.objects.filter(pk=given("pk"))).get(pk=two[0].pk)
    plain = DataRequest.objects.get(pk=two[0].pk)
    names = [field.attname for field in DataRequest._meta.concrete_fields]
    assert [getattr(found, name) for name in names] == [getattr(plain, name) for name in names]


def test_what_changed_meanwhile_is_seen(two):
    asked = prepared.Exists(lambda: DataRequest.objects.filter(pk=given("pk"), minor=True))
    assert not asked(pk=two[0].pk)
    DataRequest.objects.filter(pk=two[0].pk).update(minor=True)
    assert asked(pk=two[0].pk)


def test_the_words_are_built_once(two):
    built = []
    asked = prepared.Columns(
        lambda: built.append(1) or DataRequest.objects.filter(pk=given("pk")).values_list("email", "received_at")
    )
    assert [asked(pk=each.pk) for each in two] == [[(each.email, each.received_at)] for each in two]
    assert len(built) == 1


def test_a_missing_value_is_an_error(two):
    with pytest.raises(KeyError):
        prepared.Exists(lambda: DataRequest.objects.filter(pk=given("pk")))()


def test_what_is_not_there_is_said_so(two):
    with pytest.raises(DataRequest.DoesNotExist):
        prepared.Rows(lambda: DataRequest.objects.filter(pk=given("pk"))).get(pk=0)


def test_an_update_says_how_many_rows_it_found(two, at):
    later = at + timedelta(days=1)
    confirm = prepared.Update(
        lambda: DataRequest.objects.filter(pk=given("pk"), confirmed_at=None),
        confirmed_at=given("at"),
        scope=given("to"),
    )
    assert [confirm(pk=two[0].pk, at=later, to={"comments": "*"}) for _time in range(2)] == [1, 0]
    two[0].refresh_from_db()
    assert (two[0].confirmed_at, two[0].scope) == (later, {"comments": "*"})


def test_a_new_row_is_the_one_that_save_would_have_made(two, at):
    made = Identifier(data_request=two[0], kind="account", value="7", verified_by="filed", verified_at=at)
    kept = prepared.Insert(Identifier)(made)
    assert Identifier.objects.values().get(pk=kept.pk) == {
        "id": kept.pk,
        "data_request_id": two[0].pk,
        "kind": "account",
        "value": "7",
        "verified_by": "filed",
        "vouched_by_id": None,
        "verified_at": at,
    }
    made.value = "8"
    made.save()
    assert Identifier.objects.get(pk=kept.pk).value == "8"


@pytest.mark.django_db(transaction=True)
def test_a_row_is_held_in_a_transaction_alone(two):
    """Also once it was compiled, when Django no longer looks."""
    held = prepared.Rows(lambda: DataRequest.objects.select_for_update().filter(pk=given("pk")))
    with transaction.atomic():
        held.get(pk=two[0].pk)
    with pytest.raises(transaction.TransactionManagementError):
        held.get(pk=two[0].pk)


def test_a_secret_works_as_before(two, at):
    secret = Secret.draw(two[0], Purpose.FOLLOW, at=at, expires_at=at + timedelta(hours=1))
    assert Secret.objects.get(pk=secret.pk).matches(secret.code)
