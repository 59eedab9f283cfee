"""Recipients hear of what was corrected or erased before the reader is answered, and what finds the reader goes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from dsr import notifications
from dsr.lifecycle import closing, execution, identity, recipients, triage, wishes
from dsr.models.audit import AuditEntry
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice, Untold
from dsr.permissions import Denied, NotNow
from dsr.sources.activities import Recipient
from dsr.states import Kind, State
from tests.conftest import ALICE
from tests.lifecycle import shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves", "lenders")]
ON = date(2026, 9, 16)

BINDER = Recipient("relieur", "Reliure Exemple SA", email="donnees@relieur.example.org")
CARRIER = Recipient("porteur", "Portage Exemple SARL", by_hand="Ouvrez l’extranet du porteur.")
OURSELVES = Recipient("bibliotheque", "La bibliothèque", not_told="C’est nous.")
CELLARER = Recipient("caviste", "Cave Exemple SA", email="donnees@cave.example.org")


@pytest.fixture
def lenders(monkeypatch):
    """Books go to a binder and a carrier; what is in the cellar to a cellarer."""
    reading = replace(shelf.READING, recipients=(OURSELVES, BINDER, CARRIER))
    monkeypatch.setattr(shelf.Shelf, "activity", reading)
    monkeypatch.setattr(shelf.Cellar, "activity", replace(reading, code="cellar", recipients=(CELLARER, BINDER)))


@pytest.fixture
def erased(asks, proves, works, olive, simone, at):
    """Alice's erasure, every step done."""

    def carry_out(**scope):
        accepted = works(triage.accept(proves(asks(Kind.ERASURE, **scope)), by=olive, at=at))
        plan = execution.current_plan(accepted)
        return works(execution.approve(accepted, fingerprint=plan.fingerprint, by=simone, at=at))

    return carry_out


@pytest.fixture
def posts(clock):
    """The worker mails what is due, and answers the request once nobody waits any more."""

    def run(data_request):
        for notice in Notice.objects.claimable(clock()).filter(data_request=data_request, letter="recipient"):
            notifications.deliver(notice.pk, now=clock)
        for ready in execution.settleable():
            execution.settle(ready, at=clock())
        data_request.refresh_from_db()
        return data_request

    return run


def task(data_request, recipient):
    return data_request.recipients.get(recipient=recipient.code)


def test_each_recipient_of_what_really_went_has_one_task(erased):
    data_request = erased()
    assert [row.recipient for row in data_request.recipients.all()] == ["caviste", "relieur", "porteur"]
    assert data_request.state == State.EXECUTING


def test_a_source_where_nothing_went_tells_nobody(erased):
    shelf.Cellar.rows[:] = []
    assert [row.recipient for row in erased().recipients.all()] == ["relieur", "porteur"]


def test_with_nobody_to_tell_the_answer_waits_for_nobody(monkeypatch, erased):
    for kind in (shelf.Shelf, shelf.Cellar):
        monkeypatch.setattr(kind, "activity", replace(shelf.READING, recipients=(OURSELVES,)))
    assert erased().state == State.ANSWERED


def test_the_request_is_answered_once_all_were_told(erased, posts, olive, at):
    data_request = posts(erased())
    assert data_request.state == State.EXECUTING
    recipients.told(task(data_request, CARRIER), on=ON, how="Extranet", by=olive, at=at)
    assert posts(data_request).state == State.ANSWERED
    letter = data_request.notices.get(answers=True).text
    assert "Reliure Exemple SA" in letter
    assert "Portage Exemple SARL" in letter
    assert "La bibliothèque" not in letter


def test_the_letter_as_sent_finds_the_reader_and_as_stored_does_not(erased, posts):
    data_request = erased()
    stored = Notice.objects.get(recipient__recipient="relieur")
    assert ALICE not in stored.text + stored.html + stored.subject + str(RecipientNotice.objects.values())
    posts(data_request)
    sent = next(letter for letter in mail.outbox if letter.to == [BINDER.email])
    assert ALICE in sent.body
    assert ALICE in sent.alternatives[0].content
    assert sent.extra_headers["Message-ID"] == stored.message_id


def test_what_finds_the_reader_is_destroyed_once_told(erased, posts, olive, at):
    data_request = erased()
    assert all(bytes(row.sealed) for row in data_request.recipients.all())
    recipients.told(task(data_request, CARRIER), on=ON, how="", by=olive, at=at)
    posts(data_request)
    assert [row.sealed for row in data_request.recipients.all()] == [None, None, None]


