"""Accepted corrections carried out on the newspaper's own tables: all at once, once, and told when they cannot be."""

import pytest

from dsr import permissions
from dsr.lifecycle import execution, rectifying, restricting, running, triage, wishes
from dsr.lifecycle.rectifying import Rectification
from dsr.models.audit import AuditEntry
from dsr.models.correction import Decision, Restriction
from dsr.models.statement import Statement
from dsr.models.step import Status, Step
from dsr.readers.models import Comment, NewsletterSubscription
from dsr.sources.registry import source
from dsr.states import Kind, State
from tests.conftest import ALICE, BOB
from tests.sources.readers import account, comment, erase, instant, subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return account(ALICE, given_name="Martin", family_name="Alice", city="Lyon", pen_name="Alix")


@pytest.fixture
def wished(alice, asks, proves, at):
    """Alice wishes, value by value."""

    def wish(*wished):
        data_request = proves(asks(Kind.RECTIFICATION))
        wishes.wish(data_request, wishes=[wishes.Wish(*each) for each in wished], at=at)
        return data_request

    return wish


@pytest.fixture
def accepts(olive, at):
    """Olive accepts every wish, then the request."""

    def accept(data_request):
        for correction in data_request.corrections.all():
            triage.decide_correction(correction, accepted=True, by=olive, at=at)
        return triage.accept(data_request, by=olive, at=at)

    return accept


def names():
    return list(Comment.objects.order_by("pk").values_list("author_name", flat=True))


def test_two_concepts_trade_their_values(wished, accepts, works, alice):
    works(accepts(wished(("given_name", "Martin", "Alice"), ("family_name", "Alice", "Martin"))))
    alice.refresh_from_db()
    assert (alice.given_name, alice.family_name) == ("Alice", "Martin")


@pytest.mark.parametrize("rows", [1, 2, 500])
def test_values_of_one_concept_trade_places_and_chains_do_not_run_on(wished, accepts, works, alice, settings, rows):
    settings.DSR_CHUNK_ROWS = rows
    for name in ["A", "B", "C", "A", "B", "C"]:
        comment(account=alice, author_name=name)
    swapped = [("pen_name", "A", "B"), ("pen_name", "B", "C"), ("pen_name", "C", "A")]
    assert works(accepts(wished(*swapped))).state == State.ANSWERED
    assert names() == ["B", "C", "A", "B", "C", "A"]


def test_a_chain_carried_out_twice_is_carried_out_once(wished, accepts, works, alice):
    for name in ["A", "B"]:
        comment(account=alice, author_name=name)
    data_request = works(accepts(wished(("pen_name", "A", "B"), ("pen_name", "B", "A"))))
    Step.objects.filter(source="comments").update(status=Status.PENDING, cursor={})
    running.run(Step.objects.get(source="comments", data_request=data_request).pk, now=lambda: instant("2026-09-20"))
    assert names() == ["B", "A"]


def test_a_row_that_took_another_value_before_the_chain_reached_it_goes_back(wished, accepts, works, alice):
    for name in ["A", "B"]:
        comment(account=alice, author_name=name)
    data_request = accepts(wished(("pen_name", "A", "B"), ("pen_name", "B", "A")))
    Comment.objects.filter(author_name="A").update(author_name="Z")
    assert works(data_request).state == State.REVIEW
    assert names() == ["Z", "A"]


def test_a_changed_value_goes_back_to_the_officer_and_nothing_is_told(wished, accepts, works, alice):
    data_request = accepts(wished(("city", "Lyon", "Lille"), ("pen_name", "Alix", "Alice")))
    alice.city = "Nice"
    alice.save()
    data_request = works(data_request)
    stale = data_request.corrections.get(concept="city")
    assert (data_request.state, stale.decision, bool(stale.stale_at)) == (State.REVIEW, Decision.PENDING, True)
    assert data_request.corrections.get(concept="pen_name").decision == Decision.ACCEPTED
    assert not data_request.notices.filter(letter="rectified").exists()


def test_a_value_the_database_refuses_is_a_sentence_at_the_desk(wished, accepts, moves, works, alice):
    subscribed = {"list_name": "matin", "subscribed_at": instant("2024-01-01")}
    NewsletterSubscription.objects.create(email=ALICE, **subscribed)
    data_request = accepts(wished(("email", ALICE, "new@example.org")))
    NewsletterSubscription.objects.create(email="new@example.org", **subscribed)
    moves(data_request)
    data_request = works(data_request)
    (step,) = data_request.steps.filter(status=Status.NEEDS_ATTENTION)
    assert "Adresse électronique" in step.failure
    assert "@" not in step.failure
    assert (step.source, data_request.state) == ("newsletter_subscriptions", State.EXECUTING)


