"""The service's own tables in which people write: what somebody else asked may quote a reader who is erased.

No source claims them; what is in them stays as long as the request that it belongs to, on the ground DSR.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, TextField
from django.utils.translation import gettext_lazy as _

from dsr.models.address import AddressChange
from dsr.models.correction import Correction
from dsr.models.identity import Identifier, Question
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.models.review import Finding
from dsr.sources.activities import Text
from dsr.sources.searching import Table
from dsr.sources.selection import Key, RowKey

OF_A_REQUEST: Final = "data_request__"
ITSELF: Final = ""
BY_ITSELF: Final = None


@dataclass(frozen=True)
class OwnTable:
    """One table: ``asked`` leads from a row to its request; ``acted_upon`` are values that the service goes by."""

    name: str
    label: Text
    model: type[Model]
    asked: str | None = OF_A_REQUEST
    acted_upon: frozenset[str] = frozenset()

    @cached_property
    def table(self) -> Table:
        """The table as its texts; a bare number means something only in what people wrote."""
        codes = [each.attname for each in self.model._meta.concrete_fields if not isinstance(each, TextField)]
        return Table(self.model, DEFAULT_DB_ALIAS, RowKey(self.model), codes=codes)

    def requests(self, keys: Iterable[Key]) -> list[tuple[Key, DataRequest]]:
        """The request to which each of those rows belongs."""
        if self.asked is BY_ITSELF:
            return []
        rows = self.table.rows().filter(pk__in=[key[0] for key in keys]).values_list("pk", f"{self.asked}pk")
        belongs = dict(rows)
        requests = DataRequest.objects.in_bulk(set(belongs.values()))
        return [((key,), requests[number]) for key, number in belongs.items()]


OWN_TABLES: Final = (
    OwnTable("own_requests", _("Demandes"), DataRequest, ITSELF, frozenset({"email", "scope", "person"})),
    OwnTable("own_questions", _("Questions posées"), Question),
    OwnTable(
        "own_corrections",
        _("Corrections souhaitées"),
        Correction,
        acted_upon=frozenset({"old_value", "new_value", "granted_value", "made"}),
    ),
    OwnTable(
        "own_address_changes", _("Changements d’adresse électronique"), AddressChange, acted_upon=frozenset({"address"})
    ),
    OwnTable("own_recipients", _("Destinataires prévenus"), RecipientNotice),
    OwnTable("own_identifiers", _("Identifiants"), Identifier, acted_upon=frozenset({"value"})),
    OwnTable("letters", _("Courriers"), Notice, acted_upon=frozenset({"to"})),
    OwnTable("own_reviews", _("Notes de revue"), Finding, BY_ITSELF),
)


def labels() -> dict[str, Text]:
    """Each table in words."""
    return {each.name: each.label for each in OWN_TABLES}
