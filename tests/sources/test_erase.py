"""An erasure: what goes, what stays blanked, what is kept and until when; a plan says all of it beforehand."""

from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext_lazy
from pytest_django import Settings

from dsr.readers.models import Account, Comment, ModerationNote, Report, SupportMessage
from dsr.sources import erasing, verdicts
from dsr.sources.base import KeptRows, SourceError, StoredFile
from dsr.sources.fields import personal
from dsr.sources.registry import source
from tests.sources.readers import ALICE, BOB, TODAY, account, chunks, comment, erase, instant, subject
from tests.sources.shelf import SHELF, LooseNodes, Node, Nodes, Slot, Slots, SlotsByName, Sticker

GONE = "commentaire supprimé à la demande de son auteur"
OLD = "2019-03-01"

pytestmark = pytest.mark.django_db


def stored(row: Model) -> dict[str, Any]:
    """The row as it stands."""
    return type(row)._base_manager.filter(pk=row.pk).values().get()


def test_an_old_comment_of_a_bare_address_goes() -> None:
    comment(OLD, author_email=ALICE.upper(), author_ip="192.0.2.1")
    theirs = stored(other := comment(OLD, author_email=BOB))
    assert erase(source("comments"), subject(email=ALICE)).erased == 1
    assert list(Comment.objects.all()) == [other]
    assert stored(other) == theirs


def test_the_address_of_a_young_comment_is_kept_and_the_rest_of_it_goes() -> None:
    young = comment(author_email=ALICE, author_ip="192.0.2.1", author_name="Alice", user_agent="Navigateur")
    done = erase(source("comments"), subject(email=ALICE))
    row = stored(young)
    assert (done.erased, done.rewritten) == (0, 1)
    assert (row["author_email"], row["author_ip"]) == (ALICE, "192.0.2.1")
    assert (row["content"], row["author_name"], row["user_agent"]) == (GONE, "", "")


def test_what_is_kept_is_listed_with_its_ground_and_last_day() -> None:
    comment("2026-03-01", author_email=ALICE, author_ip="192.0.2.1")
    comment("2023-03-01", author_email=ALICE)
    assert source("comments").plan(subject(email=ALICE), on=TODAY).kept == (
        KeptRows("HEB-ID", date(2028, 3, 1), 1),
        KeptRows("HEB-ID", date(2031, 3, 1), 1),
        KeptRows("HEB-IP", date(2027, 3, 1), 1),
    )


def test_an_address_outlives_the_ip_that_was_kept_beside_it() -> None:
    young = comment("2026-03-01", author_email=ALICE, author_ip="192.0.2.1")
    erase(source("comments"), subject(email=ALICE))
    again = erase(source("comments"), subject(email=ALICE), on=date(2027, 3, 2))
    assert again.rewritten == 1
    assert (stored(young)["author_email"], stored(young)["author_ip"]) == (ALICE, None)


def test_a_ground_holds_on_its_last_day_and_no_longer() -> None:
    comment("2026-03-01", author_email=ALICE)
    comments = source("comments")
    assert comments.plan(subject(email=ALICE), on=date(2031, 3, 1)).erased == 0
    assert comments.plan(subject(email=ALICE), on=date(2031, 3, 2)).erased == 1


def test_without_hosting_grounds_a_young_comment_goes_too(settings: Settings) -> None:
    settings.DSR_HOSTING_GROUNDS = "drop"
    comment(author_email=ALICE, author_ip="192.0.2.1")
    assert source("comments").plan(subject(email=ALICE), on=TODAY).kept == ()
    assert erase(source("comments"), subject(email=ALICE)).erased == 1


def test_a_comment_that_somebody_answered_stays_emptied() -> None:
    answered = comment(OLD, author_email=ALICE, author_name="Alice")
    reply = comment(OLD, author_email=BOB, parent=answered)
    before = stored(reply)
    done = erase(source("comments"), subject(email=ALICE))
    assert (done.erased, done.rewritten) == (0, 1)
    assert (stored(answered)["content"], stored(answered)["author_email"]) == (GONE, "")
    assert stored(reply) == before
    assert source("comments").find(subject(email=ALICE)).rows == 0


