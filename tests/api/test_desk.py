"""Deciding requests through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dsr import permissions
from dsr.api import desk
from dsr.lifecycle import identity, wishes
from dsr.models.audit import AuditEntry
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice
from dsr.models.request import Channel, DataRequest
from dsr.models.staff import APPROVERS
from dsr.models.step import Status, Step
from dsr.notifications import onward
from dsr.states import Kind, State
from tests.api.conftest import V1, assert_problem
from tests.conftest import ALICE, staff

pytestmark = pytest.mark.django_db

ARTICLE = "https://example.org/2026/un-article"


@pytest.fixture
def alices(asks, proves):
    """A proven access request of Alice's."""
    return proves(asks(Kind.ACCESS, message="Tout ce que vous avez."))


@pytest.fixture
def acts(machine, olive):
    """Olive acts on a request through a machine."""
    caller = machine(olive)

    def act(data_request, verb, body=None):
        return caller.post(f"/desk/requests/{data_request.reference}/{verb}", body)

    return act


def entries(data_request, event):
    return AuditEntry.objects.filter(subject=data_request.reference, event=event)


def test_the_file_holds_what_an_officer_decides_on(machine, olive, alices):
    response = machine(olive).get(f"/desk/requests/{alices.reference}")
    seen = response.json()
    assert response["Cache-Control"] == "no-store"
    assert (seen["email"], seen["message"]) == (ALICE, "Tout ce que vous avez.")
    assert seen["verbs"] == permissions.verbs(olive, alices)
    assert [each["value"] for each in seen["identifiers"]] == [ALICE]
    assert (seen["plan"], seen["steps"], seen["questions"]) == (None, [], [])
    assert [line["event"] for line in seen["timeline"]][:1] == ["request.received"]
    assert {"n", "actor", "facts"} <= set(seen["timeline"][0])


def test_looking_at_a_file_is_recorded(machine, olive, alices):
    machine(olive).get(f"/desk/requests/{alices.reference}")
    assert entries(alices, "request.viewed").get().actor == olive.reference


def test_nobody_who_may_not_look_is_recorded_as_looking(machine, remi, alices):
    assert_problem(machine(remi).get(f"/desk/requests/{alices.reference}"), 403, "denied")
    assert not entries(alices, "request.viewed").exists()


def test_accepting_an_access_carries_it_out(acts, alices, work):
    accepted = acts(alices, "accept").json()
    assert (accepted["state"], accepted["turn"]) == ("executing", "system")
    assert "email" not in accepted
    work()
    alices.refresh_from_db()
    assert alices.state == "answered"


def test_refusing_needs_a_ground_of_the_list(acts, alices):
    assert_problem(acts(alices, "refuse", {}), 400, "invalid")
    assert_problem(acts(alices, "refuse", {"because": "tired"}), 400, "invalid")
    wrong_kind = assert_problem(acts(alices, "refuse", {"because": "nothing-to-rectify"}), 400, "no-ground")
    assert wrong_kind["errors"][0]["pointer"] == "#/because"
    assert acts(alices, "refuse", {"because": "rights-of-others"}).json()["state"] == "refused"


def test_some_grounds_need_the_dpos_advice(acts, alices):
    assert_problem(acts(alices, "refuse", {"because": "unfounded-or-excessive"}), 400, "no-advice")
    body = {"because": "unfounded-or-excessive", "advice": "Trentième demande du mois."}
    assert acts(alices, "refuse", body).json()["state"] == "refused"


def test_extending_happens_once_and_in_time(acts, asks, proves):
    fresh = proves(asks(at=timezone.now()), at=timezone.now())
    assert acts(fresh, "extend", {"because": "complexity"}).json()["extended"] is True
    assert_problem(acts(fresh, "extend", {"because": "complexity"}), 409, "not-now")
    then = timezone.now() - timedelta(days=40)
    old = proves(asks(Kind.ERASURE, at=then), at=then)
    assert_problem(acts(old, "extend", {"because": "complexity"}), 409, "too-late-to-extend")


