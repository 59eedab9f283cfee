"""Rows read a page at a time, each page whole, so that nothing is open while a caller writes.

A SELECT that is open holds its snapshot: on SQLite its connection cannot write any more once another one has.
"""

from collections.abc import Iterator
from typing import Final, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)

PAGE: Final = 1000


def paged(found: QuerySet[M], *, by: str = "pk", size: int = PAGE) -> Iterator[M]:
    """The rows in the order of a column in which no value stands twice; what comes in behind the cursor is not seen."""
    ordered = found.order_by(by)
    page = list(ordered[:size])
    while page:
        yield from page
        page = list(ordered.filter(**{f"{by}__gt": getattr(page[-1], by)})[:size]) if len(page) == size else []
