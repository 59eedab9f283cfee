"""A log that tests write by hand, and the rules drawing from it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from dsr.audit import log, sequencer, tree
from dsr.models.audit import AuditEntry
from dsr.models.staff import Staff
from dsr.models.tree import Leaf
from dsr.oversight.rules import RULES
from dsr.oversight.span import Span

Writes = Callable[..., AuditEntry]


@pytest.fixture
def writes(db: None, at: datetime) -> Writes:
    """``writes("request.refused", data_request, by=olive, ground="identity")`` appends an entry at ``at``."""

    def write(event: str, about: Any = None, *, by: log.Actor, at: datetime = at, **facts: log.Fact) -> AuditEntry:
        with transaction.atomic():
            return log.record(event, about=about, by=by, at=at, facts=facts)

    return write


@pytest.fixture
def drawn(db: None) -> Callable[[str], list[AuditEntry]]:
    """The entries that a rule draws from the whole log, in order; each once."""

    def draw(rule: str, *, start: int = 0) -> list[AuditEntry]:
        sequencer.run()
        found = {each.index for each in RULES[rule].draw(Span(start, tree.size()))}
        leaves = Leaf.objects.filter(index__in=found).order_by("index").select_related("entry")
        return [leaf.entry for leaf in leaves]

    return draw


@pytest.fixture
def other(remi: Staff) -> Staff:
    """Another auditor, for what Rémi may not review."""
    from tests.conftest import staff  # noqa: PLC0415 - models are not ready when this file is read

    return staff("rosa", "auditors")
