"""The officer's decision."""

from datetime import timedelta

import pytest

from dsr.lifecycle import closing, execution, identity, triage, wishes
from dsr.lifecycle.wishes import Wish
from dsr.models.request import DataRequest
from dsr.permissions import Denied, NotNow, verbs
from dsr.states import Kind, State
from tests.lifecycle.shelf import Shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves")]


@pytest.fixture
def reviewed(asks, proves):
    def review(kind):
        return proves(asks(kind))

    return review


def test_refusing_needs_a_ground(reviewed, olive, at):
    with pytest.raises(triage.NoGround):
        triage.refuse(reviewed(Kind.ACCESS), because="workload", by=olive, at=at)


def test_refusing_as_excessive_needs_the_advice_of_the_dpo(reviewed, olive, at):
    data_request = reviewed(Kind.ACCESS)
    with pytest.raises(triage.NoAdvice):
        triage.refuse(data_request, because="unfounded-or-excessive", by=olive, at=at)
    refused = triage.refuse(data_request, because="unfounded-or-excessive", advice="Trente fois.", by=olive, at=at)
    assert refused.state == State.REFUSED
    assert refused.notices.get(answers=True).letter == "refusal"


def test_only_officers_decide(reviewed, mallory, remi, at):
    data_request = reviewed(Kind.ACCESS)
    for person in (mallory, remi):
        with pytest.raises(Denied):
            triage.accept(data_request, by=person, at=at)


def test_nobody_decides_before_the_mailbox_is_proven(asks, olive, at):
    with pytest.raises(NotNow):
        triage.accept(asks(Kind.ACCESS), by=olive, at=at)


def test_an_extension_counts_from_receipt(reviewed, olive, at):
    extended = triage.extend(reviewed(Kind.ACCESS), because="complexity", by=olive, at=at)
    assert str(extended.due_on) == "2026-12-16"


def test_an_extension_is_announced_in_the_first_month_or_not_at_all(reviewed, olive, at):
    with pytest.raises(triage.TooLateToExtend):
        triage.extend(reviewed(Kind.ACCESS), because="complexity", by=olive, at=at + timedelta(days=31))


def test_workload_is_no_reason_to_extend(reviewed, olive, at):
    with pytest.raises(triage.NoGround):
        triage.extend(reviewed(Kind.ACCESS), because="workload", by=olive, at=at)


def test_a_request_is_extended_once(reviewed, olive, at):
    data_request = reviewed(Kind.ACCESS)
    triage.extend(data_request, because="complexity", by=olive, at=at)
    with pytest.raises(NotNow):
        triage.extend(data_request, because="complexity", by=olive, at=at)


def test_a_doubt_on_identity_suspends_the_clock(reviewed, olive, at):
    asked = identity.doubt(reviewed(Kind.ACCESS), reason="Deux homonymes.", by=olive, at=at + timedelta(days=2))
    assert (asked.state, asked.due_on) == (State.AWAITING_READER, None)
    answered = identity.reply(asked, answer="Voici.", at=at + timedelta(days=10))
    assert (answered.state, str(answered.due_on)) == (State.REVIEW, "2026-10-26")


def test_a_doubt_that_comes_late_suspends_nothing(reviewed, olive, at):
    asked = identity.doubt(reviewed(Kind.ACCESS), reason="Deux homonymes.", by=olive, at=at + timedelta(days=8))
    assert str(asked.due_on) == "2026-10-16"
    assert asked.questions.get().contestable


def test_a_question_for_precision_suspends_nothing(reviewed, olive, at):
    asked = triage.ask(reviewed(Kind.ACCESS), question="Quels commentaires ?", by=olive, at=at)
    assert str(asked.due_on) == "2026-10-16"


def test_an_identity_that_is_never_proven_is_refused(reviewed, olive, at):
    asked = identity.doubt(reviewed(Kind.ACCESS), reason="Deux homonymes.", by=olive, at=at)
    refused = triage.give_up(asked, by=olive, at=at + timedelta(days=60))
    assert (refused.state, refused.refusal_ground) == (State.REFUSED, "identity")


def test_who_accepted_does_not_approve(reviewed, simone, works, at):
    data_request = reviewed(Kind.ERASURE)
    triage.accept(data_request, by=simone, at=at)
    works(data_request)
    with pytest.raises(Denied):
        execution.approve(data_request, fingerprint=execution.current_plan(data_request).fingerprint, by=simone, at=at)


def test_an_officer_without_the_second_role_does_not_approve(reviewed, olive, simone, works, at):
    data_request = reviewed(Kind.ERASURE)
    triage.accept(data_request, by=simone, at=at)
    works(data_request)
    with pytest.raises(Denied):
        execution.approve(data_request, fingerprint=execution.current_plan(data_request).fingerprint, by=olive, at=at)


def test_a_plan_that_is_not_ready_is_not_approved(reviewed, olive, simone, at):
    data_request = reviewed(Kind.ERASURE)
    triage.accept(data_request, by=olive, at=at)
    with pytest.raises(execution.NoPlanYet):
        execution.approve(data_request, fingerprint="", by=simone, at=at)


def test_another_fingerprint_than_the_plans_is_not_approved(reviewed, olive, simone, works, at):
    data_request = reviewed(Kind.ERASURE)
    triage.accept(data_request, by=olive, at=at)
    works(data_request)
    with pytest.raises(execution.PlanChanged):
        execution.approve(data_request, fingerprint="0" * 64, by=simone, at=at)


