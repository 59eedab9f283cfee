"""What the law makes us keep is erased by itself on its date, also when the request was long forgotten."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsr import keys, notifications
from dsr.lifecycle import claim, closing, contracts, execution, kept_lists, recipients, triage
from dsr.models.audit import AuditEntry
from dsr.models.erasure import Kept, KeptList
from dsr.models.request import DataRequest, Ending
from dsr.readers.models import Account, Comment, Invoice
from dsr.states import Kind, State
from tests.sources.readers import ALICE, BOB, account, comment, invoice, subscription

pytestmark = pytest.mark.django_db
PURGED = {"event": "kept.purged"}


@pytest.fixture(autouse=True)
def hosting(settings):
    settings.DSR_HOSTING_GROUNDS = "keep"


@pytest.fixture
def erased(asks, proves, olive, simone, works, at):
    """Carry out Alice's erasure of everything; ``erased()`` returns it, answered."""

    def erase():
        data_request = works(triage.accept(proves(asks(Kind.ERASURE)), by=olive, at=at))
        plan = execution.current_plan(data_request)
        if plan.bound:
            contracts.choose(data_request, ending=Ending.AT_TERM, at=at)
        execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)
        done = works(data_request)
        assert done.state == State.ANSWERED
        return done

    return erase


@pytest.fixture
def purges(clock):
    """Let time pass until the morning of a day, and look."""

    def purge(day):
        clock.forward(days=(date.fromisoformat(day) - clock().date()).days)
        return kept_lists.purge(now=clock)

    return purge


def row():
    return Comment.objects.values("author_email", "author_ip", "account_id", "content").get()


def test_nothing_goes_on_the_last_day_and_it_goes_on_the_next(erased, purges):
    comment("2026-03-01", author_email=ALICE, author_ip="192.0.2.1")
    erased()
    assert KeptList.objects.get().look_on == date(2027, 3, 2)
    assert purges("2027-03-01") == 0
    assert row()["author_ip"] == "192.0.2.1"
    assert purges("2027-03-02") == 1
    assert (row()["author_ip"], row()["author_email"]) == (None, ALICE)
    assert purges("2031-03-02") == 1
    assert not Comment.objects.exists()


def test_each_purge_is_told_in_the_log_under_the_reference_of_the_request(erased, purges):
    comment("2026-03-01", author_email=ALICE, author_ip="192.0.2.1")
    data_request = erased()
    purges("2027-03-02")
    entry = AuditEntry.objects.get(**PURGED)
    assert (entry.subject, entry.facts["rewritten"], entry.facts["erased"]) == (data_request.reference, 1, 0)
    assert {line.ground for line in data_request.kept.filter(source="comments")} == {"HEB-ID"}
    assert ALICE not in entry.canonical


def mailed(data_request, clock):
    """The letters to recipients that left, by their address."""
    for notice in data_request.notices.filter(letter="recipient", sent_at=None):
        notifications.deliver(notice.pk, now=clock)
    return {sent.to[0].partition("@")[0]: sent.body for sent in mail.outbox if sent.to[0] != ALICE}


def test_whoever_had_received_it_hears_of_what_goes_on_its_date_once(erased, purges, clock):
    own = account(ALICE)
    invoice(own, issued_on=date(2026, 2, 1), debited_on=date(2026, 2, 10), truncated_card="1234", billing_name="Alice")
    data_request = erased()
    assert not data_request.recipients.exists()  # the law kept the whole invoice
    for day in ("2027-03-10", "2027-03-11", "2027-03-12"):
        purges(day)
    told = data_request.recipients.values_list("recipient", "ended_on")
    assert set(told) == {(name, date(2027, 3, 11)) for name in ("banque", "portage", "expert-comptable")}
    letters = mailed(data_request, clock)
    assert set(letters) == {"donnees.personnelles", "cabinet"}
    assert all(ALICE in body and "Factures" in body and data_request.reference in body for body in letters.values())
    assert {row.sealed for row in data_request.recipients.exclude(letter=None)} == {None}
    data_request.refresh_from_db()
    assert data_request.state == State.ANSWERED


