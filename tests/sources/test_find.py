"""Whose a row is: verified identifiers only, without case for an address, and never the wrong person's."""

import pytest

from dsr.readers.models import ModerationNote
from dsr.sources.base import Identifier
from dsr.sources.registry import expand, source
from tests.sources.readers import ALICE, BOB, account, comment, instant, known_by, subject


def rows(where: str, **identifiers: str) -> int:
    """How many rows of a source are a reader's."""
    return source(where).find(subject(**identifiers)).rows


@pytest.mark.django_db
@pytest.mark.parametrize("stored", [ALICE, "Alice@Example.ORG", "ALICE@EXAMPLE.ORG"])
def test_an_address_is_compared_without_case(stored: str) -> None:
    comment(author_email=stored)
    assert rows("comments", email="aLICE@example.org") == 1


@pytest.mark.django_db
def test_a_comment_of_another_account_is_not_handed_over_for_the_address_it_bears() -> None:
    comment(account=account(BOB), author_email=ALICE)
    assert rows("comments", email=ALICE) == 0


@pytest.mark.django_db
def test_an_empty_identifier_is_not_everybody_who_left_the_field_empty() -> None:
    comment(author_email="")
    account(None)
    assert rows("comments", email="") == 0
    assert rows("comments", email=" ") == 0
    assert rows("accounts", subscriber="") == 0


@pytest.mark.django_db
def test_an_identifier_that_cannot_be_a_key_finds_nothing() -> None:
    comment(account=account(ALICE))
    assert rows("comments", account="pas un nombre") == 0


@pytest.mark.django_db
def test_nothing_is_found_by_name_pen_name_or_ip_address() -> None:
    account(ALICE, pen_name="alice", last_ip="192.0.2.1")
    assert rows("accounts", pen_name="alice", ip="192.0.2.1", name="alice") == 0


@pytest.mark.django_db
def test_wildcards_in_an_address_are_letters() -> None:
    comment(author_email="alice%@example.org")
    comment(author_email=ALICE)
    assert rows("comments", email="alic_@example.org") == 0
    assert rows("comments", email="%") == 0


@pytest.mark.django_db
def test_the_mailbox_leads_to_the_account_and_what_is_filed_under_it() -> None:
    own = account(ALICE, subscriber_number="A-1")
    found = expand(known_by(email=ALICE.upper())).identifiers
    assert {Identifier("account", str(own.pk)), Identifier("subscriber", "A-1")} <= found


@pytest.mark.django_db
def test_the_subscriber_number_leads_to_the_confirmed_address_only() -> None:
    account(ALICE, subscriber_number="A-1")
    account(BOB, subscriber_number="A-2", email_confirmed_at=None)
    assert Identifier("email", ALICE) in expand(known_by(subscriber="A-1")).identifiers
    assert Identifier("email", BOB) not in expand(known_by(subscriber="A-2")).identifiers


@pytest.mark.django_db
def test_a_note_is_about_the_account_else_about_who_wrote_the_comment() -> None:
    at = instant("2026-03-02")
    ModerationNote.objects.create(comment=comment(author_email=ALICE), moderator="M-07", created_at=at)
    ModerationNote.objects.create(
        account=account(BOB), comment=comment(author_email=ALICE), moderator="M-07", created_at=at
    )
    ModerationNote.objects.create(
        comment=comment(account=account(), author_email=ALICE), moderator="M-07", created_at=at
    )
    assert rows("moderation_notes", email=ALICE) == 1


@pytest.mark.django_db
def test_summaries_are_in_words_and_the_newest_comes_first() -> None:
    comment("2025-01-01", author_email=ALICE, content="Ancien.", article_title="Le pont")
    own = account()
    newest = comment("2026-03-01", author_email=ALICE, content="mot " * 50, article_title="La gare")
    comment(author_email=BOB)
    between = comment("2025-06-01", account=own, article_title="Le port")
    first, middle, second = source("comments").summaries(subject(email=ALICE, account=str(own.pk)), limit=9)
    assert (first.key, middle.key) == (str(newest.pk), str(between.pk))
    assert first.text.startswith("Le 1 mars 2026, sous « La gare » : mot mot")
    assert second.text.endswith("« Le pont » : Ancien.")
    assert len(source("comments").summaries(subject(email=ALICE), limit=1)) == 1