def test_a_precision_is_asked_and_the_reader_answers(acts, alices, at):
    assert acts(alices, "ask", {"question": "Quel compte ?"}).json()["state"] == "awaiting_reader"
    assert alices.questions.get().reason == "Quel compte ?"
    assert_problem(acts(alices, "accept"), 409, "not-now")


def test_a_doubt_waits_and_may_end_in_a_refusal(acts, alices):
    assert acts(alices, "doubt", {"reason": "Deux comptes portent ce nom."}).json()["turn"] == "reader"
    assert acts(alices, "give_up").json()["state"] == "refused"


def test_an_identifier_read_on_a_document_wants_two_people(acts, machine, olive, simone, alices):
    acts(alices, "vouch", {"kind": "subscriber", "value": "A-1234"})
    proposed = alices.identifiers.get(kind="subscriber")
    place = f"/desk/requests/{alices.reference}/identifiers/{proposed.pk}/countersign"
    assert_problem(machine(olive).post(place), 403, "denied")
    assert machine(simone).post(place).status_code == 200
    proposed.refresh_from_db()
    assert proposed.verified_at is not None


def test_a_request_about_an_article_is_routed_and_answered(acts, alices):
    assert_problem(acts(alices, "route", {"article": "javascript:x"}), 400, "invalid")
    routed = acts(alices, "route", {"article": ARTICLE}).json()
    assert "answer" in routed["verbs"]
    assert "accept" not in routed["verbs"]
    assert acts(alices, "answer", {"text": "Nous avons ajouté une note."}).json()["state"] == "answered"


def test_a_request_is_entrusted_to_staff_who_may_see_it(acts, alices, olive, simone, remi):
    assert acts(alices, "assign", {"to": simone.reference}).json()["assigned_to"] == simone.reference
    assert_problem(acts(alices, "assign", {"to": remi.reference}), 403, "denied")
    for nobody in ("S-222222", "S-2\0", "", "x" * 200):
        assert_problem(acts(alices, "assign", {"to": nobody}), 400, "invalid")


def test_corrections_are_decided_one_by_one(acts, asks, proves, at):
    data_request = proves(asks(Kind.RECTIFICATION))
    wishes.wish(data_request, wishes=[wishes.Wish("family_name", "Martin", "Roy")], at=at)
    correction = data_request.corrections.get()
    place = f"corrections/{correction.pk}/decide"
    assert_problem(acts(data_request, "accept"), 409, "undecided")
    assert_problem(acts(data_request, place, {"accepted": "yes"}), 400, "invalid")
    assert_problem(acts(data_request, place, {"accepted": False}), 400, "no-ground")
    assert acts(data_request, place, {"accepted": True}).status_code == 200
    correction.refresh_from_db()
    assert correction.decision == "accepted"


def test_a_part_of_another_request_is_not_found(acts, asks, proves, alices, at):
    other = proves(asks(Kind.RECTIFICATION))
    wishes.wish(other, wishes=[wishes.Wish("family_name", "Martin", "Roy")], at=at)
    number = other.corrections.get().pk
    assert_problem(acts(alices, f"corrections/{number}/decide", {"accepted": True}), 404)
    assert_problem(acts(alices, f"corrections/{10**30}/decide", {"accepted": True}), 404)


def test_an_erasure_wants_a_second_officer_and_the_plan_they_saw(acts, machine, olive, simone, asks, proves, work):
    data_request = proves(asks(Kind.ERASURE))
    assert acts(data_request, "accept").json()["state"] == "approval"
    assert_problem(
        machine(simone).post(f"/desk/requests/{data_request.reference}/approve", {"fingerprint": "x"}),
        409,
        "no-plan-yet",
    )
    work()
    plan = machine(simone).get(f"/desk/requests/{data_request.reference}").json()["plan"]
    assert plan["lines"][0]["source"] == "letters"
    assert plan["lines"][0]["kept"] == [{"ground": "LITIGE-5", "until": "2031-08-31", "rows": 1}]
    place = f"/desk/requests/{data_request.reference}/approve"
    assert_problem(machine(simone).post(place, {"fingerprint": "0" * 64}), 409, "plan-changed")
    assert_problem(machine(olive).post(place, {"fingerprint": plan["fingerprint"]}), 403, "denied")
    assert machine(simone).post(place, {"fingerprint": plan["fingerprint"]}).json()["state"] == "executing"