def test_a_comment_that_only_the_reader_answered_goes_with_the_answer() -> None:
    first = comment(OLD, author_email=ALICE)
    comment(OLD, author_email=ALICE, parent=comment(OLD, author_email=ALICE, parent=first))
    for limit in (1, 2, 3):
        assert source("comments").plan(subject(email=ALICE), on=TODAY).erased == 3, limit
    assert erase(source("comments"), subject(email=ALICE), limit=1).erased == 3


def test_a_thread_stays_above_the_answer_of_somebody_else() -> None:
    top = comment(OLD, author_email=ALICE)
    middle = comment(OLD, author_email=ALICE, parent=top)
    comment(OLD, author_email=BOB, parent=middle)
    comment(OLD, author_email=ALICE, parent=middle)
    preview = source("comments").plan(subject(email=ALICE), on=TODAY)
    assert (preview.erased, preview.rewritten) == (1, 2)
    done = erase(source("comments"), subject(email=ALICE), limit=1)
    assert (done.erased, done.rewritten) == (1, 2)
    assert stored(middle)["parent_id"] == top.pk


def test_comments_that_answer_each_other_go() -> None:
    one = comment(OLD, author_email=ALICE)
    other = comment(OLD, author_email=ALICE, parent=one)
    Comment.objects.filter(pk=one.pk).update(parent=other)
    assert erase(source("comments"), subject(email=ALICE), limit=1).erased == 2


def test_a_comment_reported_by_somebody_else_stays_emptied_and_the_report_as_it_was() -> None:
    reported = comment(OLD, author_email=ALICE)
    report = Report.objects.create(reporter_email=BOB, comment=reported, reason="hate", created_at=instant(OLD))
    before = stored(report)
    assert erase(source("reports"), subject(email=ALICE)).erased == 0
    assert erase(source("comments"), subject(email=ALICE)).rewritten == 1
    assert stored(report) == before


def test_the_plan_knows_that_a_note_will_be_gone_before_its_comment() -> None:
    noted = comment(OLD, author_email=ALICE)
    ModerationNote.objects.create(comment=noted, moderator="M-07", created_at=instant(OLD))
    assert source("comments").plan(subject(email=ALICE), on=TODAY).erased == 1
    assert erase(source("moderation_notes"), subject(email=ALICE)).erased == 1
    assert erase(source("comments"), subject(email=ALICE)).erased == 1


def test_where_only_comments_are_asked_about_a_noted_one_stays_emptied() -> None:
    noted = comment(OLD, author_email=ALICE)
    ModerationNote.objects.create(comment=noted, moderator="M-07", created_at=instant(OLD))
    partly = subject(email=ALICE)
    partly = type(partly)(partly.identifiers, whole=False)
    assert source("comments").plan(partly, on=TODAY).rewritten == 1
    assert erase(source("comments"), partly).rewritten == 1


def test_only_ticked_rows_go_and_what_answers_them_is_taken_to_stay() -> None:
    ticked = comment(OLD, author_email=ALICE)
    comment(OLD, author_email=ALICE, parent=ticked)
    rows = [str(ticked.pk)]
    preview = source("comments").plan(subject(email=ALICE), on=TODAY, rows=rows)
    done = erase(source("comments"), subject(email=ALICE), rows=rows)
    assert (preview.erased, preview.rewritten) == (done.erased, done.rewritten) == (0, 1)
    assert Comment.objects.filter(author_email=ALICE).count() == 1


def test_a_second_run_finds_nothing_to_do() -> None:
    comment(author_email=ALICE)
    comment("2024-03-01", author_email=ALICE, author_ip="192.0.2.1")
    erase(source("comments"), subject(email=ALICE))
    again = erase(source("comments"), subject(email=ALICE))
    preview = source("comments").plan(subject(email=ALICE), on=TODAY)
    assert (again.erased, again.rewritten, preview.erased, preview.rewritten) == (0, 0, 0, 0)
    assert {each.ground for each in preview.kept} == {"HEB-ID"}


