"""The tables themselves: erasing one reader can never take another's row along, and blank is always allowed."""

from itertools import product

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from dsr.readers.models import Account, Comment, Report, SupportMessage
from dsr.readers.models.support import attachment_path

TABLES = list(apps.get_app_config("readers").get_models())
FIELDS = [(table, field) for table in TABLES for field in table._meta.concrete_fields]
LINKS = [(table, field) for table, field in FIELDS if field.is_relation]
ADDRESSES = [(table, field) for table, field in FIELDS if isinstance(field, models.EmailField)]
PERSONAL = (models.EmailField, models.GenericIPAddressField, models.FileField)


def named(pairs):
    return [pytest.param(*pair, id=f"{pair[0].__name__}.{pair[1].name}") for pair in pairs]


@pytest.mark.parametrize(("table", "field"), named(LINKS))
def test_no_link_between_records_cascades(table, field):
    assert field.remote_field.on_delete in {models.PROTECT, models.SET_NULL}


def test_only_a_thread_forgets_its_parent():
    forgetful = [(table, field.name) for table, field in LINKS if field.remote_field.on_delete is models.SET_NULL]
    assert forgetful == [(Comment, "parent")]


@pytest.mark.parametrize(("table", "field"), named(LINKS))
def test_every_link_has_an_index(table, field):
    assert field.db_index or any(index.fields == [field.name, "id"] for index in table._meta.indexes)


@pytest.mark.parametrize(("table", "field"), named(ADDRESSES))
def test_every_address_has_an_index_on_its_lowered_form(table, field):
    wanted = Lower(field.name)
    indexed = [[getattr(part, "expression", part) for part in index.expressions] for index in table._meta.indexes]
    unique = [
        list(constraint.expressions) for constraint in table._meta.constraints if hasattr(constraint, "expressions")
    ]
    assert any(wanted in parts for parts in indexed + unique)


@pytest.mark.parametrize(("table", "field"), named((t, f) for t, f in FIELDS if isinstance(f, PERSONAL)))
def test_what_identifies_somebody_can_be_blanked(table, field):
    assert field.blank


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_the_name_of_a_row_says_nothing_of_the_person(table):
    row = table(pk=12)
    for field in table._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField):
            setattr(row, field.attname, "Alice")
    assert str(row) == f"{table.__name__} 12"


@pytest.fixture
def alice(db):
    return Account.objects.create(email="alice@example.org", created_at=timezone.now())


def test_an_address_has_one_account_whatever_its_case(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(email="Alice@Example.ORG", created_at=timezone.now())


def test_emptied_accounts_do_not_collide(alice):
    for _account in range(2):
        Account.objects.create(email=None, subscriber_number=None, created_at=timezone.now())
    assert Account.objects.filter(email=None).count() == 2


@pytest.mark.django_db
def test_a_comment_that_somebody_reported_does_not_vanish_under_the_report():
    comment = Comment.objects.create(article_url="https://journal.example.org/1", created_at=timezone.now())
    Report.objects.create(comment=comment, reporter_email="remi@example.org", reason="other", created_at=timezone.now())
    with pytest.raises(models.ProtectedError):
        comment.delete()


def test_the_stored_name_of_a_file_is_not_the_one_it_came_with():
    path = attachment_path(SupportMessage(), "Certificat de Alice Martin.PDF")
    assert "Alice" not in path
    assert path.startswith("support/")
    assert path.endswith(".pdf")


@pytest.mark.django_db
def test_a_lowered_address_is_found_through_its_index():
    comments = Comment.objects.annotate(lowered=Lower("author_email")).filter(lowered="alice@example.org")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "comment_by_email" in comments.order_by("id").explain()


def test_the_tables_are_apart_from_the_core():
    for table, name in product(TABLES, ("data_request", "user", "staff")):
        with pytest.raises(FieldDoesNotExist):
            table._meta.get_field(name)