def test_a_letter_that_no_server_takes_keeps_the_answer_waiting(erased, posts, settings, monkeypatch):
    settings.DSR_MAX_ATTEMPTS = 1
    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", _refuse)
    data_request = posts(erased())
    assert task(data_request, BINDER).letter.needs_attention
    assert data_request.state == State.EXECUTING


def _refuse(_letter):
    raise ConnectionRefusedError


def test_told_otherwise_the_letter_no_longer_leaves(erased, posts, olive, at):
    data_request = erased()
    recipients.told(task(data_request, BINDER), on=ON, how="Téléphone", by=olive, at=at)
    posts(data_request)
    assert [letter.to for letter in mail.outbox if "relieur" in letter.to[0]] == []


def test_a_worker_that_already_holds_the_letter_writes_over_nothing(erased, posts, olive, at, clock):
    data_request = erased()
    letter = task(data_request, BINDER).letter
    recipients.told(task(data_request, BINDER), on=ON, how="Téléphone", by=olive, at=at)
    Notice.objects.filter(pk=letter.pk).update(failure="", lease_until=None)
    assert not notifications.deliver(letter.pk, now=clock)
    assert task(data_request, BINDER).how == "Téléphone"


def test_why_one_cannot_be_told_stands_in_the_answer(erased, posts, olive, at):
    data_request = posts(erased())
    words = {"because": Untold.GONE, "explanation": "Liquidée en 2024."}
    recipients.impossible(task(data_request, CARRIER), **words, by=olive, at=at)
    letter = posts(data_request).notices.get(answers=True)
    assert "n’existe plus" in letter.text
    assert "Liquidée en 2024." in letter.html


@pytest.mark.parametrize(("because", "explanation"), [("gone", " "), ("too-busy", "Trop de travail.")])
def test_only_a_ground_of_the_list_with_its_words_will_do(erased, olive, at, because, explanation):
    with pytest.raises(recipients.NoExplanation):
        recipients.impossible(task(erased(), CARRIER), because=because, explanation=explanation, by=olive, at=at)


@pytest.mark.parametrize("days", [-1, 1], ids=["before", "tomorrow"])
def test_nobody_is_told_on_an_impossible_day(erased, olive, at, days):
    with pytest.raises(recipients.WrongDay):
        recipients.told(task(erased(), CARRIER), on=ON + timedelta(days=days), how="", by=olive, at=at)


def test_a_task_is_settled_once(erased, olive, at):
    carrier = task(erased(), CARRIER)
    recipients.told(carrier, on=ON, how="", by=olive, at=at)
    with pytest.raises(NotNow):
        recipients.impossible(carrier, because=Untold.GONE, explanation="Partie.", by=olive, at=at)


def test_only_officers_tell(erased, mallory, at):
    with pytest.raises(Denied):
        recipients.told(task(erased(), CARRIER), on=ON, how="", by=mallory, at=at)


def test_a_reply_is_noted_afterwards_and_opens_nothing_again(erased, posts, olive, at):
    data_request = posts(erased())
    recipients.told(task(data_request, CARRIER), on=ON, how="", by=olive, at=at)
    posts(data_request)
    later = at + timedelta(days=9)
    recipients.replied(task(data_request, CARRIER), on=later.date(), reply="C’est fait.", by=olive, at=later)
    data_request.refresh_from_db()
    assert data_request.state == State.ANSWERED
    assert [row.recipient for row in RecipientNotice.objects.silent_since(later.date())] == ["caviste", "relieur"]


def test_who_was_not_told_does_not_reply(erased, olive, at):
    with pytest.raises(NotNow):
        recipients.replied(task(erased(), CARRIER), on=ON, reply="", by=olive, at=at)


def test_the_log_names_recipients_and_no_reader(erased, posts, olive, at):
    data_request = erased()
    recipients.told(task(data_request, CARRIER), on=ON, how="Extranet", by=olive, at=at)
    posts(data_request)
    entries = AuditEntry.objects.filter(subject=data_request.reference, event__startswith="recipient.")
    assert [entry.event for entry in entries.order_by("n")] == ["recipient.listed"] * 3 + ["recipient.told"] * 3
    assert ALICE not in "".join(entry.canonical for entry in entries)


@pytest.fixture
def corrects(asks, proves, works, olive, at):
    """Alice's « Un » becomes « Uno », also in the cellar if that is the title there."""

    def correct(in_the_cellar):
        shelf.Cellar.rows[:] = [{"email": ALICE, "title": in_the_cellar}]
        data_request = proves(asks(Kind.RECTIFICATION))
        wishes.wish(data_request, wishes=[wishes.Wish("title", "Un", "Uno", "")], at=at)
        for correction in data_request.corrections.all():
            triage.decide_correction(correction, accepted=True, ground="", by=olive, at=at)
        return works(triage.accept(data_request, by=olive, at=at))

    return correct


