"""Other people in a copy: what is listed, what an officer decides, what the package then holds."""

import io
import json
import zipfile

import pytest
from cryptography.exceptions import InvalidTag
from django.utils import translation

from dsr.lifecycle import copies, delivery, execution, identity, persons, reading, screening
from dsr.models.audit import AuditEntry
from dsr.models.passage import Decision, Nature
from dsr.models.step import Action, Status
from dsr.permissions import Denied, NotNow
from dsr.readers.models import Account, Comment, ModerationNote, Report, SupportMessage
from dsr.sources import registry
from dsr.sources.base import Identifier
from dsr.states import State
from tests.conftest import ALICE, BOB
from tests.sources.readers import asked

pytestmark = pytest.mark.django_db

MASK = "[masqué : adresse d’une autre personne]"


@pytest.fixture
def alice(at):
    """Alice has an account, whose address and telephone are hers."""
    return Account.objects.create(
        email=ALICE, email_confirmed_at=at, phone="06 11 22 33 44", given_name="Alice", created_at=at
    )


@pytest.fixture
def writes(alice, at):
    """Alice comments."""

    def write(content, **more):
        place = {"article_url": "https://journal.example.org/a", "created_at": at, "status": "approved", **more}
        return Comment.objects.create(account=alice, author_email=ALICE, content=content, **place)

    return write


def files_of(package):
    archive = zipfile.ZipFile(io.BytesIO(b"".join(delivery.content(package))))
    return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


def step(data_request, action):
    return data_request.steps.get(action=action)


def listed(data_request):
    return [screening.excerpt(passage)[1] for passage in data_request.passages.all()]


def events(data_request, name):
    entries = AuditEntry.objects.filter(subject=data_request.reference, event=name).order_by("n")
    return [json.loads(entry.canonical)["facts"] for entry in entries]


def test_with_nobody_else_in_the_texts_the_step_ends_by_itself(writes, copied):
    writes("Écrivez-moi à alice@example.org ou au +33 (0)6.11.22.33.44, ou au journal : dpo@example.org")
    data_request = copied()
    assert step(data_request, Action.SCREEN).status == Status.DONE
    assert step(data_request, Action.READ).status == Status.WAITING
    assert not data_request.passages.exists()


def test_others_addresses_and_numbers_wait_for_an_officer(writes, alice, copied, at):
    writes("Mon voisin est joignable : bob@example.org, 07 55 66 77 88.")
    SupportMessage.objects.create(account=alice, subject="Fwd: carol@example.org", body="Voir l’objet", created_at=at)
    data_request = copied()
    assert step(data_request, Action.SCREEN).status == Status.WAITING
    assert step(data_request, Action.PACK).status == Status.PENDING
    assert listed(data_request) == ["bob@example.org", "07 55 66 77 88", "carol@example.org"]
    assert events(data_request, "passage.listed") == [{"passages": 3, "undecided": 3}]
    assert data_request.due_on


def test_every_free_text_of_every_source_is_read(alice, writes, copied, at):
    note = ModerationNote.objects.create(account=alice, moderator="x", text="Prévenir modo@example.net", created_at=at)
    data_request = copied()
    passage = data_request.passages.get()
    assert (passage.source, passage.row, passage.field) == ("moderation_notes", str(note.pk), "text")


def test_what_the_copy_hides_anyway_is_not_listed(writes, copied, at):
    """A report on Alice's comment: its words are the reporter's, and masked whole."""
    comment = writes("Bonjour")
    Report.objects.create(comment=comment, reporter_email=BOB, details="Je suis bob@example.org", created_at=at)
    assert listed(copied()) == []


def test_rows_with_something_to_mask_are_read_together(writes, django_assert_max_num_queries):
    """One statement a row would take hours for a reader who quotes somebody in each comment."""
    keys = [str(writes(f"Voyez bob@example.org, {number} fois.").pk) for number in range(40)]
    reader = registry.expand(frozenset({Identifier("email", ALICE)}))
    with django_assert_max_num_queries(8):
        lines = list(registry.source("comments").keyed_lines(reader, keys))
    assert [key for key, _line, _cells in lines] == keys
    assert all(
        f"{number} fois".encode() in line and f"{number} fois".encode() in cells
        for number, (_key, line, cells) in enumerate(lines)
    )


def test_what_others_wrote_is_not_listed(alice, copied, at):
    Comment.objects.create(author_email=BOB, content="carol@example.org", created_at=at, article_url="/")
    assert listed(copied()) == []


def test_nothing_readable_is_stored(writes, copied):
    writes("Voyez bob@example.org.")
    passage = copied().passages.get()
    stored = repr([getattr(passage, field.attname) for field in passage._meta.concrete_fields])
    assert "bob" not in stored


