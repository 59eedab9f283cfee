"""What a reader asked before is theirs, and nobody else's: all of it, in words, kept until its own retention ends."""

import json
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from dsr.models.address import AddressChange
from dsr.models.correction import Correction
from dsr.models.erasure import Kept
from dsr.models.identity import Identifier as Proof
from dsr.models.identity import Means, Question
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice
from dsr.models.request import Channel, DataRequest
from dsr.models.staff import Staff
from dsr.sources.base import Column, KeptRows, Subject
from dsr.sources.past_reading import AT_ONCE, BESIDE
from dsr.sources.past_requests import PastRequests
from dsr.states import Kind, State
from tests.sources.readers import ALICE, BOB, TODAY, asked, chunks, instant, known_by, subject

pytestmark = pytest.mark.django_db

SOURCE = PastRequests()
CLOSED = {"state": State.ANSWERED, "closed_at": instant("2026-09-20T10:00")}


def told(of: Subject | None = None, **options: Any) -> list[dict[str, Any]]:
    return [json.loads(text) for text in SOURCE.collect(of or subject(email=ALICE), **options)]


def references(of: Subject | None = None, **options: Any) -> set[str]:
    found = {each["reference"] for each in told(of, **options)}
    assert SOURCE.find(of or subject(email=ALICE), **options).rows == len(found)
    return found


def test_a_proven_request_is_the_readers() -> None:
    mine = asked(ALICE)
    asked(BOB)
    assert references() == {mine.reference}


def test_more_requests_than_one_statement_asks_for_are_told_each_once_with_their_own(olive: Staff) -> None:
    many = AT_ONCE[-1] + AT_ONCE[0] + 1
    mine = [asked(ALICE, **CLOSED, scope={"x": [str(number)]}) for number in range(many)]
    for each in mine:
        words = {"about": "scope", "reason": each.reference, "asked_at": each.received_at}
        Question.objects.create(data_request=each, asked_by=olive, **words)
    assert [each["reference"] for each in told()] == [each.reference for each in mine]
    assert all([question["reason"] for question in each["questions"]] == [each["reference"]] for each in told())


def test_an_address_that_somebody_typed_proves_nothing(olive: Staff) -> None:
    asked(ALICE, proven=False, message="Un secret d’un autre.")
    asked(ALICE, proven=False, channel=Channel.POST, entered_by=olive, state=State.REVIEW)
    assert references() == set()


def test_an_identifier_that_no_second_officer_confirmed_proves_nothing(olive: Staff) -> None:
    theirs = asked("mallory@example.org")
    Proof.objects.create(
        data_request=theirs, kind="email", value=ALICE, verified_by=Means.DOCUMENT, vouched_by=olive, verified_at=None
    )
    assert references() == set()


def test_a_request_entered_by_staff_is_theirs_once_an_identifier_is_verified(olive: Staff) -> None:
    posted = asked("", proven=False, channel=Channel.POST, entered_by=olive, state=State.REVIEW, postal_address="Paris")
    known = {"kind": "subscriber", "value": "A-7", "verified_by": Means.DOCUMENT, "verified_at": instant("2026-09-02")}
    Proof.objects.create(data_request=posted, **known)
    assert references(Subject(known_by(email=ALICE, subscriber="A-7"))) == {posted.reference}


def test_the_same_value_of_another_kind_is_not_the_same_identifier() -> None:
    asked("12")
    assert references(subject(account="12")) == set()


def test_a_request_that_joined_theirs_once_proven_is_theirs_too() -> None:
    first = asked(ALICE)
    second = _joined(first)
    assert references() == {first.reference, second.reference}


def _joined(first: DataRequest) -> DataRequest:
    second = asked(ALICE, proven=False)
    second.state, second.closed_at, second.joined_to = State.WITHDRAWN, instant("2026-09-02"), first
    second.confirmed_at = instant("2026-09-02")
    second.save()
    return second


def test_nobody_without_identifiers_finds_anything() -> None:
    asked(ALICE)
    assert references(Subject(frozenset())) == set()


def test_ticked_requests_and_those_of_a_time_can_be_chosen() -> None:
    first, second = asked(ALICE, when="2026-01-01"), asked(ALICE, when="2026-06-01", kind=Kind.ERASURE)
    assert references(rows=[second.reference]) == {second.reference}
    assert references(Subject(known_by(email=ALICE), before=instant("2026-03-01"))) == {first.reference}


def test_it_is_told_in_words_with_what_was_decided() -> None:
    asked(
        ALICE,
        kind=Kind.ERASURE,
        state=State.REFUSED,
        closed_at=instant("2026-09-20"),
        decided_at=instant("2026-09-20"),
        refusal_ground="identity",
        message="Effacez tout.",
        scope={"comments": ["1", "2"], "invoices": "*", "gone": "*"},
    )
    [row] = told()
    assert row["kind"] == "effacement de mes données"
    assert row["state"] == "refusée"
    assert row["message"] == "Effacez tout."
    assert row["scope"] == "Commentaires (2 enregistrements), Factures, gone"
    assert row["received_at"] == "2026-09-01T00:00:00.000000Z"
    assert row["refusal"].endswith(".")
    with translation.override("en"):
        assert told()[0]["channel"] == "form"


