"""An erasure of everything is proven: what is left is named, what others quote is put before an officer."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from hypothesis import given
from hypothesis import strategies as st

from dsr.leaving import LEAVING
from dsr.lifecycle import execution, mentions, old_values, running, triage, verification
from dsr.models.audit import AuditEntry
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status, Step
from dsr.models.verification import Fate, Mention, Remembered
from dsr.permissions import Denied, NotNow
from dsr.readers.models import Account, Ban, Comment, SupportMessage
from dsr.sources import registry
from dsr.sources.erasing import _Erasure
from dsr.sources.model_source import ModelSource
from dsr.sources.needles import MASK
from dsr.sources.own_tables import OWN_TABLES
from dsr.states import Kind, State
from tests.conftest import ALICE, BOB
from tests.sources.readers import account, comment, instant, invoice, known_by
from tests.sources.test_properties import a_world
from tests.sources.test_searching import CASES, ODD, few

pytestmark = pytest.mark.django_db


@pytest.fixture
def newspaper(db, settings, tmp_path):
    """Alice and Bob, who comment and write to the support desk; nothing obliges to keep who wrote what."""
    settings.DSR_HOSTING_GROUNDS = "drop"
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    named = ("Comments", "Invoices", "SupportMessages", "Bans", "Accounts")
    settings.DSR_SOURCES = [f"dsr.readers.sources.{name}" for name in named]
    for email, name in ((ALICE, "Alicia"), (BOB, "Bobby")):
        reader = account(email, pen_name=name, subscriber_number=f"A-{name}")
        comment(account=reader, author_name=name, author_ip="198.51.100.7")
    Account.objects.filter(email=ALICE).update(phone="+33 6 12 34 56 78", last_ip="198.51.100.7")


@pytest.fixture
def approved(newspaper, asks, proves, olive, simone, works, at):
    """The erasure of everything Alice has, approved by a second officer."""

    def approve(**more: Any):
        data_request = proves(asks(Kind.ERASURE, **more))
        triage.accept(data_request, by=olive, at=at)
        works(data_request)
        plan = execution.current_plan(data_request)
        return execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)

    return approve


def verifying(data_request) -> Step:
    return data_request.steps.get(action=Action.VERIFY)


def test_nothing_is_left_and_nothing_is_remembered_once_it_is_answered(approved, works):
    data_request = works(approved())
    assert data_request.state == State.ANSWERED
    assert not data_request.mentions.exists()
    assert not Remembered.objects.exists()
    searched = AuditEntry.objects.get(event="erasure.searched")
    assert '"mentions":0,"remaining":0,"tables":13' in searched.canonical


def test_the_old_values_are_sealed_before_the_first_row_goes_and_never_in_clear(approved, clock, works):
    data_request = approved()
    plan = data_request.steps.get(action=Action.PLAN, status=Status.PENDING)
    running.run(plan.pk, now=clock)
    step = verifying(data_request)
    values = {value.value for value in old_values.values(step)}
    assert {ALICE, "+33 6 12 34 56 78", "A-Alicia", "Alicia", "198.51.100.7"} <= values
    assert BOB not in values
    stored = b"".join(bytes(page.sealed) for page in Remembered.objects.all())
    assert ALICE.encode() not in stored
    assert ALICE not in str([step.result, step.cursor])
    assert Account.objects.filter(email=ALICE).exists()


def test_they_are_destroyed_when_the_erasure_is_put_aside(approved, clock):
    data_request = approved()
    running.run(data_request.steps.get(action=Action.PLAN, status=Status.PENDING).pk, now=clock)
    assert Remembered.objects.exists()
    execution.cancel_steps(data_request)
    assert not Remembered.objects.exists()


def test_a_value_left_in_a_row_that_was_theirs_wants_attention_and_names_the_table(approved, works):
    own = Comment.objects.filter(account__email=ALICE).first()
    comment(parent=own, author_email=BOB)
    Comment.objects.filter(pk=own.pk).update(article_url=f"https://journal.example.org/?lecteur={ALICE}")
    data_request = works(approved())
    step = verifying(data_request)
    assert data_request.state == State.EXECUTING
    assert step.status == Status.NEEDS_ATTENTION
    assert "comments" in step.failure
    assert ALICE not in step.failure
    assert not data_request.mentions.exists()


def test_once_mended_it_is_searched_again(approved, works, olive, at):
    own = Comment.objects.filter(account__email=ALICE).first()
    comment(parent=own, author_email=BOB)
    Comment.objects.filter(pk=own.pk).update(article_url=f"https://journal.example.org/?lecteur={ALICE}")
    data_request = works(approved())
    Comment.objects.filter(pk=own.pk).update(article_url="https://journal.example.org/1")
    execution.retry(verifying(data_request), by=olive, at=at)
    assert works(data_request).state == State.ANSWERED


@pytest.mark.parametrize("value", ["Alicia", "198.51.100.7"])
def test_a_name_or_an_ip_is_looked_for_in_their_own_rows_alone(approved, works, value):
    comment(author_email=BOB, content=f"Bravo {value} !")
    assert works(approved()).state == State.ANSWERED


def test_a_name_that_an_erasure_forgot_is_found(approved, works, monkeypatch):
    """As a source would that rewrites less than it declares."""
    invoice(Account.objects.get(email=ALICE))
    blank = _Erasure._written
    monkeypatch.setattr(_Erasure, "_written", lambda self, name: "Alicia" if name == "pen_name" else blank(self, name))
    monkeypatch.setattr("dsr.lifecycle.planning.previews", lambda *args, **more: [])
    data_request = approved()
    works(data_request)
    assert "accounts" in verifying(data_request).failure


QUOTED = {
    "text": lambda: comment(author_email=BOB, content=f"Écrivez à {ALICE.upper()}, c’est elle."),
    "phone": lambda: comment(author_email=BOB, content="Appelez le 06.12.34.56.78 !"),
    "number": lambda: SupportMessage.objects.create(
        email=BOB, body="C’est A-Alicia.", created_at=instant("2026-02-01")
    ),
}


@pytest.mark.parametrize("quoted", QUOTED)
def test_what_another_person_wrote_is_a_mention_and_the_answer_waits(approved, works, quoted):
    row = QUOTED[quoted]()
    data_request = works(approved())
    (mention,) = data_request.mentions.all()
    assert (mention.row_key, mention.decision) == (str(row.pk), Fate.PENDING)
    assert data_request.state == State.EXECUTING
    assert verifying(data_request).status == Status.WAITING
    told = verification.passage(mention)
    assert any(value.lower() in told.lower() for value in (ALICE, "06.12.34.56.78", "A-Alicia"))
    assert ALICE.encode() not in bytes(mention.passage)


def test_a_masked_mention_is_gone_and_the_rest_of_the_row_is_as_it_was(approved, works, olive, at):
    row = comment(author_email=BOB, content=f"Écrivez à {ALICE.title()}, c’est elle.")
    before = Comment.objects.filter(pk=row.pk).values().get()
    data_request = works(approved())
    mentions.mask(data_request, mentions=[each.pk for each in data_request.mentions.all()], by=olive, at=at)
    assert Comment.objects.filter(pk=row.pk).values().get() == {**before, "content": f"Écrivez à {MASK}, c’est elle."}
    assert works(data_request).state == State.ANSWERED
    (mention,) = data_request.mentions.all()
    assert (mention.decision, mention.passage) == (Fate.MASKED, None)


def test_a_mention_left_for_a_reason_is_told_to_the_reader(approved, works, olive, at):
    comment(author_email=BOB, content=f"Écrivez à {ALICE}")
    data_request = works(approved())
    chosen = [each.pk for each in data_request.mentions.all()]
    mentions.leave(data_request, mentions=chosen, reason="expression", by=olive, at=at)
    assert works(data_request).state == State.ANSWERED
    letter = data_request.notices.get(letter="erased")
    assert str(LEAVING["expression"].sentence) in letter.text
    assert str(LEAVING["expression"].reference) in letter.html
    entries = AuditEntry.objects.filter(event="mention.decided").values_list("canonical", flat=True)
    assert '"count":1,"decision":"left","reason":"expression","source":"comments"' in entries[0]
    assert ALICE not in "".join(AuditEntry.objects.values_list("canonical", flat=True))


def test_a_row_that_changed_meanwhile_is_masked_as_it_stands(approved, works, olive, at):
    row = comment(author_email=BOB, content=f"Écrivez à {ALICE}")
    data_request = works(approved())
    Comment.objects.filter(pk=row.pk).update(content=f"Ou plutôt non : {ALICE}")
    mentions.mask(data_request, mentions=[data_request.mentions.get().pk], by=olive, at=at)
    row.refresh_from_db()
    assert row.content == f"Ou plutôt non : {MASK}"


def test_what_was_masked_and_is_written_again_is_decided_again(approved, works, olive, at):
    row = comment(author_email=BOB, content=f"Écrivez à {ALICE}")
    data_request = works(approved())
    mentions.mask(data_request, mentions=[data_request.mentions.get().pk], by=olive, at=at)
    Comment.objects.filter(pk=row.pk).update(content=ALICE)
    works(data_request)
    assert data_request.mentions.get().decision == Fate.PENDING
    assert data_request.state == State.EXECUTING


def test_a_whole_address_in_another_persons_row_is_emptied(approved, works, olive, at):
    row = comment(account=account(), author_email=ALICE)
    data_request = works(approved())
    mentions.mask(data_request, mentions=[data_request.mentions.get().pk], by=olive, at=at)
    row.refresh_from_db()
    assert row.author_email == ""


@pytest.mark.parametrize(
    ("chosen", "reason", "refusal"),
    [
        ([], "expression", mentions.NoMention),
        (None, "", mentions.NoReasonToLeave),
        ([0], "expression", mentions.NoMention),
    ],
)
def test_leaving_needs_a_mention_and_a_reason(approved, works, olive, at, chosen, reason, refusal):
    comment(author_email=BOB, content=ALICE)
    data_request = works(approved())
    chosen = [data_request.mentions.get().pk] if chosen is None else chosen
    with pytest.raises(refusal):
        mentions.leave(data_request, mentions=chosen, reason=reason, by=olive, at=at)


def test_only_an_officer_decides_and_only_while_it_waits(approved, works, mallory, olive, at):
    comment(author_email=BOB, content=ALICE)
    data_request = approved()
    with pytest.raises(NotNow):
        mentions.leave(data_request, mentions=[1], reason="expression", by=olive, at=at)
    works(data_request)
    with pytest.raises(Denied):
        mentions.mask(data_request, mentions=[data_request.mentions.get().pk], by=mallory, at=at)


def test_nobody_ticks_a_verification_done(approved, works, olive, at):
    comment(author_email=BOB, content=ALICE)
    data_request = works(approved())
    with pytest.raises(NotNow):
        execution.complete_by_hand(verifying(data_request), by=olive, at=at)


def test_a_file_that_no_row_names_wants_attention(approved, works):
    storages["default"].save(f"support/{ALICE}.pdf", ContentFile(b"x"))
    data_request = works(approved())
    assert "default" in verifying(data_request).failure


def test_another_persons_file_is_a_mention_that_cannot_be_masked(approved, works, olive, at):
    name = storages["default"].save(f"support/{ALICE}.pdf", ContentFile(b"x"))
    SupportMessage.objects.create(email=BOB, body="?", attachment=name, created_at=instant("2026-02-01"))
    data_request = works(approved())
    mention = data_request.mentions.get()
    assert not mention.maskable
    with pytest.raises(mentions.Unmaskable):
        mentions.mask(data_request, mentions=[mention.pk], by=olive, at=at)


def test_a_letter_to_somebody_else_is_a_mention_and_those_to_the_reader_are_kept(approved, works, asks, at):
    other = asks(Kind.ACCESS, email=BOB)
    Notice.objects.filter(data_request=other).update(text=f"Vous nous parlez de {ALICE}.")
    asks(Kind.OTHER)
    data_request = works(approved())
    (mention,) = data_request.mentions.all()
    assert (mention.source, mention.field) == ("letters", "text")


def test_a_kept_row_keeps_its_values(approved, works, settings):
    hers = Account.objects.get(email=ALICE)
    invoice(hers, billing_email=ALICE, billing_name="Alicia")
    data_request = works(approved())
    assert data_request.state == State.ANSWERED
    assert hers.invoices.filter(billing_email=ALICE).exists()


def test_a_part_may_go_while_the_rest_still_bears_the_values(approved, works):
    comment(author_email=BOB, content=ALICE)
    data_request = works(approved(scope={"bans": "*"}))
    assert data_request.state == State.ANSWERED
    assert not data_request.mentions.exists()
    assert not Remembered.objects.exists()


def test_a_search_that_was_interrupted_goes_on_where_it_stood(approved, works, monkeypatch, clock):
    for _number in range(5):
        comment(author_email=BOB, content=ALICE)
    monkeypatch.setattr("dsr.lifecycle.verification.ROWS", 2)
    asked = []
    search = verification.Table.search

    def once(self, needles, *, after, size):
        asked.append((self.model, after))
        if len(asked) == 9:
            raise RuntimeError
        return search(self, needles, after=after, size=size)

    monkeypatch.setattr(verification.Table, "search", once)
    data_request = works(approved())
    clock.forward(hours=1)
    works(data_request)
    assert len(set(asked)) == len(asked) - 1
    assert data_request.mentions.count() == 5


def test_mentions_do_not_outlive_a_request_taken_back(approved, works):
    comment(author_email=BOB, content=ALICE)
    data_request = works(approved())
    execution.cancel_steps(data_request)
    assert not Mention.objects.exists()


def test_every_claimed_table_is_searched_and_our_own(settings):
    claimed = {each.model for each in registry.sources() if isinstance(each, ModelSource)}
    own = {each.model for each in OWN_TABLES}
    assert {place.table.model for place in verification.places()} == claimed | own
    assert not {source.name for source in registry.sources()} & {each.name for each in OWN_TABLES}


PLACES = ["comments", "invoices", "support_messages", "bans", "accounts", "letters"]


@pytest.mark.parametrize("left_out", PLACES)
def test_a_place_left_out_of_the_search_is_seen(approved, works, monkeypatch, asks, left_out):
    """Bob's rows in each table quote Alice: with one table less, one mention less."""
    bob = Account.objects.get(email=BOB)
    comment(author_email=BOB, content=ALICE)
    invoice(bob, billing_street=ALICE)
    SupportMessage.objects.create(email=BOB, body=ALICE, created_at=instant("2026-02-01"))
    Ban.objects.create(email=BOB, reason=ALICE, moderator="M-07", starts_at=instant("2026-03-04"))
    Account.objects.filter(pk=bob.pk).update(city=ALICE)
    Notice.objects.filter(data_request=asks(Kind.ACCESS, email=BOB)).update(subject=ALICE)
    places = verification.places
    monkeypatch.setattr(verification, "places", lambda: [each for each in places() if each.name != left_out])
    found = works(approved()).mentions.values_list("source", flat=True)
    assert sorted(found) == sorted(set(PLACES) - {left_out})