def test_what_came_in_behind_the_cursor_is_found_by_the_second_pass() -> None:
    comment(OLD, author_email=BOB)
    for _ in range(3):
        comment(OLD, author_email=ALICE)
    walk = chunks(source("comments"), subject(email=ALICE), limit=2)
    next(walk)
    Comment.objects.filter(author_email=BOB).update(author_email=ALICE)
    list(walk)
    assert not Comment.objects.filter(author_email=ALICE).exists()


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_no_chunk_handles_more_rows_than_its_limit(limit: int) -> None:
    for _ in range(5):
        comment(OLD, author_email=ALICE)
    counts = [chunk.erased for chunk in chunks(source("comments"), subject(email=ALICE), limit=limit)]
    assert sum(counts) == 5
    assert max(counts) <= limit


def test_an_uploaded_file_is_named_and_left_to_the_caller() -> None:
    message = SupportMessage(email=ALICE, created_at=instant(OLD))
    message.attachment.save("lettre.pdf", ContentFile(b"%PDF"))
    support, name = source("support_messages"), message.attachment.name
    assert support.plan(subject(email=ALICE), on=TODAY).files == 1
    assert erase(support, subject(email=ALICE)).files == (StoredFile(name),)
    assert message.attachment.storage.exists(name)
    message.attachment.storage.delete(name)


def test_the_sentence_is_in_the_language_of_the_site_and_not_of_who_clicked() -> None:
    node = Node.objects.create(owner="alice", written_on=TODAY)
    fields = {**Nodes.fields, "text": personal("Texte", erased_to=gettext_lazy("Yes"))}
    with translation.override("en"):
        erase(type("Answering", (Nodes,), {"fields": fields})(), subject(owner="alice"))
    assert stored(node)["text"] == "Oui"


def test_what_ties_a_kept_row_to_its_reader_is_kept_with_it() -> None:
    node = Node.objects.create(owner="alice", text="secret", written_on=TODAY)
    fields = {**Nodes.fields, "owner": personal("Qui", erased_to="")}
    tied = type("Tied", (Nodes,), {"fields": fields})()
    assert erase(tied, subject(owner="alice")).rewritten == 1
    assert (stored(node)["owner"], stored(node)["text"]) == ("alice", "parti")
    assert tied.plan(subject(owner="alice"), on=TODAY).kept == (KeptRows("LITIGE-5", date(2031, 11, 23), 1),)


def test_a_row_that_was_looked_at_and_became_somebody_elses_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    first = comment(OLD, author_email=ALICE)
    second = comment(author_email=ALICE)
    for row in (first, second):
        Report.objects.create(reporter_email=BOB, comment=row, reason="hate", created_at=instant(OLD))

    def given_to_bob(*arguments: Any) -> list[Any]:
        pages = list(verdicts.verdicts(*arguments))
        Comment.objects.update(author_email=BOB)
        return pages

    monkeypatch.setattr(erasing, "verdicts", given_to_bob)
    erase(source("comments"), subject(email=ALICE))
    assert stored(first)["content"] == "Un avis."


def test_the_plan_writes_nothing() -> None:
    comment(OLD, author_email=ALICE, parent=comment(author_email=ALICE))
    with CaptureQueriesContext(connection) as queries:
        source("comments").plan(subject(email=ALICE), on=TODAY)
    assert {query["sql"].split()[0] for query in queries} - {"SET"} == {"SELECT"}


def test_the_fingerprint_changes_with_what_would_be_done_and_with_nothing_else() -> None:
    first = comment(OLD, author_email=ALICE)
    comments, reader = source("comments"), subject(email=ALICE)
    before = comments.plan(reader, on=TODAY).fingerprint
    Comment.objects.filter(pk=first.pk).update(content="Autre chose.")
    comment(OLD, author_email=BOB)
    assert comments.plan(reader, on=TODAY).fingerprint == before
    comment(OLD, author_email=BOB, parent=first)
    assert comments.plan(reader, on=TODAY).fingerprint != before


def test_a_source_that_grows_by_itself_has_no_fingerprint() -> None:
    assert source("articles_read").plan(subject(account="1"), on=TODAY).fingerprint == ""