def test_what_belongs_to_a_request_comes_with_it(olive: Staff) -> None:
    mine = asked(ALICE, kind=Kind.RECTIFICATION)
    at = instant("2026-09-02")
    Question.objects.create(data_request=mine, about="identity", reason="Qui ?", asked_at=at, asked_by=olive)
    Correction.objects.create(
        data_request=mine, concept="family_name", old_value="Dupond", new_value="Dupont", decision="accepted"
    )
    Kept.objects.create(data_request=mine, source="invoices", ground="COMPTA", until=date(2036, 12, 31), rows=3)
    letter = {"letter": "code", "to": ALICE, "subject": "Votre code", "html": "", "message_id": "<1@x>"}
    Notice.objects.create(data_request=mine, text="Le voici : ⟦code⟧.", created_at=at, **letter)
    [row] = told()
    assert row["identifiers"][0]["value"] == ALICE
    assert row["questions"][0] | {"reason": "Qui ?", "answer": ""} == row["questions"][0]
    assert (row["corrections"][0]["what"], row["corrections"][0]["decision"]) == ("Nom", "acceptée")
    assert (row["kept"][0]["what"], row["kept"][0]["until"]) == ("Factures", "2036-12-31")
    assert row["letters"][0]["text"] == "Le voici : …."
    assert olive.reference not in json.dumps(row)


def test_a_changed_address_and_recipients_come_with_it_and_letters_to_others_do_not() -> None:
    mine = asked(ALICE, kind=Kind.RECTIFICATION)
    at = instant("2026-09-02")
    AddressChange.objects.create(data_request=mine, address="new@example.org", person="x", asked_at=at)
    letter = Notice.objects.create(
        data_request=mine, letter="recipient", to="bank@example.org", subject="Effacez", text="", html="", created_at=at
    )
    told_them = {"told_on": date(2026, 9, 3), "how": "", "settled_at": at, "letter": letter}
    RecipientNotice.objects.create(data_request=mine, recipient="banque", created_at=at, **told_them)
    [row] = told()
    assert [each["address"] for each in row["address_change"]] == ["new@example.org"]
    assert [(each["who"], each["told_on"]) for each in row["recipients"]] == [
        ("Banque Exemple SA, qui encaisse les paiements", "2026-09-03")
    ]
    assert row["letters"] == []


# What hangs on a request and is not told with it, for a reason that a newcomer has to find, too.
ELSEWHERE = {
    "secrets": "digests of codes, which open everything",
    "steps": "how far a worker is, without a word about the reader",
    "plans": "counts of what an erasure would do; what it left is told",
    "passages": "where the data of other persons stand in the reader's texts",
    "marked_texts": "likewise",
    "mentions": "what other persons wrote, with the reader's words in it; their rows are told by their sources",
    "certificate": "counts and what was kept, which is told",
    "asked_together": "requests of the same message, told as their own",
    "joined": "requests that joined this one, told as their own",
    "kept_list": "its lines are told as what was kept",
}


def test_all_that_hangs_on_a_request_is_told_or_has_a_reason() -> None:
    hanging = {each.get_accessor_name() for each in DataRequest._meta.related_objects}
    assert hanging == set(BESIDE) | set(ELSEWHERE)


def test_each_field_of_a_request_is_told_or_is_ours() -> None:
    ours = {"id", "scope_digest", "person", "asked_with", "joined_to", "assigned_to", "reminders"}
    staff = {"entered_by", "decided_by"}
    renamed = {"refusal_ground", "extension_ground"}
    fields = {field.name for field in DataRequest._meta.concrete_fields}
    assert fields - {column.name for column in SOURCE.columns()} == ours | staff | renamed


def test_every_member_is_a_declared_column_in_words() -> None:
    asked(ALICE)
    [row] = told()
    assert list(row) == [column.name for column in SOURCE.columns()]
    assert all(_declared(column, row[column.name]) for column in SOURCE.columns())


def _declared(column: Column, value: Any) -> bool:
    names = [each.name for each in column.columns]
    return not names or all(list(each) == names for each in value)


def test_an_erasure_keeps_them_all_and_says_until_when() -> None:
    asked(ALICE, when="2025-01-01", state=State.ANSWERED, closed_at=instant("2025-01-20"))
    asked(ALICE, **CLOSED, kind=Kind.RECTIFICATION)
    running = asked(ALICE, kind=Kind.ERASURE)
    plan = SOURCE.plan(subject(email=ALICE), on=TODAY)
    ends = [date(2030, 1, 20), date(2031, 9, 20), date(2031, 11, 23)]
    assert plan.kept == tuple(KeptRows("DSR", end, 1) for end in ends)
    assert (plan.erased, plan.rewritten, plan.fingerprint) == (0, 0, "")
    done = list(chunks(SOURCE, subject(email=ALICE), limit=1))
    assert [(each.erased, each.rewritten, each.cursor) for each in done] == [(0, 0, None)]
    assert running.reference in references()


def test_they_reveal_no_identifier() -> None:
    mine = asked(ALICE)
    Proof.objects.create(
        data_request=mine, kind="account", value="7", verified_by=Means.FILED, verified_at=instant("2026-09-02")
    )
    assert SOURCE.revealed(subject(email=ALICE)) == frozenset()


def test_the_queries_do_not_grow_with_the_requests(django_assert_num_queries: Any) -> None:
    for number in range(3):
        asked(ALICE, when=f"2026-0{number + 1}-01", **CLOSED)
    with django_assert_num_queries(12):
        assert len(told()) == 3
