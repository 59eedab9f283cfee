"""The search that proves an erasure, over many comments: one statement a page, for every column and value."""

from datetime import datetime
from time import perf_counter
from typing import Final

from django.utils import timezone

from benchmarks.one_database import Figures
from dsr.readers.models import Comment
from dsr.sources import registry
from dsr.sources.needles import Needles, OldValue
from dsr.sources.searching import Table

ROWS: Final = 200_000  # a scan costs the same for each row, however many there are
A_MILLION: Final = 1_000_000
WORDS: Final = (
    "Je ne suis pas d’accord avec cet article, qui oublie l’essentiel : la place de la presse dans le débat. " * 3
)
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
OLD: Final = (
    OldValue("email", "alice.durand@exemple.fr"),
    OldValue("email", "alice@journal.example.org"),
    OldValue("number", "4217"),
    OldValue("number", "A-0012345"),
    OldValue("phone", "06 12 34 56 78"),
)


def measure() -> Figures:
    """The seconds for a million rows, with and without a telephone number, and the longest statement."""
    _write()
    table = registry.source("comments").table  # type: ignore[attr-defined]
    whole, longest = _searched(table, Needles.of(OLD))
    without, _longest = _searched(table, Needles.of(each for each in OLD if each.kind != "phone"))
    return {
        "search.seconds_per_million": whole * A_MILLION / ROWS,
        "search.seconds_per_million_without_telephone": without * A_MILLION / ROWS,
        "search.longest_statement_s": longest,
    }


def _searched(table: Table, needles: Needles) -> tuple[float, float]:
    began, longest, after, more = perf_counter(), 0.0, None, True
    while more:
        before = perf_counter()
        page = table.search(needles, after=after)
        longest = max(longest, perf_counter() - before)
        after, more = page.after, page.after is not None
    return perf_counter() - began, longest


def _write() -> None:
    at = timezone.now()
    for start in range(0, ROWS, 10_000):
        Comment.objects.bulk_create(_comment(number, at) for number in range(start, start + 10_000))


def _comment(number: int, at: datetime) -> Comment:
    return Comment(
        author_name=f"Lectrice {number % 5_000}",
        author_email=f"lectrice.{number}@exemple.fr",
        author_ip=f"198.51.{number % 250}.{number % 240}",
        user_agent=BROWSER,
        content=f"{number} {WORDS}",
        status=Comment.Status.PUBLISHED,
        article_url=f"https://journal.example.org/2026/03/12/article-{number % 900}.html",
        article_title=f"Un article parmi d’autres, le numéro {number % 900}",
        created_at=at,
    )