def test_an_excerpt_is_tied_to_its_place(writes, copied):
    writes("Voyez bob@example.org.")
    passage = copied().passages.get()
    passage.start += 1
    with pytest.raises(InvalidTag):
        screening.excerpt(passage)


def test_a_masked_passage_is_nowhere_in_the_package_and_is_an_omission(writes, copied, works, olive, at):
    comment = writes("Écrivez à « bob@example.org », et à moi : alice@example.org. =1+1")
    other = writes("Sans personne")
    data_request = copied()
    persons.decide(data_request, decisions={data_request.passages.get().pk: Decision.MASK}, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    files = files_of(works(data_request).packages.get())
    assert [name for name, text in files.items() if "bob@example.org" in text] == []
    rows = {row["id"]: row["content"] for row in json.loads(files["data/comments.json"])}
    assert rows == {
        comment.pk: f"Écrivez à « {MASK} », et à moi : alice@example.org. =1+1",
        other.pk: "Sans personne",
    }
    assert MASK in files["data/comments.csv"]
    assert MASK in files["index.html"]
    omitted = [each for each in json.loads(files["manifest.json"])["omissions"] if each["source"] == "comments"]
    assert {"source": "comments", "what": f"Texte, ligne {comment.pk} : 1 passage"}.items() <= omitted[-1].items()
    assert "15.4" in omitted[-1]["reason"]


def test_a_passage_left_for_a_reason_is_in_the_package(writes, copied, works, olive, at):
    writes("La mairie : mairie@exemple.fr")
    data_request = copied()
    persons.decide(data_request, decisions={data_request.passages.get().pk: Decision.PUBLIC}, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    assert "mairie@exemple.fr" in files_of(works(data_request).packages.get())["data/comments.json"]
    assert events(data_request, "passage.decided") == [{"decision": "public", "passages": 1}]


def test_one_decision_stands_for_all_that_say_the_same(writes, copied, olive, at):
    for text in ("bob@example.org", "Bob@Example.org !", "carol@example.org"):
        writes(text)
    data_request = copied()
    first = data_request.passages.first().pk
    persons.decide(data_request, decisions={first: Decision.MASK}, everywhere=[first], by=olive, at=at)
    assert list(data_request.passages.values_list("decision", flat=True)) == ["mask", "mask", ""]
    assert events(data_request, "passage.decided") == [{"decision": "mask", "passages": 2}]
    with pytest.raises(persons.PassagesUndecided):
        persons.finish(data_request, by=olive, at=at)
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)


def test_one_decision_for_all_leaves_what_somebody_decided_since_and_changes_what_stood_with_it(
    writes, copied, olive, simone, clock
):
    for _time in range(4):
        writes("bob@example.org")
    data_request = copied()
    first, second, third, _fourth = data_request.passages.values_list("pk", flat=True)
    persons.decide(data_request, decisions={second: Decision.KNOWN}, by=simone, at=clock())
    masked = {"decisions": {first: Decision.MASK}, "everywhere": [first]}
    persons.decide(data_request, **masked, by=olive, at=clock())
    assert list(data_request.passages.values_list("decision", flat=True)) == ["mask", "known", "mask", "mask"]
    clock.forward(minutes=1)
    persons.decide(data_request, decisions={second: Decision.MASK}, instead_of={second: "known"}, by=simone, at=clock())
    left = {"decisions": {first: Decision.PUBLIC, third: Decision.AGREED}, "everywhere": [first]}
    persons.decide(data_request, **left, instead_of={first: "mask", third: "mask"}, by=olive, at=clock())
    assert list(data_request.passages.values_list("decision", flat=True)) == ["public", "mask", "agreed", "public"]
    assert [fact["passages"] for fact in events(data_request, "passage.decided")] == [1, 3, 1, 2, 1]


def test_a_decision_is_of_the_list_and_an_officers(writes, copied, olive, remi, mallory, at):
    writes("bob@example.org")
    data_request = copied()
    pk = data_request.passages.get().pk
    for code in ("", "because"):
        with pytest.raises(persons.NoDecision):
            persons.decide(data_request, decisions={pk: code}, by=olive, at=at)
    for person in (remi, mallory):
        with pytest.raises(Denied):
            persons.decide(data_request, decisions={pk: Decision.MASK}, by=person, at=at)
        with pytest.raises(Denied):
            persons.mark(data_request, source="comments", text="x", by=person, at=at)


def test_nobody_says_by_hand_that_the_passages_are_done(writes, copied, olive, at):
    writes("bob@example.org")
    data_request = copied()
    with pytest.raises(NotNow):
        execution.complete_by_hand(step(data_request, Action.SCREEN), by=olive, at=at)


def test_a_row_that_changed_is_screened_again(writes, copied, works, olive, at):
    comment = writes("Écrivez à bob@example.org")
    data_request = copied()
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    Comment.objects.filter(pk=comment.pk).update(content="Non : à carol@example.org, ou bob@example.org")
    works(data_request, unread=True)
    assert not data_request.packages.exists()
    assert step(data_request, Action.SCREEN).status == Status.WAITING
    decisions = dict(zip(listed(data_request), data_request.passages.values_list("decision", flat=True), strict=True))
    assert decisions == {"carol@example.org": "", "bob@example.org": "mask"}
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    assert works(data_request).state == State.ANSWERED


def test_a_row_written_meanwhile_is_screened_too(writes, copied, works, olive, at):
    writes("bob@example.org")
    data_request = copied()
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    writes("carol@example.org")
    works(data_request, unread=True)
    assert data_request.passages.undecided().count() == 1


def test_a_passage_that_is_gone_stops_nothing_for_ever(writes, copied, works, olive, at):
    comment = writes("bob@example.org")
    data_request = copied()
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    comment.delete()
    works(data_request, unread=True)
    assert step(data_request, Action.READ).status == Status.WAITING
    assert not data_request.passages.exists()


def test_words_that_an_officer_marks_are_masked_in_a_new_package(writes, copied, works, olive, at):
    comment = writes("Monsieur Durand, 3 rue Haute, est mon voisin. Durand !")
    data_request = copied()
    first = data_request.packages.get()
    persons.mark(data_request, source="comments", text=" Durand ", by=olive, at=at)
    reading.repack(data_request, by=olive, at=at)
    works(data_request, unread=True)
    first.refresh_from_db()
    assert (first.wrapped_key, first.destroyed_at) == (None, at)
    masked = data_request.passages.masked()
    assert [(each.nature, each.start) for each in masked] == [(Nature.MARKED, 9), (Nature.MARKED, 46)]
    files = files_of(data_request.packages.get(destroyed_at=None))
    assert [name for name, text in files.items() if "Durand" in text] == []
    text = json.loads(files["data/comments.json"])[0]["content"]
    hidden = "[masqué : donnée d’une autre personne]"
    assert text == f"Monsieur {hidden}, 3 rue Haute, est mon voisin. {hidden} !"
    assert comment.content not in files["index.html"]


def test_words_marked_in_one_row_are_masked_there_alone(writes, copied, works, olive, at):
    one, other = writes("Durand"), writes("Durand")
    data_request = copied()
    persons.mark(data_request, source="comments", text="Durand", row=str(one.pk), by=olive, at=at)
    reading.repack(data_request, by=olive, at=at)
    works(data_request, unread=True)
    rows = json.loads(files_of(data_request.packages.get(destroyed_at=None))["data/comments.json"])
    assert {row["id"] for row in rows if "Durand" in row["content"]} == {other.pk}


def test_words_marked_while_passages_wait_are_looked_for_at_once(writes, copied, works, olive, at):
    writes("Durand, bob@example.org")
    data_request = copied()
    persons.mark(data_request, source="comments", text="Durand", by=olive, at=at)
    works(data_request)
    assert sorted(data_request.passages.values_list("nature", "decision")) == [("email", ""), ("marked", "mask")]


@pytest.mark.parametrize(
    ("source", "text"), [("comments", "  "), ("nowhere", "x"), ("articles_read", "x"), ("comments", "x" * 501)]
)
def test_nothing_is_marked_where_nothing_is_read(writes, copied, olive, at, source, text):
    writes("bob@example.org")
    with pytest.raises(persons.NothingToMark):
        persons.mark(copied(), source=source, text=text, by=olive, at=at)


def test_what_was_found_is_destroyed_once_the_package_left_and_masks_it_still(writes, copied, works, olive, clock):
    """A package made again masks the same passages, by what their tokens say."""
    writes("Durand, bob@example.org et la mairie : mairie@exemple.fr")
    data_request = copied()
    persons.mark(data_request, source="comments", text="Durand", by=olive, at=clock())
    works(data_request)
    left = data_request.passages.order_by("start").last()
    persons.decide(data_request, decisions={left.pk: Decision.PUBLIC}, by=olive, at=clock())
    persons.mask_rest(data_request, by=olive, at=clock())
    persons.finish(data_request, by=olive, at=clock())
    assert works(data_request).state == State.ANSWERED
    assert not data_request.passages.exclude(sealed=None).exists()
    assert not data_request.marked_texts.exclude(sealed=None).exists()
    subject = identity.subject(data_request)
    again, _rows = delivery.pack(data_request, subject, at=clock(), heartbeat=lambda _rows: None)
    text = json.loads(files_of(again)["data/comments.json"])[0]["content"]
    assert text == f"[masqué : donnée d’une autre personne], {MASK} et la mairie : mairie@exemple.fr"


def test_masks_are_in_the_language_of_the_reader(writes, copied, works, olive, at):
    writes("bob@example.org")
    data_request = copied(language="en")
    persons.mask_rest(data_request, by=olive, at=at)
    persons.finish(data_request, by=olive, at=at)
    text = json.loads(files_of(works(data_request).packages.get())["data/comments.json"])[0]["content"]
    with translation.override("en"):
        assert text == str(screening.INSTEAD[Nature.EMAIL])


def test_passages_are_kept_some_at_a_time_and_found_again(writes, copied, works, olive, at, monkeypatch):
    """Neither list nor memory depends on how many are read at once, nor do decisions on which search found them."""
    monkeypatch.setattr(screening, "AT_ONCE", 2)
    first = writes("un@example.org, deux@example.org, trois@example.org")
    writes("quatre@example.org")
    writes("cinq@example.org")
    data_request = copied()
    assert [each.split("@")[0] for each in listed(data_request)] == ["un", "deux", "trois", "quatre", "cinq"]
    persons.mask_rest(data_request, by=olive, at=at)
    Comment.objects.filter(pk=first.pk).update(content="trois@example.org, six@example.org")
    persons.finish(data_request, by=olive, at=at)
    works(data_request, unread=True)
    found = dict(zip(listed(data_request), data_request.passages.values_list("decision", flat=True), strict=True))
    said = dict.fromkeys(("trois", "quatre", "cinq"), "mask") | {"six": ""}
    assert found == {f"{name}@example.org": decision for name, decision in said.items()}
    assert events(data_request, "passage.listed") == [{"passages": 5, "undecided": 5}, {"passages": 4, "undecided": 1}]


def test_a_search_that_broke_off_leaves_what_it_found_to_the_next(writes, copied, works, clock, monkeypatch):
    monkeypatch.setattr(screening, "AT_ONCE", 1)
    for name in ("un", "deux", "trois"):
        writes(f"{name}@example.org")
    keep, kept = screening.keep, []

    def broken(*args, **more):
        kept.append(keep(*args, **more))
        if len(kept) == 2:
            raise RuntimeError

    monkeypatch.setattr(screening, "keep", broken)
    data_request = copied()
    assert step(data_request, Action.SCREEN).status == Status.PENDING
    clock.forward(hours=1)
    works(data_request, unread=True)
    assert [each.split("@")[0] for each in listed(data_request)] == ["un", "deux", "trois"]


def test_a_fresh_copy_lists_what_stands_there_now_alone(writes, copied, works, olive, clock):
    """Its steps are new, and count their attempts from one like those of the first copy."""
    gone, stays = writes("bob@example.org"), writes("carol@example.org")
    data_request = copied()
    persons.mask_rest(data_request, by=olive, at=clock())
    persons.finish(data_request, by=olive, at=clock())
    works(data_request).notices.update(sent_at=clock())
    delivery.expire(at=clock.forward(days=31))
    Comment.objects.filter(pk=gone.pk).delete()
    copies.ask(data_request, at=clock())
    works(data_request, unread=True)
    assert [each.row for each in data_request.passages.all()] == [str(stays.pk)]
    screenings = data_request.steps.filter(action=Action.SCREEN).order_by("pk")
    assert [each.attempts for each in screenings] == [1, 1]


def test_what_is_found_holds_no_whole_text(writes, alice):
    """A million passages in long texts are a million short lines."""
    writes(f"{'mot ' * 50_000} bob@example.org {'mot ' * 50_000}")
    data_request = asked(ALICE)
    reader = registry.expand(frozenset({Identifier("email", ALICE)}))
    [found] = screening.find(data_request, reader, heartbeat=lambda read: None)
    assert max(len(str(getattr(found, name))) for name in found.__slots__) < 300


def test_the_lease_is_renewed_while_texts_are_read(writes, alice, copied, monkeypatch, settings):
    settings.DSR_SOURCES = ["dsr.readers.sources.Comments", "dsr.readers.sources.Accounts"]
    monkeypatch.setattr(screening, "HEARTBEAT_TEXTS", 2)
    for _time in range(5):
        writes("Bonjour")
    assert step(copied(), Action.SCREEN).result["rows"] == 4
