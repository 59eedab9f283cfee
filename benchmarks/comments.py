"""Comments to measure by, as long and as various as readers write: words of the demo, drawn as a language has them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db import connection

from dsr.readers.demo import words
from dsr.readers.models import Account, Comment

BEGINNING = datetime(2016, 1, 1, tzinfo=UTC)
TOWNS = [("69001", "Lyon"), ("44000", "Nantes"), ("59000", "Lille"), ("29200", "Brest"), ("67000", "Strasbourg")]
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Windows NT 10.0)", "Mozilla/5.0 (iPhone)", "")


def write(number: int, *, of: str) -> Account:
    """A reader of that name with so many comments, each of 8 to 90 words."""
    account = Account.objects.create(email=f"{of}@example.org", created_at=BEGINNING, email_confirmed_at=BEGINNING)
    rows = _rows(account, number)
    while batch := list(islice(rows, 2000)):
        Comment.objects.bulk_create(batch)
    return account


def repeat(comments_of: Account, times: int, *, of: str) -> Account:
    """Another reader with the same comments several times over, under their own address, copied by the database."""
    account = Account.objects.create(email=f"{of}@example.org", created_at=BEGINNING, email_confirmed_at=BEGINNING)
    names = [
        field.column for field in Comment._meta.concrete_fields if field.name not in {"id", "account", "author_email"}
    ]
    columns = ", ".join(map(connection.ops.quote_name, names))
    copied = f"INSERT INTO readers_comment (account_id, author_email, {columns}) SELECT %s, %s, {columns}"
    with connection.cursor() as cursor:
        for _time in range(times):
            cursor.execute(
                f"{copied} FROM readers_comment WHERE account_id = %s ORDER BY id",
                [account.pk, account.email, comments_of.pk],
            )
        cursor.execute("ANALYZE readers_comment")
    return account


def _rows(account: Account, number: int) -> Iterator[Comment]:
    dice = random.Random(number)
    vocabulary = sorted({word for text in _texts(list(vars(words).values())) for word in text.split()})
    dice.shuffle(vocabulary)
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]  # as Zipf found
    for place in range(number):
        url, title = words.article(dice, TOWNS)
        yield Comment(
            account=account,
            author_name="Alice Martin",
            author_email=account.email,
            author_ip=f"192.0.2.{dice.randrange(256)}",
            user_agent=dice.choice(AGENTS),
            content=" ".join(dice.choices(vocabulary, weights, k=dice.randrange(8, 90))),
            status=dice.choice(Comment.Status.values),
            article_url=url,
            article_title=title,
            created_at=BEGINNING + timedelta(minutes=place),
        )


def _texts(values: list[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list):
            yield from _texts(list(value))