def test_an_officer_never_approves_what_they_accepted(machine, simone, asks, proves, work):
    """Simone holds both permissions: only the four-eyes rule stops her."""
    data_request, caller = proves(asks(Kind.ERASURE)), machine(simone)
    caller.post(f"/desk/requests/{data_request.reference}/accept")
    work()
    plan = caller.get(f"/desk/requests/{data_request.reference}").json()["plan"]
    body = {"fingerprint": plan["fingerprint"]}
    assert_problem(caller.post(f"/desk/requests/{data_request.reference}/approve", body), 403, "denied")


def test_an_erasure_is_planned_again_or_sent_back(acts, machine, simone, asks, proves, work):
    data_request = proves(asks(Kind.ERASURE))
    acts(data_request, "accept")
    work()
    assert acts(data_request, "plan").json()["state"] == "approval"
    sent_back = machine(simone).post(f"/desk/requests/{data_request.reference}/send_back")
    assert sent_back.json()["state"] == "review"


def test_a_step_that_needs_attention_is_retried(acts, alices):
    acts(alices, "accept")
    step = Step.objects.filter(data_request=alices).first()
    Step.objects.filter(pk=step.pk).update(status=Status.NEEDS_ATTENTION)
    assert acts(alices, f"steps/{step.pk}/retry").status_code == 200
    step.refresh_from_db()
    assert step.status == Status.PENDING


ENTERED = {
    "kind": "access",
    "channel": "post",
    "language": "fr",
    "received_at": "2026-09-01T10:00:00+02:00",
    "postal_address": "Alice Martin, 2 rue des Lilas, 75020 Paris",
}


def test_staff_type_in_a_letter_with_its_true_date(machine, olive):
    response = machine(olive).post("/desk/requests", ENTERED)
    entered = DataRequest.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"{V1}/desk/requests/{entered.reference}"
    assert (entered.channel, str(entered.received_on), entered.entered_by) == (Channel.POST, "2026-09-01", olive)
    assert response.json()["due_on"] == "2026-10-01"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"received_at": "2999-01-01T00:00:00Z"}, "received-in-the-future", "#/received_at"),
        ({"received_at": "9999-12-31T23:59:59Z"}, "invalid", "#/received_at"),
        ({"received_at": "0001-01-01T00:00:00Z"}, "invalid", "#/received_at"),
        ({"received_at": "0001-01-01T00:00:00"}, "invalid", "#/received_at"),
        ({"received_at": "9999-12-31T23:59:59"}, "received-in-the-future", "#/received_at"),
        ({"received_at": "1999-01-01T00:00:00Z"}, "invalid", "#/received_at"),
        ({"received_at": "yesterday"}, "invalid", "#/received_at"),
        ({"received_at": 12}, "invalid", "#/received_at"),
        ({"postal_address": ""}, "no-way-to-answer", "#/email"),
        ({"postal_address": "x\0"}, "invalid", "#/postal_address"),
        ({"channel": "pigeon"}, "invalid", "#/channel"),
        ({"channel": "form"}, "invalid", "#/channel"),
        ({"channel": "api"}, "invalid", "#/channel"),
        ({"email": "alice@nowhere"}, "invalid", "#/email"),
    ],
)
def test_what_cannot_be_typed_in_is_named(machine, olive, changes, code, pointer):
    document = assert_problem(machine(olive).post("/desk/requests", {**ENTERED, **changes}), 400, code)
    assert pointer in {error["pointer"] for error in document["errors"]}
    assert not DataRequest.objects.exists()


def test_a_posted_letter_stops_the_clock(machine, olive):
    caller = machine(olive)
    caller.post("/desk/requests", {**ENTERED, "kind": "other"})
    data_request = DataRequest.objects.get()
    caller.post(f"/desk/requests/{data_request.reference}/answer", {"text": "Voici notre réponse."})
    letter = Notice.objects.get(answers=True)
    place = f"/desk/requests/{data_request.reference}/notices/{letter.pk}/posted"
    assert_problem(caller.post(place, {"on": "2026-09-01"}), 400, "wrong-posting-day")
    assert_problem(caller.post(place, {"on": "0001-01-01"}), 400, "invalid")
    assert caller.post(place, {"on": timezone.localdate().isoformat()}).json()["answer_sent_at"]