def test_a_source_of_which_nothing_goes_that_day_tells_nobody(erased, purges):
    own = account(ALICE)
    comment("2026-03-01", account=own, author_ip="192.0.2.1")
    invoice(own, billing_name="Alice")
    data_request = erased()
    purges("2027-03-02")
    assert AuditEntry.objects.filter(**PURGED).count() == 1
    assert not data_request.recipients.exists()


def test_a_second_end_is_told_beside_the_first(erased, purges):
    invoice(account(ALICE), issued_on=date(2026, 2, 1), debited_on=date(2026, 2, 10), truncated_card="1234")
    data_request = erased()
    for day in ("2027-03-11", "2037-01-01"):
        purges(day)
    ends = data_request.recipients.filter(recipient="banque").values_list("ended_on", flat=True)
    assert list(ends) == [date(2027, 3, 11), date(2037, 1, 1)]


def test_they_hear_of_it_under_the_old_reference_when_the_request_is_forgotten(erased, purges, olive, clock):
    invoice(account(ALICE), billing_name="Alice")
    data_request = erased()
    clock.forward(days=366 * 6)
    closing.forget(at=clock())
    purges("2036-01-01")
    again = DataRequest.objects.get()
    assert again.reference == data_request.reference
    assert (again.state, again.email, again.person, again.is_late(clock())) == (State.ANSWERED, "", "", False)
    assert "Factures" in mailed(again, clock)["cabinet"]
    clock.forward(days=366 * 6)
    assert closing.forget(at=clock()) == 0  # somebody is yet to be told
    by_hand = again.recipients.get(recipient="portage")
    recipients.told(by_hand, on=clock().date(), how="Extranet", by=olive, at=clock())
    assert closing.forget(at=clock()) == 1


def test_a_request_that_is_forgotten_during_the_look_is_no_more_asked_for(erased, purges, clock, monkeypatch):
    comment("2026-03-01", author_email=ALICE, author_ip="192.0.2.1")
    data_request = erased()
    settle = kept_lists.files.settle

    def forgotten_meanwhile(to_remove):
        DataRequest.objects.filter(pk=data_request.pk).update(closed_at=clock() - timedelta(days=10 * 365))
        assert closing.forget(at=clock()) == 1
        settle(to_remove)

    monkeypatch.setattr(kept_lists.files, "settle", forgotten_meanwhile)
    assert purges("2027-03-02") == 1
    assert AuditEntry.objects.get(**PURGED).subject == data_request.reference


def test_the_last_transaction_of_a_look_holds_the_request_before_the_list(erased, purges):
    """In the order of who forgets the request: each would else wait for the other."""
    comment("2026-03-01", author_email=ALICE, author_ip="192.0.2.1")
    erased()
    with CaptureQueriesContext(connection) as queries:
        purges("2027-03-02")
    said = [query["sql"] for query in queries]
    recorded = next(number for number, sql in enumerate(said) if 'INSERT INTO "dsr_auditentry"' in sql)
    held = max(number for number, sql in enumerate(said[:recorded]) if sql.startswith('UPDATE "dsr_keptlist"'))
    assert 'FROM "dsr_datarequest"' in said[held - 1]


def test_a_second_look_on_the_same_day_does_nothing(erased, purges):
    comment("2026-03-01", author_email=ALICE, author_ip="192.0.2.1")
    erased()
    purges("2027-03-02")
    assert purges("2027-03-02") == 0
    assert AuditEntry.objects.filter(**PURGED).count() == 1


def test_an_invoice_of_ten_years_goes_when_the_request_was_forgotten_after_five(erased, purges, clock):
    own = account(ALICE)
    invoice(own, billing_name="Alice")
    data_request = erased()
    clock.forward(days=366 * 6)
    closing.forget(at=clock())
    assert not DataRequest.objects.exists()
    assert {line.data_request_id for line in Kept.objects.all()} == {None}
    purges("2036-01-01")
    assert not Invoice.objects.exists()
    assert AuditEntry.objects.filter(**PURGED).latest("pk").subject == data_request.reference


