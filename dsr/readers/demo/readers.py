"""The rows of one invented reader with an account: purchases, letters, articles read, choices, messages.

A row has its number once it has been yielded: the newspaper gives it before it asks for the next one.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Model

from dsr.readers.demo import words
from dsr.readers.demo.people import Person, Population
from dsr.readers.models import (
    Account,
    ArticleRead,
    Consent,
    Invoice,
    NewsletterSubscription,
    Subscription,
    SupportMessage,
)

OFFERS = (
    ("Découverte trois mois", Decimal("29.00"), 92),
    ("Numérique", Decimal("59.00"), 365),
    ("Numérique et papier le samedi", Decimal("119.90"), 365),
    ("Soutien", Decimal("120.00"), 365),
    ("Intégrale", Decimal("150.00"), 365),
    ("Intégrale deux ans", Decimal("279.00"), 730),
)
SUBSCRIBER_EVERY = 3  # reader 1, 4, 7 …
SUPPORT_EVERY = 12
GUEST_LETTER_EVERY = 7
CLOSED_EVERY = 53
VAT = Decimal("0.021")  # press in metropolitan France


def rows(population: Population, number: int) -> Iterator[Model]:
    """Everything about reader ``number`` except what they wrote under articles."""
    dice = population.dice(f"reader {number}")
    person = population.person(number)
    account = _account(population, dice, person, number)
    yield account
    if number % SUBSCRIBER_EVERY == 1:
        yield from _purchases(population, dice, person, account)
    yield from _letters(population, dice, person, account)
    yield from _reads(population, dice, account)
    yield from _choices(population, dice, person, account)
    if number % SUPPORT_EVERY == 1:
        yield _message(population, dice, person, account)


def _account(population: Population, dice: random.Random, person: Person, number: int) -> Account:
    joined_at = population.joined_at(number).replace(microsecond=0)
    seen_at = population.moment(dice, joined_at)
    return Account(
        email=person.email,
        email_confirmed_at=joined_at + timedelta(minutes=5),
        password="!",  # noqa: S106 - Django's mark of a password nobody can type
        pen_name=person.pen_name,
        given_name=person.given_name,
        family_name=person.family_name,
        phone=person.phone,
        birth_date=person.birth_date,
        street=person.street,
        postcode=person.postcode,
        city=person.city,
        country="FR",
        subscriber_number=f"A{number:08d}" if number % SUBSCRIBER_EVERY == 1 else None,
        created_at=joined_at,
        last_seen_at=seen_at,
        last_ip=person.ip,
        closed_at=seen_at if number % CLOSED_EVERY == 0 else None,
    )


def _purchases(
    population: Population, dice: random.Random, person: Person, account: Account
) -> Iterator[Subscription | Invoice]:
    """Up to five terms one after the other, the last of which may still run, each with its invoice."""
    today = population.now.date()
    started_on = account.created_at.date() + timedelta(days=dice.randrange(60))
    card = f"**** **** **** {dice.randrange(10_000):04d}"
    for _term in range(dice.randrange(1, 6)):
        if started_on > today:
            break
        offer, amount, days = dice.choice(OFFERS)
        end = started_on + timedelta(days=days)
        subscription = Subscription(
            account=account,
            offer=offer,
            amount=amount,
            started_on=started_on,
            ended_on=end if end < today or dice.randrange(4) == 0 else None,
            concluded_online=dice.randrange(5) > 0,
            delivery_name=f"{person.given_name} {person.family_name}",
            delivery_street=person.street,
            delivery_postcode=person.postcode,
            delivery_city=person.city,
            delivery_country="FR",
            mandate_reference=f"JRN-{dice.getrandbits(48):012X}",
            truncated_card=card,
        )
        yield subscription
        yield _invoice(dice, person, subscription, account=account, amount=amount, issued_on=started_on)
        started_on = end + timedelta(days=1)


def _invoice(
    dice: random.Random,
    person: Person,
    subscription: Subscription,
    *,
    account: Account,
    amount: Decimal,
    issued_on: date,
) -> Invoice:
    paid_on = issued_on + timedelta(days=3) if dice.randrange(20) else None
    return Invoice(
        number=f"F{issued_on.year}-{subscription.pk:08d}",
        account=account,
        subscription=subscription,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=30),
        amount=amount,
        vat=(amount * VAT / (1 + VAT)).quantize(Decimal("0.01")),
        billing_name=f"{person.given_name} {person.family_name}",
        billing_email=person.email,
        billing_street=person.street,
        billing_postcode=person.postcode,
        billing_city=person.city,
        billing_country="FR",
        truncated_card=subscription.truncated_card,
        debited_on=paid_on,
        paid_on=paid_on,
    )


def _letters(
    population: Population, dice: random.Random, person: Person, account: Account
) -> Iterator[NewsletterSubscription]:
    """The reader's letters, and now and then those of somebody known by a bare address alone."""
    for list_name in dice.sample(words.LISTS, dice.choice((0, 1, 1, 2))):
        yield _letter(population, dice, person, list_name, since=account.created_at, account=account)
    if account.pk % GUEST_LETTER_EVERY == 1:
        guest = population.person(population.readers + account.pk)
        yield _letter(population, dice, guest, words.LISTS[0], since=account.created_at, account=None)