def test_an_emptied_account_is_done_and_goes_when_nothing_needs_it_any_more() -> None:
    own = account(ALICE, family_name="Martin", subscriber_number="A-1")
    kept = comment(account=own)
    reader = subject(email=ALICE, account=str(own.pk), subscriber="A-1")
    erase(source("accounts"), reader)
    assert Account.objects.get().family_name == "Martin"
    assert erase(source("accounts"), reader, on=date(2031, 11, 24)).rewritten == 1
    row = stored(own)
    assert {row[name] for name in ("email", "family_name", "subscriber_number", "last_ip")} == {None, ""}
    Comment.objects.filter(pk=kept.pk).delete()
    assert erase(source("accounts"), reader, on=date(2031, 11, 24)).erased == 1


@pytest.fixture
def shelf(settings: Settings) -> None:
    """The sources of the shelf, instead of the newspaper's."""
    settings.DSR_SOURCES = SHELF


@pytest.mark.usefixtures("shelf")
def test_a_reference_that_was_not_declared_is_an_error_that_names_the_source() -> None:
    node = Node.objects.create(owner="alice", text="secret")
    Sticker.objects.create(node=node, owner="bob")
    for act in (
        lambda: LooseNodes().plan(subject(owner="alice"), on=TODAY),
        lambda: erase(LooseNodes(), subject(owner="alice")),
    ):
        with pytest.raises(SourceError, match=r"« nodes ».*« Sticker.node »") as error:
            act()
        assert "alice" not in str(error.value)
    assert Node.objects.get() == node


@pytest.mark.usefixtures("shelf")
def test_a_reply_that_was_not_declared_is_an_error_too() -> None:
    Node.objects.create(owner="bob", above=Node.objects.create(owner="alice"))
    with pytest.raises(SourceError, match=r"« Node.above »"):
        erase(LooseNodes(), subject(owner="alice"))


@pytest.mark.usefixtures("shelf")
def test_a_row_that_only_the_readers_own_rows_point_at_needs_no_declaration() -> None:
    node = Node.objects.create(owner="alice")
    Sticker.objects.create(node=node, owner="alice")
    assert LooseNodes().plan(subject(owner="alice"), on=TODAY).erased == 1


@pytest.mark.usefixtures("shelf")
def test_a_thread_stays_above_a_row_that_is_kept() -> None:
    top = Node.objects.create(owner="alice", text="haut")
    Node.objects.create(owner="alice", text="bas", written_on=TODAY, above=top)
    preview = Nodes().plan(subject(owner="alice"), on=TODAY)
    assert (preview.erased, preview.rewritten, preview.kept) == (0, 2, (KeptRows("LITIGE-5", date(2031, 11, 23), 1),))
    assert erase(Nodes(), subject(owner="alice"), limit=1).rewritten == 2


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("declared", [Slots, SlotsByName])
@pytest.mark.parametrize("limit", [1, 2, 500])
def test_rows_with_a_composite_key_go(declared: type[Slots], limit: int) -> None:
    for shelf, place in [(1, "b"), (2, "a"), (2, "c"), (10, "a")]:
        Slot.objects.create(shelf=shelf, place=place, owner="alice")
    other = Slot.objects.create(shelf=2, place="b", owner="bob")
    assert declared().plan(subject(owner="alice"), on=TODAY).erased == 4
    assert erase(declared(), subject(owner="alice"), limit=limit).erased == 4
    assert list(Slot.objects.all()) == [other]


@pytest.mark.usefixtures("shelf")
def test_more_rows_with_a_composite_key_go_than_one_condition_holds() -> None:
    """SQLite reads a thousand alternatives at most."""
    Slot.objects.bulk_create(Slot(shelf=number, place="a", owner="alice") for number in range(1200))
    assert erase(Slots(), subject(owner="alice"), limit=1200).erased == 1200
    assert not Slot.objects.exists()


@pytest.mark.usefixtures("shelf")
def test_ticked_rows_with_a_composite_key_go_alone() -> None:
    Slot.objects.create(shelf=1, place='a"', owner="alice", label="une")
    Slot.objects.create(shelf=1, place="b", owner="alice", label="deux")
    (ticked,) = [
        key for key in ('[1, "a\\""]', '[1, "z"]', "[1]", "1") if Slots().find(subject(owner="alice"), rows=[key]).rows
    ]
    assert erase(Slots(), subject(owner="alice"), rows=[ticked]).erased == 1
    assert Slot.objects.get().label == "deux"