def test_an_erasure_sent_back_is_examined_again(reviewed, olive, simone, works, at):
    data_request = reviewed(Kind.ERASURE)
    triage.accept(data_request, by=olive, at=at)
    works(data_request)
    back = execution.send_back(data_request, by=simone, at=at)
    assert (back.state, back.decided_by) == (State.REVIEW, None)
    assert triage.accept(back, by=simone, at=at).state == State.APPROVAL


def test_a_request_about_an_article_never_reaches_the_eraser(reviewed, olive, at):
    routed = triage.route(reviewed(Kind.ERASURE), article="https://journal.example.org/a", by=olive, at=at)
    with pytest.raises(NotNow):
        triage.accept(routed, by=olive, at=at)
    answered = closing.answer(routed, text="Une note de mise à jour a été ajoutée.", by=olive, at=at)
    assert answered.state == State.ANSWERED


def test_a_correction_is_decided_by_itself(reviewed, olive, works, at):
    data_request = reviewed(Kind.RECTIFICATION)
    wishes.wish(data_request, wishes=[Wish("title", "Un", "Une"), Wish("title", "Deux", "Vingt")], at=at)
    with pytest.raises(triage.Undecided):
        triage.accept(data_request, by=olive, at=at)
    first, second = data_request.corrections.order_by("pk")
    triage.decide_correction(first, accepted=True, by=olive, at=at)
    triage.decide_correction(second, accepted=False, ground="nothing-to-rectify", by=olive, at=at)
    triage.accept(data_request, by=olive, at=at)
    assert works(data_request).state == State.ANSWERED
    assert [row["title"] for row in Shelf.rows] == ["Une", "Deux", "Trois"]


def test_a_value_that_changed_meanwhile_comes_back_to_the_officer(reviewed, olive, works, at):
    data_request = reviewed(Kind.RECTIFICATION)
    wishes.wish(data_request, wishes=[Wish("title", "Un", "Une")], at=at)
    triage.decide_correction(data_request.corrections.get(), accepted=True, by=olive, at=at)
    for row in (*Shelf.rows, *Shelf.__subclasses__()[0].rows):
        row["title"] = row["title"].replace("Un", "Mille")
    triage.accept(data_request, by=olive, at=at)
    assert works(data_request).state == State.REVIEW


def test_what_is_not_the_readers_is_not_correctable(reviewed, at):
    data_request = reviewed(Kind.RECTIFICATION)
    with pytest.raises(wishes.NotCorrectable):
        wishes.wish(data_request, wishes=[Wish("password", "", "x")], at=at)
    with pytest.raises(wishes.StaleValue):
        wishes.wish(data_request, wishes=[Wish("title", "Trois", "x")], at=at)


def test_an_identifier_on_a_document_wants_two_officers(reviewed, olive, simone, at):
    data_request = reviewed(Kind.ACCESS)
    read = identity.vouch(data_request, kind="subscriber", value="A-1", by=olive, at=at)
    assert identity.subject(data_request).values("subscriber") == ()
    with pytest.raises(Denied):
        identity.countersign(read, by=olive, at=at)
    identity.countersign(read, by=simone, at=at)
    assert identity.subject(data_request).values("subscriber") == ("A-1",)


def test_a_reader_withdraws_before_execution_only(reviewed, olive, at):
    data_request = reviewed(Kind.ACCESS)
    assert closing.withdraw(data_request, at=at).state == State.WITHDRAWN
    other = reviewed(Kind.ACCESS)
    triage.accept(other, by=olive, at=at)
    with pytest.raises(NotNow):
        closing.withdraw(other, at=at)


def test_the_desk_shows_only_what_is_allowed_now(reviewed, olive, remi):
    data_request = reviewed(Kind.ACCESS)
    assert verbs(olive, data_request) == ["assign", "accept", "refuse", "extend", "ask", "doubt", "vouch", "route"]
    assert verbs(remi, data_request) == []
    assert not DataRequest.objects.filter(decided_by=olive).exists()


def test_an_answer_that_came_by_post_is_noted_by_staff(reviewed, olive, at):
    asked = triage.ask(reviewed(Kind.ACCESS), question="Quels commentaires ?", by=olive, at=at)
    noted = identity.record_reply(asked, answer="Ceux de 2025, dit sa lettre.", by=olive, at=at)
    assert noted.state == State.REVIEW
    assert noted.questions.get().answer == "Ceux de 2025, dit sa lettre."


def test_only_a_doubt_on_identity_can_be_given_up(reviewed, olive, at):
    asked = triage.ask(reviewed(Kind.ACCESS), question="Quels commentaires ?", by=olive, at=at)
    assert verbs(olive, asked) == ["assign", "extend", "record_reply"]
    with pytest.raises(NotNow):
        triage.give_up(asked, by=olive, at=at)


def test_what_was_not_about_an_article_is_taken_back(reviewed, olive, at):
    routed = triage.route(reviewed(Kind.ERASURE), article="https://journal.example.org/a", by=olive, at=at)
    assert "accept" not in verbs(olive, routed)
    back = triage.unroute(routed, by=olive, at=at)
    assert triage.accept(back, by=olive, at=at).state == State.APPROVAL