def test_a_rectification_the_database_refuses_is_taken_back_and_decided_anew(
    wished, accepts, moves, works, alice, olive, at
):
    subscribed = {"list_name": "matin", "subscribed_at": instant("2024-01-01")}
    NewsletterSubscription.objects.create(email=ALICE, **subscribed)
    data_request = accepts(wished(("email", ALICE, "new@example.org"), ("city", "Lyon", "Lille")))
    taken = NewsletterSubscription.objects.create(email="new@example.org", **subscribed)
    moves(data_request)
    data_request = works(data_request)
    assert "take_back" in permissions.verbs(olive, data_request)
    data_request = execution.take_back(data_request, by=olive, at=at)
    decisions = dict(data_request.corrections.values_list("concept", "decision"))
    assert (data_request.state, data_request.decided_by) == (State.REVIEW, None)
    assert decisions == {"email": Decision.PENDING, "city": Decision.ACCEPTED}
    assert AuditEntry.objects.get(event="request.returned").facts == {"reason": "value-not-written"}
    taken.delete()
    data_request = works(accepts(data_request))
    assert data_request.state == State.ANSWERED
    assert set(NewsletterSubscription.objects.values_list("email", flat=True)) == {"new@example.org"}


def test_a_rectification_that_goes_on_is_not_taken_back(wished, accepts, alice, olive, at):
    data_request = accepts(wished(("city", "Lyon", "Lille")))
    with pytest.raises(permissions.NotNow):
        execution.take_back(data_request, by=olive, at=at)


def test_an_officer_grants_another_value_and_says_why(wished, works, alice, olive, at):
    data_request = wished(("city", "Lyon", "Lile"))
    correction = data_request.corrections.get()
    triage.decide_correction(correction, accepted=True, value="Lille", reason="La graphie.", by=olive, at=at)
    data_request = works(triage.accept(data_request, by=olive, at=at))
    alice.refresh_from_db()
    assert (alice.city, data_request.state) == ("Lille", State.ANSWERED)
    assert "La graphie." in data_request.notices.get(letter="rectified").text


@pytest.mark.parametrize(
    ("value", "reason", "refusal"),
    [
        ("x" * 200, "Trop long", wishes.UnacceptableWish),
        ("Lyon", "Déjà là", wishes.UnacceptableWish),
        ("Nice", " ", Exception),
    ],
)
def test_what_is_granted_is_tried_and_has_its_reason(wished, olive, at, value, reason, refusal):
    correction = wished(("city", "Lyon", "Lille")).corrections.get()
    with pytest.raises(refusal):
        triage.decide_correction(correction, accepted=True, value=value, reason=reason, by=olive, at=at)
    correction.refresh_from_db()
    assert correction.decision == Decision.PENDING


def test_a_wish_taken_back_is_no_wish(wished, at):
    data_request = wished(("city", "Lyon", "Lille"))
    wishes.wish(data_request, wishes=[wishes.Wish("city", "Lyon", "Lyon")], at=at)
    assert not data_request.corrections.exists()
    assert not Restriction.objects.exists()


def test_an_address_that_is_known_is_wished_like_any_other(wished):
    account(BOB)
    assert wished(("email", ALICE, BOB)).corrections.count() == 1


def test_contested_fields_are_marked_until_the_answer_has_left(wished, accepts, works, alice, at):
    comment(account=alice, author_name="Alix")
    comment(author_email=BOB, author_name="Alix")
    data_request = wished(("pen_name", "Alix", "Alice"))
    marked = Restriction.objects.live().values_list("source", "field", "key")
    assert set(marked) == {
        ("accounts", "pen_name", str(alice.pk)),
        ("comments", "author_name", str(Comment.objects.first().pk)),
    }
    works(accepts(data_request))
    assert (restricting.lift(at=at), Restriction.objects.live().count()) == (0, 2)
    type(data_request).objects.update(answer_sent_at=at)
    assert Restriction.objects.live().count() == 0
    assert (restricting.lift(at=at), Restriction.objects.count(), restricting.lift(at=at)) == (1, 0, 0)
    assert set(AuditEntry.objects.filter(event__startswith="restriction").values_list("event", flat=True)) == {
        "restriction.laid",
        "restriction.lifted",
    }


def test_a_step_without_chains_reads_no_mark(wished, accepts, django_assert_num_queries):
    step = Step.objects.filter(data_request=accepts(wished(("city", "Lyon", "Lille")))).first()
    rectification = Rectification(step)
    with django_assert_num_queries(0):
        assert rectification._marks(0, 500) == []


def test_a_statement_is_filed_once_found_again_and_erased_like_the_rest(wished, accepts, works, alice, at):
    data_request = works(accepts(wished(("statement", "", "J’ai changé de nom en 2020."))))
    assert data_request.state == State.ANSWERED
    (filed,) = Statement.objects.all()
    assert (filed.email, filed.text, filed.reference) == (ALICE, "J’ai changé de nom en 2020.", data_request.reference)
    rectifying.file_statement(data_request, at=at)
    reader = subject(email=ALICE)
    (record,) = source("statements").collect(reader)
    assert "J’ai changé de nom" in record
    assert ("statement", filed.text) in {(each.concept, each.value) for each in source("statements").values(reader)}
    erase(source("statements"), reader)
    assert not Statement.objects.exists()


def test_a_refused_statement_is_filed_nowhere(wished, olive, works, alice, at):
    data_request = wished(("statement", "", "Une opinion."), ("city", "Lyon", "Lille"))
    for correction in data_request.corrections.all():
        accepted = correction.concept == "city"
        triage.decide_correction(correction, accepted=accepted, ground="nothing-to-rectify", by=olive, at=at)
    assert works(triage.accept(data_request, by=olive, at=at)).state == State.ANSWERED
    assert not Statement.objects.exists()
