"""After a restored backup: it is noticed, nothing is carried out, and exactly those erased since are erased again."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command

from dsr import keys
from dsr.audit import checkpoints, sequencer
from dsr.audit.verifying import verify
from dsr.ledger import book, epochs
from dsr.ledger.tokens import token
from dsr.lifecycle import (
    claim,
    comparing,
    execution,
    remembering,
    replaying,
    restoring,
    resurgences,
    running,
    suppressing,
    triage,
)
from dsr.models.audit import AuditEntry
from dsr.models.erasure import KeptList, Suppression
from dsr.models.ledger import LedgerEntry, Resurgence
from dsr.models.step import Step
from dsr.readers.models import Account
from dsr.sources.base import Identifier
from dsr.states import Kind, State
from tests import backup
from tests.conftest import ALICE, BOB, staff
from tests.sources.readers import account, everywhere

CAROL = "carol@example.org"

pytestmark = pytest.mark.django_db


@pytest.fixture
def newspaper():
    """Alice and Bob with something in every table."""
    return {ALICE: everywhere(ALICE, "Alice"), BOB: everywhere(BOB, "Bob")}


@pytest.fixture
def erases(asks, proves, olive, simone, works, clock):
    """A whole erasure through the lifecycle; stops before the first row goes with ``until="approved"``."""

    def erase(email=ALICE, *, until="answered"):
        data_request = proves(asks(Kind.ERASURE, email=email, at=clock()), at=clock())
        triage.accept(data_request, by=olive, at=clock())
        works(data_request)
        plan = execution.current_plan(data_request)
        data_request = execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=clock())
        return works(data_request) if until == "answered" else data_request

    return erase


def everything():
    return backup.dump(backup.tables())


def readers():
    return backup.dump(backup.tables("readers"))


def test_a_restored_database_is_noticed_and_carries_nothing_out(newspaper, erases, clock):
    waiting = erases(BOB, until="approved")
    before = everything()
    erases()
    backup.restore(before)
    due = list(Step.objects.due(clock()).filter(data_request=waiting))
    assert restoring.look(at=clock())
    assert [claim.take(step.pk, at=clock()) for step in due] == [None]
    assert AuditEntry.objects.filter(event="restore.noticed").count() == 1


def test_requests_still_come_in(newspaper, erases, asks, proves, clock):
    before = everything()
    erases()
    backup.restore(before)
    restoring.look(at=clock())
    assert proves(asks(Kind.ACCESS, email=BOB)).state == State.REVIEW


def test_whoever_was_erased_since_is_erased_again_and_nobody_else(newspaper, erases, clock):
    before = everything()
    erases()
    erased = readers()
    backup.restore(before)
    assert readers() != erased
    restoring.look(at=clock())
    assert replaying.replay(at=clock()).replayed
    assert readers() == erased


def test_a_second_run_finds_nothing(newspaper, erases, clock):
    before = everything()
    erases()
    backup.restore(before)
    restoring.look(at=clock())
    replaying.replay(at=clock())
    entries = AuditEntry.objects.count()
    assert replaying.replay(at=clock()) == replaying.Done()
    assert AuditEntry.objects.count() == entries


def test_what_was_erased_before_the_backup_is_left_alone(newspaper, erases, clock):
    first = erases()
    before = everything()
    erases(BOB)
    backup.restore(before)
    restoring.look(at=clock())
    assert first.reference not in replaying.replay(at=clock()).replayed


def test_steps_are_carried_out_again_afterwards(newspaper, erases, works, clock):
    before = everything()
    erases()
    backup.restore(before)
    restoring.look(at=clock())
    replaying.replay(at=clock())
    assert not restoring.look(at=clock())
    assert erases(BOB).state == State.ANSWERED


def test_a_reader_who_came_back_is_somebody_new(newspaper, erases, clock):
    account(CAROL)
    stays = everything()
    erases(CAROL)
    backup.restore(stays)
    returned = account("carol.b@example.org", created_at=clock.forward(days=1))
    Account.objects.filter(email=CAROL).update(email="carol.a@example.org")
    Account.objects.filter(pk=returned.pk).update(email=CAROL)
    restoring.look(at=clock())
    replaying.replay(at=clock())
    returned.refresh_from_db()
    assert returned.email == CAROL


def test_what_the_law_keeps_stays(newspaper, erases, clock):
    before = everything()
    erases()
    backup.restore(before)
    restoring.look(at=clock())
    replaying.replay(at=clock())
    assert newspaper[ALICE].invoices.exists()
    kept = KeptList.objects.get()
    assert set(kept.lines.values_list("source", flat=True)) >= {"invoices", "subscriptions"}
    assert ALICE not in str(bytes(kept.sealed))


def test_an_interrupted_erasure_is_told_and_not_guessed(newspaper, erases, clock):
    before = everything()
    data_request = erases(until="approved")
    remembering.intend(data_request, running.identity.subject(data_request), at=clock())
    backup.restore(before)
    restoring.look(at=clock())
    was = readers()
    done = replaying.replay(at=clock())
    assert done.left == [(data_request.reference, Resurgence.Why.INTERRUPTED)]
    assert readers() == was


def test_the_suppression_list_is_rebuilt(newspaper, erases, clock, django_capture_on_commit_callbacks):
    before = everything()
    with django_capture_on_commit_callbacks(execute=True):
        erases()
    backup.restore(before)
    assert not Suppression.objects.exists()
    restoring.look(at=clock())
    replaying.replay(at=clock())
    assert Suppression.objects.erased(clock().date()).get().token == keys.suppression_token(ALICE)


def test_an_objection_that_the_ledger_lacks_is_written_at_night(newspaper, erases, clock):
    before = everything()
    erases()
    comparing.compare(at=clock())
    backup.restore(before)
    replaying.replay(at=clock())
    assert Suppression.objects.exists()


def test_a_consent_given_since_holds_again(newspaper, erases, clock, django_capture_on_commit_callbacks):
    erases()
    before = everything()
    with django_capture_on_commit_callbacks(execute=True):
        suppressing.lift(ALICE, consented_at=clock.forward(days=1), by=staff("tool", "mailing tools"), at=clock())
    backup.restore(before)
    replaying.replay(at=clock())
    assert not Suppression.objects.in_force(clock().date()).exists()


def test_the_log_goes_on_and_says_so(newspaper, erases, clock):
    sequencer.run()
    checkpoints.publish(at=clock())
    before = everything()
    erases()
    sequencer.run()
    checkpoints.publish(at=clock.forward(minutes=1))
    backup.restore(before)
    restoring.look(at=clock())
    with pytest.raises(checkpoints.Inconsistent):
        checkpoints.publish(at=clock())
    assert replaying.replay(at=clock()).checkpoints == 1
    checkpoints.publish(at=clock.forward(minutes=1))
    assert list(verify()) == []
    assert not restoring.look(at=clock())


def test_a_log_that_was_only_cut_is_a_restored_one(asks, proves, clock):
    sequencer.run()
    before = everything()
    proves(asks(Kind.ACCESS))
    sequencer.run()
    checkpoints.publish(at=clock())
    backup.restore(before)
    assert restoring.look(at=clock())


def test_no_erasure_begins_that_the_ledger_does_not_know(newspaper, erases, works, clock, monkeypatch):
    data_request = erases(until="approved")
    was = readers()

    def full(*_args):
        raise OSError("no space left")

    monkeypatch.setattr(book, "write", full)
    works(data_request)
    assert readers() == was
    assert data_request.state == State.EXECUTING


def test_a_part_of_the_data_is_no_matter_for_the_ledger(newspaper, asks, proves, olive, simone, works, clock):
    data_request = proves(asks(Kind.ERASURE, scope={"comments": "*"}))
    triage.accept(data_request, by=olive, at=clock())
    works(data_request)
    plan = execution.current_plan(data_request)
    works(execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=clock()))
    assert not LedgerEntry.objects.exists()


def test_a_crash_before_the_record_was_written_costs_nothing(newspaper, erases, works, clock):
    data_request = erases(until="approved")
    name = book.new_name(book.Kind.INTENT, at=clock())
    LedgerEntry.objects.create(name=name, kind="intent", reference=data_request.reference, at=clock())
    works(data_request)
    assert book.read(name).reference == data_request.reference
    assert not restoring.look(at=clock())


@pytest.mark.parametrize("content", [b"", b'{"name": "', b"{}\n" + b"0" * 64])
def test_a_record_that_nobody_can_read_is_left_to_a_person(newspaper, clock, content):
    name = book.new_name(book.Kind.COMPLETION, at=clock())
    storages["ledger"].save(f"records/{name}", ContentFile(content))
    was = readers()
    restoring.look(at=clock())
    assert replaying.replay(at=clock()).left == [(name, Resurgence.Why.UNREADABLE)]
    assert readers() == was
    assert not restoring.look(at=clock())


def test_what_nobody_can_read_is_settled_by_an_officer(newspaper, olive, clock):
    name = book.new_name(book.Kind.COMPLETION, at=clock())
    storages["ledger"].save(f"records/{name}", ContentFile(b""))
    replaying.replay(at=clock())
    resurgences.settle(Resurgence.objects.get(), by=olive, at=clock())
    assert not Resurgence.objects.pending().exists()


def test_nothing_counts_as_replayed_while_a_source_does_not_answer(newspaper, erases, clock, monkeypatch):
    before = everything()
    erases()
    erased = readers()
    backup.restore(before)
    restoring.look(at=clock())

    def fails(_source):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("dsr.readers.sources.Invoices.filed", fails)
        with pytest.raises(ConnectionRefusedError):
            replaying.replay(at=clock())
    assert restoring.look(at=clock())
    replaying.replay(at=clock())
    assert readers() == erased


def test_without_its_key_an_erasure_is_told_and_its_kept_list_stays(newspaper, erases, clock):
    erases()
    LedgerEntry.objects.all().delete()
    epochs.destroy(epochs.names()[0])
    was = KeptList.objects.get().lines.count()
    done = replaying.replay(at=clock())
    assert {why for _reference, why in done.left} == {Resurgence.Why.UNREADABLE}
    assert KeptList.objects.get().lines.count() == was


def test_no_address_stands_in_the_ledger(newspaper, erases):
    erases()
    for name in book.names():
        with storages["ledger"].open(f"records/{name}") as file:
            text = file.read().decode()
        assert ALICE not in text
        assert keys.normalised_address(ALICE) not in text


def test_the_same_address_has_another_token_next_month(clock):
    here, there = epochs.current(clock()), epochs.current(clock.forward(days=31))
    assert token(here, Identifier("email", ALICE)) != token(there, Identifier("email", ALICE))


def test_the_command_says_what_it_did(newspaper, erases, capsys):
    before = everything()
    erases()
    backup.restore(before)
    call_command("replay_erasures")
    assert "1 erasures replayed" in capsys.readouterr().out
    call_command("replay_erasures")
    assert "nothing to replay" in capsys.readouterr().out
