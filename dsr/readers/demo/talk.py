"""What the invented readers write under articles, and what moderators make of it, in the order of time."""

import random
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Model

from dsr.readers.demo import words
from dsr.readers.demo.people import Population, ip
from dsr.readers.models import Ban, Comment, ModerationNote, Report

NOTE_EVERY = 50  # comments
REPORT_EVERY = 40
BAN_EVERY = 200
OPEN_THREADS = 100
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Windows NT 10.0)", "Mozilla/5.0 (iPhone)", "")
STATUSES = (Comment.Status.PUBLISHED, Comment.Status.HELD, Comment.Status.SPAM, Comment.Status.TRASHED)


def rows(population: Population, comments: int) -> Iterator[Model]:
    """Comments from the oldest to the newest; a row has its number once it has been yielded."""
    dice = population.dice("talk")
    threads: deque[Comment] = deque(maxlen=OPEN_THREADS)
    for index in range(comments):
        age = (population.now - population.opened) * (index / comments)
        comment = _comment(population, dice, (population.opened + age).replace(microsecond=0), threads)
        yield comment
        threads.append(comment)
        yield from _moderation(population, dice, comment)


def _comment(population: Population, dice: random.Random, at: datetime, threads: deque[Comment]) -> Comment:
    parent = dice.choice(threads) if threads and dice.randrange(3) == 0 else None
    url, title = (parent.article_url, parent.article_title) if parent else words.article(dice, population.towns)
    status = dice.choices(STATUSES, weights=(88, 4, 5, 3))[0]
    comment = Comment(
        user_agent=dice.choice(AGENTS),
        content=dice.choice(words.SPAM) if status == Comment.Status.SPAM else words.comment(dice),
        status=status,
        parent=parent,
        article_url=url,
        article_title=title,
        created_at=at,
    )
    _sign(population, dice, comment, number=_somebody(population, dice, at))
    return comment


def _somebody(population: Population, dice: random.Random, at: datetime) -> int:
    """One of those who had an account by then; the first ones write most, as under every article."""
    joined = (at - population.opened) / (population.now - population.opened) * population.readers
    return 1 + int(joined * dice.random() ** 2)


def _sign(population: Population, dice: random.Random, comment: Comment, *, number: int) -> None:
    """Seven in ten with their account, two by a bare address nobody has an account for, one by that of an account."""
    draw = dice.randrange(10)
    with_account = draw < 7  # noqa: PLR2004 - seven in ten
    person = population.person(number + (population.readers if draw in {7, 8} else 0))
    comment.account_id = number if with_account else None
    comment.author_name = person.pen_name or f"{person.given_name} {person.family_name}"
    comment.author_email = person.email if dice.randrange(5) else person.email.title()
    comment.author_url = "" if dice.randrange(20) else f"https://example.org/{person.given_name.lower()}"
    comment.author_ip = person.ip if dice.randrange(3) else ip(dice)


def _moderation(population: Population, dice: random.Random, comment: Comment) -> Iterator[Model]:
    moderator = f"M-{dice.randrange(1, 13):02d}"
    if comment.pk % NOTE_EVERY == 1:
        about_account = comment.account_id if dice.randrange(2) else None
        yield ModerationNote(
            account_id=about_account,
            comment=None if about_account else comment,
            moderator=moderator,
            text=dice.choice(words.NOTES),
            created_at=comment.created_at + timedelta(hours=2),
        )
    if comment.pk % REPORT_EVERY == 1:
        yield _report(population, dice, comment, moderator)
    if comment.pk % BAN_EVERY == 1:
        yield _ban(dice, comment, moderator)


def _report(population: Population, dice: random.Random, comment: Comment, moderator: str) -> Report:
    number = _somebody(population, dice, comment.created_at)
    with_account = dice.randrange(2) == 0
    person = population.person(number)
    handled = dice.randrange(4) > 0
    return Report(
        reporter_account_id=number if with_account else None,
        reporter_email="" if with_account else person.email,
        reporter_ip=person.ip,
        comment=comment,
        reason=dice.choice(Report.Reason.values),
        details=dice.choice(words.REPORTS),
        created_at=comment.created_at + timedelta(hours=1),
        handled_at=comment.created_at + timedelta(hours=20) if handled else None,
        handled_by=moderator if handled else "",
    )


def _ban(dice: random.Random, comment: Comment, moderator: str) -> Ban:
    starts_at = comment.created_at + timedelta(days=1)
    return Ban(
        account_id=comment.account_id,
        email="" if comment.account_id else comment.author_email,
        ip=comment.author_ip if dice.randrange(2) else None,
        reason="Publicité répétée après avertissement." if comment.status == Comment.Status.SPAM else "Injures.",
        moderator=moderator,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=30) if dice.randrange(3) else None,
    )