def _letter(
    population: Population,
    dice: random.Random,
    person: Person,
    list_name: str,
    *,
    since: datetime,
    account: Account | None,
) -> NewsletterSubscription:
    subscribed_at = population.moment(dice, since)
    left_at = population.moment(dice, subscribed_at) if dice.randrange(4) == 0 else None
    return NewsletterSubscription(
        account=account,
        email=person.email,
        list_name=list_name,
        status=NewsletterSubscription.Status.UNSUBSCRIBED if left_at else NewsletterSubscription.Status.ACTIVE,
        subscribed_at=subscribed_at,
        subscribed_ip=person.ip,
        unsubscribed_at=left_at,
        last_opened_at=population.moment(dice, subscribed_at) if dice.randrange(3) else None,
    )


def _reads(population: Population, dice: random.Random, account: Account) -> Iterator[ArticleRead]:
    for _visit in range(dice.randrange(1, 6)):
        url, title = words.article(dice, population.towns)
        read_at = population.moment(dice, account.created_at)
        yield ArticleRead(
            account=account, article_url=url, article_title=title, read_at=read_at, seconds=dice.randrange(5, 600)
        )


def _choices(population: Population, dice: random.Random, person: Person, account: Account) -> Iterator[Consent]:
    """Each purpose was answered when the account was opened; some readers changed their minds, a few of them twice."""
    for purpose in dice.sample(list(words.WORDINGS), 2):
        changed_at, given = account.created_at, dice.randrange(3) > 0
        for change in range(dice.choice((1, 1, 1, 2, 3))):
            yield Consent(
                account=account,
                email=person.email,
                purpose=purpose,
                given=given,
                wording=words.WORDINGS[purpose],
                channel="bandeau" if change == 0 else "page Mes choix",
                ip=person.ip,
                changed_at=changed_at,
            )
            changed_at, given = population.moment(dice, changed_at), not given


def _message(population: Population, dice: random.Random, person: Person, account: Account) -> SupportMessage:
    """Every message names a file; the newspaper really stores those of the first ones only."""
    subject, body = dice.choice(words.SUPPORT)
    created_at = population.moment(dice, account.created_at)
    answer = dice.choice(words.ANSWERS)
    suffix = dice.choice((".txt", ".pdf"))
    return SupportMessage(
        account=account if dice.randrange(3) else None,
        name=f"{person.given_name} {person.family_name}",
        email=person.email,
        phone=person.phone,
        ip=person.ip,
        subject=subject,
        body=body,
        attachment=f"support/{UUID(int=dice.getrandbits(128)).hex}{suffix}",
        attachment_name=f"justificatif-{person.family_name}{suffix}",
        answer=answer,
        answered_by=f"S-{dice.randrange(1, 9):02d}" if answer else "",
        created_at=created_at,
        answered_at=population.moment(dice, created_at) if answer else None,
    )