@few
@given(place=st.sampled_from(["own", "another's", "file", "letter"]), cased=CASES, before=ODD, after=ODD)
@pytest.mark.usefixtures("newspaper")
def test_a_planted_address_is_found_wherever_it_is(place, cased, before, after, at):
    """And where none is planted, nothing is found."""
    written = f"{before}{cased(ALICE)}{after}"
    for earlier in Path(storages["default"].location).glob("*"):
        earlier.unlink()
    with a_world():
        ours = DataRequest.objects.create(kind=Kind.ERASURE, channel="form", received_at=at, entered_at=at, email=ALICE)
        step = Step.objects.create(data_request=ours, action=Action.VERIFY, created_at=at)
        reader = registry.expand(known_by(email=ALICE))
        own = Comment.objects.get(account__email=ALICE)
        old_values.keep(ours, reader, heartbeat=lambda rows: None)
        Comment.objects.filter(pk=own.pk).update(account=None, author_name="")
        Account.objects.filter(email=ALICE).update(
            email=None, pen_name="", phone="", subscriber_number=None, last_ip=None
        )
        Comment.objects.filter(pk=own.pk).update(author_ip=None)
        planted = PLANT[place](own, written, at)
        step.attempts = 0
        found = verification.Search(step, reader, on=at.date(), now=lambda: at).run()
        assert (dict(found.left), found.mentions) == planted


def _own(own, written, at):
    Comment.objects.filter(pk=own.pk).update(article_title=written)
    return {"comments": 1}, 0


def _anothers(own, written, at):
    comment(author_email=BOB, content=written)
    return {}, 1


def _file(own, written, at):
    name = written.replace("/", "_").replace("\n", "_").replace("\\", "_")
    folder = Path(storages["default"].location)
    (folder / f"x{name}").write_bytes(b"x")
    return {"default": 1}, 0


def _letter(own, written, at):
    other = DataRequest.objects.create(kind=Kind.ACCESS, channel="form", received_at=at, entered_at=at, email=BOB)
    Notice.objects.create(data_request=other, letter="code", text=written, message_id=written[:100], created_at=at)
    return {}, 2


PLANT = {"own": _own, "another's": _anothers, "file": _file, "letter": _letter}