def test_an_unknown_request_is_not_found(machine, olive):
    assert_problem(machine(olive).get("/desk/requests/DSR-2222-2222"), 404)
    assert_problem(machine(olive).post("/desk/requests/DSR-2222-2222/accept"), 404)


ADDRESSES = [
    ("get", "/desk/requests"),
    ("post", "/desk/requests"),
    ("get", "/desk/requests/DSR-2222-2222"),
    *(
        ("post", f"/desk/requests/DSR-2222-2222/{verb.part}{'/1/' if verb.part else ''}{verb.name}")
        for verb in desk.VERBS
    ),
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_the_desk_is_closed_to_all_but_those_who_see_requests(method, path, anyone, machine, remi, mallory):
    """Without permission nobody learns even whether a request exists."""
    assert_problem(getattr(anyone, method)(path), 401)
    for person in (remi, mallory):
        assert_problem(getattr(machine(person), method)(path), 403, "denied")


def test_every_verb_of_a_desk_is_there():
    assert set(permissions.SHOWN) <= {verb.name for verb in desk.VERBS}


def test_an_approver_who_is_no_officer_decides_nothing(machine, alices):
    approver = machine(staff("ada", APPROVERS))
    assert approver.get(f"/desk/requests/{alices.reference}").json()["verbs"] == []
    assert_problem(approver.post(f"/desk/requests/{alices.reference}/accept"), 403, "denied")
    assert_problem(approver.post("/desk/requests", ENTERED), 403, "denied")


def test_a_reader_token_opens_no_desk(bearer, alices):
    assert_problem(bearer(alices).get(f"/desk/requests/{alices.reference}"), 401)


def test_a_staff_token_is_no_reader_token(machine, olive, alices):
    assert_problem(machine(olive).get(f"/requests/{alices.reference}"), 401)


def test_the_answer_to_the_question_is_shown_to_the_officer(acts, machine, olive, alices):
    acts(alices, "ask", {"question": "Quel compte ?"})
    identity.reply(alices, answer="Le second.", at=timezone.now())
    (question,) = machine(olive).get(f"/desk/requests/{alices.reference}").json()["questions"]
    assert (question["answer"], question["suspends"]) == ("Le second.", False)


@pytest.fixture
def untold(alices, at):
    """A recipient to tell, once all is done."""
    DataRequest.objects.filter(pk=alices.pk).update(state=State.EXECUTING)
    task = RecipientNotice(data_request=alices, recipient="banque", created_at=at)
    onward.seal(task, ALICE)
    task.save()
    return task


def test_a_recipient_is_told_and_replies(acts, alices, untold, machine, olive):
    today = timezone.localdate().isoformat()
    assert acts(alices, f"recipients/{untold.pk}/told", {"on": today, "how": "Extranet"}).status_code == 200
    assert acts(alices, f"recipients/{untold.pk}/replied", {"on": today, "reply": "Fait."}).status_code == 200
    (seen,) = machine(olive).get(f"/desk/requests/{alices.reference}").json()["recipients"]
    assert (seen["recipient"], seen["told_on"], seen["replied_on"]) == ("banque", today, today)


def test_why_a_recipient_cannot_be_told_wants_its_words(acts, alices, untold):
    where = f"recipients/{untold.pk}/impossible"
    assert_problem(acts(alices, where, {"because": "gone", "explanation": ""}), 400, "invalid")
    assert acts(alices, where, {"because": "gone", "explanation": "Liquidée."}).status_code == 200
    assert entries(alices, "recipient.impossible").get().facts == {"recipient": "banque", "ground": "gone"}


def test_a_recipient_is_not_told_tomorrow(acts, alices, untold):
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert_problem(acts(alices, f"recipients/{untold.pk}/told", {"on": tomorrow}), 400, "wrong-day")
