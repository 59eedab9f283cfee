"""The invented newspaper: the same for the same numbers, every table filled, nobody reachable."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from dsr.keys import suppression_token
from dsr.models.erasure import Suppression
from dsr.readers.demo import NotEmpty, believable_newspaper
from dsr.readers.demo.people import PHONE_RANGES
from dsr.readers.models import (
    Account,
    Comment,
    Consent,
    Invoice,
    ModerationNote,
    NewsletterSubscription,
    Report,
    Subscription,
    SupportMessage,
)

pytestmark = pytest.mark.django_db
TABLES = list(apps.get_app_config("readers").get_models())


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def newspaper():
    return believable_newspaper(readers=60, comments=300, seed=1)


def everything() -> dict[str, list[dict[str, object]]]:
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in TABLES}


def emptied() -> None:
    Comment.objects.update(parent=None)
    for table in reversed(TABLES):
        table.objects.all()._raw_delete(using="default")


def test_the_same_numbers_give_the_same_rows(newspaper):
    before = everything()
    emptied()
    believable_newspaper(readers=60, comments=300, seed=1)
    assert everything() == before


def test_another_seed_gives_other_people(newspaper):
    before = set(Account.objects.values_list("email", flat=True))
    emptied()
    believable_newspaper(readers=60, comments=300, seed=2)
    assert before.isdisjoint(Account.objects.values_list("email", flat=True))


def test_the_counts_asked_for_are_the_counts_made(newspaper):
    assert newspaper["Account"] == Account.objects.count() == 60
    assert newspaper["Comment"] == Comment.objects.count() == 300
    assert newspaper == {table.__name__: table.objects.count() for table in TABLES}


def test_one_reader_and_one_comment_fill_every_table():
    counts = believable_newspaper(readers=1, comments=1, seed=3)
    assert set(counts) == {table.__name__ for table in TABLES}


def test_nobody_can_be_reached(newspaper):
    addresses = {
        *Account.objects.values_list("email", flat=True),
        *Comment.objects.values_list("author_email", flat=True),
        *NewsletterSubscription.objects.values_list("email", flat=True),
        *Invoice.objects.values_list("billing_email", flat=True),
    }
    assert all(re.fullmatch(r"[a-z0-9.]+@example\.(org|com|net)", address.lower()) for address in addresses)
    assert all(phone.startswith(PHONE_RANGES) for phone in Account.objects.values_list("phone", flat=True))


def test_comments_are_of_every_kind(newspaper):
    assert set(Comment.objects.values_list("status", flat=True)) == set(Comment.Status.values)
    assert Comment.objects.filter(account=None).exclude(author_email="").exists()
    assert Comment.objects.filter(parent__isnull=False).exists()


def test_a_reply_follows_its_parent_under_the_same_article(newspaper):
    replies = Comment.objects.filter(parent__isnull=False)
    assert not replies.filter(created_at__lt=F("parent__created_at")).exists()
    assert not replies.exclude(article_url=F("parent__article_url")).exists()


def test_nobody_comments_before_opening_an_account(newspaper):
    assert not Comment.objects.filter(created_at__lt=F("account__created_at")).exists()


def test_contracts_run_or_ended_below_and_above_the_threshold(newspaper):
    assert Subscription.objects.filter(ended_on=None).exists()
    assert Subscription.objects.filter(ended_on__lt=date(2026, 11, 1)).exists()
    assert Subscription.objects.filter(amount__lt=Decimal(120)).exists()
    assert Subscription.objects.filter(amount__gte=Decimal(120)).exists()


def test_an_invoice_is_of_the_account_of_its_contract(newspaper):
    assert not Invoice.objects.exclude(account=F("subscription__account")).exists()


def test_consents_have_a_history(newspaper):
    changes = Consent.objects.values_list("account", "purpose")
    assert len(changes) > len(set(changes))


def test_a_message_has_a_real_attachment(newspaper):
    message = SupportMessage.objects.exclude(attachment="").earliest("pk")
    assert message.attachment.size > 10


def test_only_some_files_are_stored(newspaper, monkeypatch):
    emptied()
    monkeypatch.setattr("dsr.readers.demo.newspaper.STORED_FILES", 2)
    believable_newspaper(readers=60, comments=1, seed=1)
    assert SupportMessage.objects.exclude(attachment="").count() == 2


def test_notes_and_reports_concern_somebody(newspaper):
    assert not ModerationNote.objects.filter(account=None, comment=None).exists()
    assert not Report.objects.filter(reporter_account=None, reporter_email="").exists()


def test_a_new_row_gets_the_next_number(newspaper):
    account = Account.objects.latest("pk")
    account.pk, account.email, account.subscriber_number = None, "alice@example.org", None
    account.save()
    assert account.pk == 61


def test_inventing_over_true_readers_is_refused(newspaper):
    with pytest.raises(NotEmpty, match="tables vides"):
        believable_newspaper(readers=1, comments=1, seed=1)
    with pytest.raises(CommandError, match="tables vides"):
        call_command("seed_readers", verbosity=0)


def test_the_command_says_what_it_made(capsys):
    call_command("seed_readers", "--readers", "3", "--comments", "4", "--seed", "5", "--today", "2026-06-30")
    assert "Comment: 4" in capsys.readouterr().out
    assert Comment.objects.latest("created_at").created_at.date() <= date(2026, 6, 30)


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (["--readers", "beaucoup"], "n’est pas un nombre entier positif"),
        (["--readers", "-1"], "n’est pas un nombre entier positif"),
        (["--readers", "0"], "au moins un lecteur"),
        (["--today", "2026-02-30"], "n’est pas une date"),
    ],
)
def test_a_wrong_number_is_refused(option, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("seed_readers", *option)


def test_nobody_in_the_suppression_list_is_subscribed(newspaper):
    refusing = NewsletterSubscription.objects.order_by("pk").values_list("email", flat=True)[0]
    letters = NewsletterSubscription.objects.count()
    theirs = NewsletterSubscription.objects.filter(email=refusing).count()
    emptied()
    token = suppression_token(refusing.upper())
    Suppression.objects.create(token=token, recorded_at=timezone.now(), until=date(2100, 1, 1))
    counts = believable_newspaper(readers=60, comments=300, seed=1)
    assert counts["NewsletterSubscription refused"] == theirs
    assert counts["NewsletterSubscription"] == NewsletterSubscription.objects.count() == letters - theirs