def test_the_identifiers_go_with_the_last_line(erased, purges, clock):
    invoice(account(ALICE))
    erased()
    for day in ("2032-06-01", "2036-01-01"):
        purges(day)
        closing.forget(at=clock())
    assert not KeptList.objects.exists()
    assert not Kept.objects.exists()


def test_the_identifiers_are_sealed(erased):
    comment("2026-03-01", author_email=ALICE)
    erased()
    kept_list = KeptList.objects.get()
    assert ALICE.encode() not in bytes(kept_list.sealed)
    assert ALICE in keys.unseal("kept", kept_list.sealed, tied_to=kept_list.reference).decode()


def test_what_the_reader_wrote_since_is_not_touched(erased, purges):
    comment("2026-03-01", author_email=ALICE, author_ip="192.0.2.1")
    erased()
    back = comment("2027-01-01", author_email=ALICE, author_ip="192.0.2.9", content="Me revoilà.")
    purges("2027-03-02")
    assert Comment.objects.values("content", "author_ip").get(pk=back.pk) == {
        "content": "Me revoilà.",
        "author_ip": "192.0.2.9",
    }


def test_of_two_grounds_the_last_to_end_decides(erased, purges):
    own = account(ALICE)
    subscription(own, ended_on=date(2026, 8, 31), delivery_name="Alice", amount="150")
    erased()
    purges("2031-09-01")  # LITIGE-5 has ended, CONTRAT-E holds
    assert own.subscriptions.values_list("delivery_name", flat=True).get() == "Alice"
    purges("2036-09-01")
    assert not own.subscriptions.exists()


def test_a_contract_does_not_outlast_its_ground_beside_the_invoice_that_names_it(erased, purges):
    own = account(ALICE)
    small = subscription(own, ended_on=date(2026, 8, 31), amount="59")
    invoice(own, subscription=small, issued_on=date(2026, 8, 1))
    data_request = erased()
    purges("2031-09-01")
    small.refresh_from_db()
    assert (small.account_id, small.offer, small.amount, small.started_on, small.ended_on) == (
        None,
        "",
        None,
        None,
        None,
    )
    assert not data_request.kept.filter(source="subscriptions").exists()
    assert data_request.kept.filter(source="invoices", ground="COMPTA").exists()


def test_a_running_contract_is_judged_again_each_day_and_the_rest_goes_at_its_end(erased, purges, clock):
    own = account(ALICE, family_name="Martin", street="1 rue de Lille")
    running = subscription(own, mandate_reference="M-1", amount="59")
    erased()
    assert KeptList.objects.get().look_on == clock().date() + timedelta(days=1)
    purges("2026-12-01")
    assert Account.objects.get().family_name == "Martin"
    type(running).objects.update(ended_on=date(2026, 12, 31))
    purges("2027-01-02")
    running.refresh_from_db()
    assert (running.mandate_reference, Account.objects.get().family_name) == ("", "")


def test_others_are_left_as_they_were(erased, purges):
    comment("2026-03-01", author_email=ALICE)
    other = comment("2019-03-01", author_email=BOB)
    before = Comment.objects.filter(pk=other.pk).values().get()
    erased()
    purges("2031-03-02")
    assert Comment.objects.values().get() == before


def test_a_list_that_somebody_holds_is_theirs(erased, clock):
    comment("2026-03-01", author_email=ALICE)
    erased()
    clock.forward(days=3000)
    kept_list = KeptList.objects.get()
    assert kept_lists._take(kept_list, at=clock())
    assert kept_lists.purge(now=clock) == 0
    clock.forward(hours=1)
    assert kept_lists.purge(now=clock) == 1
    with pytest.raises(claim.Lost):
        kept_lists._hold(kept_list, clock)
