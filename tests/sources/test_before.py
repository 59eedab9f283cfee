"""Whoever was erased and came back: rows from before the erasure are told from those since."""

from datetime import timedelta

import pytest

from dsr.readers.sources import ArticlesRead, Comments
from dsr.sources.base import Identifier, Subject
from dsr.sources.registry import expand, source, sources
from tests.sources.readers import ALICE, BOB, account, comment, instant

pytestmark = pytest.mark.django_db

THEN = instant("2026-06-01")


def found(where: str, *identifiers: Identifier) -> int:
    """How many rows of a source came to be before THEN."""
    return source(where).find(Subject(frozenset(identifiers), before=THEN)).rows


def test_rows_since_are_left_out() -> None:
    comment("2026-05-31T23:59", author_email=ALICE)
    comment("2026-06-01", author_email=ALICE)
    assert found("comments", Identifier("email", ALICE)) == 1


def test_a_new_account_of_the_same_address_leads_nowhere() -> None:
    fresh = account(ALICE, created_at=THEN + timedelta(days=1))
    comment("2026-05-01", account=fresh)
    assert expand(frozenset({Identifier("email", ALICE)}), before=THEN).values("account") == ()


def test_an_undated_table_answers_for_numbers_of_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Comments, "dated_by", "")
    own = account(ALICE)
    comment(account=own)
    comment(author_email=ALICE)
    assert found("comments", Identifier("email", ALICE)) == 0
    assert found("comments", Identifier("account", str(own.pk))) == 1


def test_every_source_names_the_identifiers_filed_with_its_rows() -> None:
    own = account(ALICE, subscriber_number="A-1")
    comment(account=own)
    comment(author_email=BOB)
    filed = {identifier for each in sources() for identifier in each.filed()}
    assert filed == {
        Identifier("account", str(own.pk)),
        Identifier("email", ALICE),
        Identifier("subscriber", "A-1"),
        Identifier("email", BOB),
    }


def test_nothing_is_filed_in_an_empty_table() -> None:
    assert list(ArticlesRead().filed()) == []
