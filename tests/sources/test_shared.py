"""A row that two links tie to two readers: never erased because one of them asked, unless its source says so."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsr.readers.models import Comment
from dsr.readers.sources import Comments
from dsr.sources import declaration
from dsr.sources.base import KeptRows, SourceError
from dsr.sources.fields import BLANK_OWN_FIELDS, ERASE, LEAVE, NO_END_YET, Shared, by, kept, personal
from dsr.sources.registry import source
from tests.sources.readers import ALICE, BOB, TODAY, account, comment, erase, subject
from tests.sources.shelf import Talk, Talks

pytestmark = pytest.mark.django_db
OLD = "2019-03-01"


@pytest.fixture
def joint() -> Talk:
    """What Alice asked and Bob answered."""
    return talk(asker="alice", asker_name="Alice", answerer="bob", answerer_name="Bob")


def talk(**fields: str) -> Talk:
    return Talk.objects.create(text="Bonjour", **fields)


def talks(shared: Shared | None) -> Talks:
    """The source that says so."""
    return type("Declared", (Talks,), {"shared": shared})()


def values() -> dict[str, Any]:
    return Talk.objects.values("asker", "asker_name", "answerer", "answerer_name", "text").get()


def test_where_it_is_left_nothing_of_it_changes_and_the_reader_is_told_why(joint: Talk) -> None:
    before = values()
    plan = talks(LEAVE).plan(subject(owner="alice"), on=TODAY)
    assert (plan.erased, plan.rewritten, plan.undecided) == (0, 0, 0)
    assert plan.kept == (KeptRows("PARTAGE", None, 1),)
    done = erase(talks(LEAVE), subject(owner="alice"))
    assert (done.erased, done.rewritten, values()) == (0, 0, before)


def test_where_own_fields_go_the_other_readers_stay_and_the_row_leads_to_the_first_no_more(joint: Talk) -> None:
    plan = talks(BLANK_OWN_FIELDS).plan(subject(owner="alice"), on=TODAY)
    done = erase(talks(BLANK_OWN_FIELDS), subject(owner="alice"))
    assert (plan.rewritten, done.rewritten, done.erased) == (1, 1, 0)
    assert values() == {"asker": "", "asker_name": "", "answerer": "bob", "answerer_name": "Bob", "text": "Bonjour"}
    assert talks(LEAVE).find(subject(owner="alice")).rows == 0


def test_where_it_is_said_to_go_it_goes(joint: Talk) -> None:
    assert talks(ERASE).plan(subject(owner="alice"), on=TODAY).erased == 1
    assert erase(talks(ERASE), subject(owner="alice")).erased == 1


def test_where_nothing_is_said_the_plan_says_so_and_the_run_stops(joint: Talk) -> None:
    plan = talks(None).plan(subject(owner="alice"), on=TODAY)
    assert (plan.undecided, plan.erased) == (1, 0)
    with pytest.raises(SourceError, match="talks") as error:
        erase(talks(None), subject(owner="alice"))
    assert "alice" not in str(error.value)
    assert values()["asker"] == "alice"


@pytest.mark.parametrize("fields", [{"asker": "alice"}, {"asker": "alice", "answerer": "alice"}])
@pytest.mark.parametrize("shared", [None, LEAVE, BLANK_OWN_FIELDS])
def test_a_row_that_leads_to_nobody_else_goes_whatever_is_said(fields: dict[str, str], shared: Shared | None) -> None:
    talk(**fields)
    assert erase(talks(shared), subject(owner="alice")).erased == 1


def test_a_row_left_to_the_other_goes_when_the_other_asks(joint: Talk) -> None:
    erase(talks(BLANK_OWN_FIELDS), subject(owner="alice"))
    assert erase(talks(BLANK_OWN_FIELDS), subject(owner="bob")).erased == 1


def test_shared_rows_are_told_apart_without_a_query_for_each(joint: Talk) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            talks(LEAVE).plan(subject(owner="alice"), on=TODAY)
        return len(queries)

    few = asked()
    for _more in range(20):
        talk(asker="alice", answerer="bob")
    assert asked() == few


def test_a_declaration_in_which_rows_may_be_shared_has_to_say_what_then_happens() -> None:
    assert "shared" in {fault.name for fault in declaration.contradictions(talks(None))}
    assert not declaration.contradictions(talks(LEAVE))


def test_a_link_that_waits_for_the_other_to_be_empty_shares_nothing() -> None:
    own = account(ALICE)
    theirs = comment(OLD, account=own, author_email=BOB)
    assert not Comments().sheet.marks.may_share
    assert erase(source("comments"), subject(email=BOB)).erased == 0
    assert erase(source("comments"), subject(email=ALICE, account=str(own.pk))).erased == 1
    assert not Comment.objects.filter(pk=theirs.pk).exists()


def test_an_accounts_comment_under_anothers_address_is_left_where_both_links_count() -> None:
    links = (by("account", "account"), by("email", "author_email"))
    both = type("Both", (Comments,), {"identified_by": links, "shared": LEAVE})()
    own = account(ALICE)
    comment(OLD, account=own, author_email=BOB)
    comment(OLD, account=own, author_email=ALICE.upper())
    assert erase(both, subject(email=ALICE, account=str(own.pk))).erased == 1
    assert erase(both, subject(email=BOB)).erased == 0


class KeptTalks(Talks):
    """The names are kept, case by case."""

    HOLD = kept("CONTENTIEUX", since=NO_END_YET)
    fields = {
        **Talks.fields,
        "asker_name": personal("Son nom", erased_to="", kept=HOLD),
        "answerer_name": personal("Son nom", erased_to="", kept=HOLD),
    }


def test_what_is_kept_of_a_shared_row_is_this_readers_alone_and_still_leads_to_them(joint: Talk) -> None:
    declared = type("Declared", (KeptTalks,), {"shared": BLANK_OWN_FIELDS})()
    Talk.objects.update(answerer_name="")
    for asker, rows in (("bob", 0), ("alice", 1)):
        plan = declared.plan(subject(owner=asker), on=TODAY)
        assert sum(line.rows for line in plan.kept) == rows, asker
    erase(declared, subject(owner="alice"))
    assert (values()["asker"], values()["asker_name"]) == ("alice", "Alice")
    assert declared.plan(subject(owner="alice"), on=TODAY).kept == plan.kept


def test_what_is_kept_of_a_row_that_is_theirs_all_the_same_still_leads_to_them(joint: Talk) -> None:
    declared = type("Declared", (KeptTalks,), {"shared": ERASE})()
    erase(declared, subject(owner="bob"))
    assert (values()["asker"], values()["answerer"]) == ("", "bob")
    assert declared.plan(subject(owner="bob"), on=TODAY).kept


def test_what_is_to_be_taken_out_of_a_shared_row_can_be_taken_out() -> None:
    fields = {**Talks.fields, "asker_name": personal("Son nom"), "answerer": personal("Qui répond")}
    declared = type("Declared", (Talks,), {"shared": BLANK_OWN_FIELDS, "fields": fields})()
    assert {fault.name for fault in declaration.contradictions(declared)} == {"asker_name", "answerer"}
