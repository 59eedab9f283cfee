"""Ordinary readers: an account, and ten rows in each of eight sources."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from dsr.readers.models import (
    Account,
    ArticleRead,
    Comment,
    Consent,
    Invoice,
    ModerationNote,
    NewsletterSubscription,
    Subscription,
    SupportMessage,
)

ROWS = 10
WORDS = "Votre enquête sur l’eau m’a beaucoup appris, et je voudrais en lire la suite. " * 3


def readers(many: int, *, name: str) -> list[str]:
    """Write so many readers into the tables; returns their addresses."""
    now = timezone.now()
    emails = [f"{name}.{number}@example.org" for number in range(many)]
    with transaction.atomic():
        accounts = Account.objects.bulk_create(_account(email, now) for email in emails)
        for account in accounts:
            _rows(account, now)
    return emails


def _account(email: str, now: datetime) -> Account:
    return Account(
        email=email,
        email_confirmed_at=now,
        created_at=now - timedelta(days=900),
        given_name="Camille",
        family_name="Exemple",
        subscriber_number=f"A-{email.partition('@')[0]}",
    )


def _rows(account: Account, now: datetime) -> None:
    days = [now - timedelta(days=10 * number + 1) for number in range(ROWS)]
    comments = Comment.objects.bulk_create(
        Comment(
            account=account,
            author_name="Camille",
            author_email=account.email or "",
            content=WORDS,
            article_url="https://journal.example.org/eau",
            article_title="L’eau",
            status="published",
            created_at=day,
        )
        for day in days
    )
    ModerationNote.objects.bulk_create(
        ModerationNote(comment=comment, moderator="M-07", text="Rien à dire.", created_at=comment.created_at)
        for comment in comments
    )
    ArticleRead.objects.bulk_create(
        ArticleRead(account=account, article_url="https://journal.example.org/eau", article_title="L’eau", read_at=day)
        for day in days
    )
    NewsletterSubscription.objects.bulk_create(
        NewsletterSubscription(account=account, list_name=f"Lettre {number}", status="active", subscribed_at=day)
        for number, day in enumerate(days)
    )
    Consent.objects.bulk_create(
        Consent(account=account, purpose="partners", given=True, changed_at=day) for day in days
    )
    SupportMessage.objects.bulk_create(
        SupportMessage(account=account, subject="Une question", body=WORDS, created_at=day) for day in days
    )
    contracts = Subscription.objects.bulk_create(
        Subscription(account=account, offer="Numérique", amount=Decimal(59), started_on=date(2010 + number, 1, 1))
        for number in range(ROWS)
    )
    Invoice.objects.bulk_create(
        Invoice(
            number=f"F-{account.pk}-{number}",
            account=account,
            subscription=contract,
            issued_on=contract.started_on,
            paid_on=contract.started_on,
            amount=contract.amount,
            vat=Decimal("1.21"),
        )
        for number, contract in enumerate(contracts)
    )