@pytest.fixture
def corrected(corrects):
    """The cellar holds no such title of hers."""
    return corrects("Autre")


def test_a_correction_is_told_with_both_values_to_those_who_had_them(corrected, posts):
    assert [row.recipient for row in corrected.recipients.all()] == ["relieur", "porteur"]
    posts(corrected)
    (sent,) = mail.outbox
    assert "« Un » devient « Uno »" in sent.body.replace("\N{NO-BREAK SPACE}", " ")
    assert ALICE in sent.body


def test_a_correction_of_what_a_recipient_never_had_is_not_told_to_them(monkeypatch, corrects):
    monkeypatch.setattr(shelf.Cellar, "labels", lambda _self: {"shelfmark": "Cote"})
    data_request = corrects("Un")
    assert data_request.steps.get(source="cellar").result["changed"] == 1
    assert [row.recipient for row in data_request.recipients.all()] == ["relieur", "porteur"]


def test_a_correction_is_answered_once_all_were_told(corrected, posts, olive, at):
    recipients.told(task(corrected, CARRIER), on=ON, how="", by=olive, at=at)
    assert posts(corrected).state == State.ANSWERED
    assert "Reliure Exemple SA" in corrected.notices.get(answers=True).text


@pytest.fixture
def half_done(asks, proves, works, olive, at):
    """Alice's « Un » became « Uno »; her « Deux » was another title by then, and came back to the officer."""
    data_request = proves(asks(Kind.RECTIFICATION))
    wishes.wish(
        data_request, wishes=[wishes.Wish("title", *each, "") for each in (("Un", "Uno"), ("Deux", "Duo"))], at=at
    )
    for correction in data_request.corrections.all():
        triage.decide_correction(correction, accepted=True, by=olive, at=at)
    shelf.Cellar.rows[:] = []
    shelf.Shelf.rows[1]["title"] = "Autre"
    half_done = works(triage.accept(data_request, by=olive, at=at))
    assert half_done.state == State.REVIEW
    return half_done


def letters():
    """What the mailed letters say was changed."""
    return [
        line
        for sent in mail.outbox
        for line in sent.body.replace("\N{NO-BREAK SPACE}", " ").split("\n")
        if "devient" in line
    ]


@pytest.mark.parametrize("end", ["refuse", "give_up", "withdraw"])
def test_what_was_done_is_told_when_the_request_ends_otherwise(half_done, posts, olive, at, end):
    match end:
        case "refuse":
            triage.refuse(half_done, because="nothing-to-rectify", by=olive, at=at)
        case "give_up":
            identity.doubt(half_done, reason="Deux personnes ?", by=olive, at=at)
            triage.give_up(half_done, by=olive, at=at)
        case _:
            closing.withdraw(half_done, at=at)
    assert [row.recipient for row in half_done.recipients.all()] == ["relieur", "porteur"]
    posts(half_done)
    assert letters() == ["Titre : « Un » devient « Uno »"]


def test_a_closed_request_keeps_its_officer_until_all_were_told(half_done, posts, olive, clock):
    triage.refuse(half_done, because="nothing-to-rectify", by=olive, at=clock())
    posts(half_done)
    at = clock.forward(days=366 * 6)
    assert closing.forget(at=at) == 0
    recipients.told(task(half_done, CARRIER), on=at.date(), how="Extranet", by=olive, at=at)
    assert closing.forget(at=at) == 1


def test_a_decision_taken_back_afterwards_is_told_as_it_was_carried_out(half_done, works, posts, olive, at):
    done, stale = half_done.corrections.order_by("pk")
    refused = {"accepted": False, "ground": "nothing-to-rectify", "instead_of": done.decision}
    triage.decide_correction(done, **refused, by=olive, at=at)
    triage.decide_correction(stale, accepted=True, by=olive, at=at)
    shelf.Shelf.rows[1]["title"] = "Deux"
    posts(works(triage.accept(half_done, by=olive, at=at)))
    assert letters() == ["Titre : « Un » devient « Uno »", "Titre : « Deux » devient « Duo »"]


def test_refused_before_anything_was_done_nobody_is_told(asks, proves, olive, at):
    data_request = triage.refuse(proves(asks(Kind.RECTIFICATION)), because="nothing-to-rectify", by=olive, at=at)
    assert not data_request.recipients.exists()


def test_neither_the_told_nor_the_given_up_keep_what_finds_the_reader(erased, at):
    carrier = task(erased(), CARRIER)
    with pytest.raises(IntegrityError), transaction.atomic():
        RecipientNotice.objects.filter(pk=carrier.pk).update(settled_at=at, told_on=ON)
