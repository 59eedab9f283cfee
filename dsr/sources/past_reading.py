"""Past requests as the database has them: some at a time, each with what belongs to it.

What is given on was read whole, so that nothing is held open while a caller writes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper

from dsr.models import prepared
from dsr.models.address import AddressChange
from dsr.models.correction import Correction
from dsr.models.erasure import Kept
from dsr.models.identity import Identifier, Question
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.prepared import given
from dsr.models.proof import Proof
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.sources import snapshot
from dsr.sources.past_words import Beside

AT_ONCE: Final = (1, 10, 100)  # requests that one statement asks for; most readers have one


class _Some:
    """The rows of a model that a column ties to some requests, the oldest first; compiled once for each ``AT_ONCE``."""

    def __init__(self, model: Any, column: str = "data_request__pk") -> None:
        self._compiled = {many: _compiled(model, column, many) for many in AT_ONCE}

    def of(self, keys: Sequence[int], along: BaseDatabaseWrapper) -> list[Any]:
        """Those of at most a hundred requests."""
        many = next(many for many in AT_ONCE if many >= len(keys))
        places = {str(place): keys[min(place, len(keys) - 1)] for place in range(many)}
        return self._compiled[many].along(along, **places)


def _compiled(model: Any, column: str, many: int) -> prepared.Rows[Any]:
    places = [given(str(place)) for place in range(many)]
    return prepared.Rows(lambda: model.objects.filter(**{f"{column}__in": places}).order_by("pk"))


REQUESTS: Final = _Some(DataRequest, "pk")
BESIDE: Final = {
    "identifiers": _Some(Identifier),
    "questions": _Some(Question),
    "corrections": _Some(Correction),
    "proofs": _Some(Proof),
    "address_change": _Some(AddressChange),
    "recipients": _Some(RecipientNotice),
    "kept": _Some(Kept),
    "packages": _Some(Package),
    "notices": _Some(Notice),
}
WORDS: Final = ("questions", "corrections", "address_change", "recipients", "notices")  # where somebody wrote


def each(keys: Sequence[int], *, beside: Collection[str] = tuple(BESIDE)) -> Iterator[tuple[DataRequest, Beside]]:
    """Each of these requests that is there, with what ``beside`` names; read in the snapshot where one is held."""
    along = snapshot.connection_to(DEFAULT_DB_ALIAS)
    for first in range(0, len(keys), AT_ONCE[-1]):
        some = keys[first : first + AT_ONCE[-1]]
        found = {request.pk: request for request in REQUESTS.of(some, along)}
        parts = {name: _by_request(found, BESIDE[name].of(some, along)) for name in beside}
        for key, data_request in found.items():
            yield data_request, {name: rows.get(key, []) for name, rows in parts.items()}


def _by_request(found: Mapping[int, DataRequest], rows: Iterable[Any]) -> dict[int, list[Any]]:
    """The rows of each request, which need not ask whose they are."""
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        if row.data_request_id in found:
            row.data_request = found[row.data_request_id]
            grouped.setdefault(row.data_request_id, []).append(row)
    return grouped
