"""The review of the log: opened by itself, marked, signed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from dsr.audit import checkpoints, log, sequencer, tree
from dsr.models.audit import AuditEntry
from dsr.models.review import Finding, Mark, Review
from dsr.models.tree import Checkpoint, Head
from dsr.oversight import keeping, reviews
from dsr.permissions import Denied

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def refused(writes, asks, olive, simone):
    """Four refusals: three of Olive's, one on another ground; one of Simone's."""
    grounds = [(olive, "identity"), (olive, "identity"), (olive, "unfounded-or-excessive"), (simone, "identity")]
    return [writes("request.refused", asks(), by=who, ground=ground) for who, ground in grounds]


@pytest.fixture
def review(refused, remi, at):
    """A review that Rémi opened."""
    return reviews.open_now(by=remi, at=at)


@pytest.fixture
def marks(remi, at):
    """Rémi marks every finding of a review."""

    def mark_all(review, *, by=remi, mark=Mark.EXPLAINED):
        for finding in review.findings.all():
            reviews.mark(finding, mark=mark, note="Vu.", by=by, at=at)

    return mark_all


def of(review, rule):
    return {(each.actor, each.detail): each for each in review.findings.filter(rule=rule)}


def newest(event):
    return AuditEntry.objects.filter(event=event).latest("pk")


# Opening


def test_there_is_one_finding_for_each_rule_person_and_code(review, olive, simone):
    found = of(review, "refusals")
    assert set(found) == {
        (olive.reference, "identity"),
        (olive.reference, "unfounded-or-excessive"),
        (simone.reference, "identity"),
    }
    assert found[olive.reference, "identity"].count == 2


def test_a_finding_names_the_places_of_its_entries(review, refused, olive):
    finding = of(review, "refusals")[olive.reference, "identity"]
    assert finding.entries == [refused[0].leaf.index, refused[1].leaf.index]


def test_a_finding_lists_the_first_of_its_entries_and_counts_all(writes, asks, olive, remi, at):
    data_request = asks()
    for _time in range(reviews.SHOWN + 5):
        writes("request.viewed", data_request, by=olive)
    finding = of(reviews.open_now(by=remi, at=at), "unassigned")[olive.reference, ""]
    assert finding.count == reviews.SHOWN + 5
    assert len(finding.entries) == reviews.SHOWN
    assert finding.entries == sorted(finding.entries)


def test_a_review_spans_everything_up_to_its_checkpoint(review):
    assert (review.start, review.end) == (0, Checkpoint.objects.first().size)
    assert sum(review.figures.values()) == review.end
    assert review.figures["request.refused"] == 4


def test_the_next_begins_where_the_last_ended(review, writes, asks, remi, olive, at):
    writes("request.refused", asks(), by=olive, ground="identity")
    following = reviews.open_now(by=remi, at=at + DAY)
    assert following.start == review.end
    assert of(following, "refusals")[olive.reference, "identity"].count == 1


def test_opening_is_an_entry_that_names_the_span(review, remi):
    entry = newest("review.opened")
    assert (entry.subject, entry.actor) == (review.reference, remi.reference)
    assert entry.facts == {"start": 0, "end": review.end, "findings": review.findings.count()}


def test_officers_open_none(refused, olive, at):
    with pytest.raises(Denied):
        reviews.open_now(by=olive, at=at)
    assert not Review.objects.exists()


def test_a_second_click_opens_no_second_review(review, remi, at):
    with pytest.raises(reviews.NothingNew):
        reviews.open_now(by=remi, at=at)
    assert Review.objects.count() == 1


def test_two_opened_at_once_are_one(refused, remi, at, monkeypatch):
    """The second read the log before the first had its review kept."""
    keep = reviews._keep

    def keep_after_another(span, checkpoint, drawn, **how):
        monkeypatch.setattr(reviews, "_keep", keep)
        keep(span, checkpoint, [], **how)
        return keep(span, checkpoint, drawn, **how)

    monkeypatch.setattr(reviews, "_keep", keep_after_another)
    with pytest.raises(reviews.NothingNew):
        reviews.open_now(by=remi, at=at)
    assert Review.objects.count() == 1
    assert AuditEntry.objects.filter(event="review.opened").count() == 1


def test_an_empty_log_has_nothing_to_review(remi, at):
    with pytest.raises(reviews.NothingNew):
        reviews.open_now(by=remi, at=at)


def test_reviewing_alone_is_nothing_to_review(review, marks, writes, remi, at):
    marks(review)
    reviews.sign(review, by=remi, at=at)
    writes("log.viewed", by=remi)
    with pytest.raises(reviews.NothingNew):
        reviews.open_now(by=remi, at=at + DAY)


def test_what_reviewing_wrote_is_in_the_next_review(review, writes, asks, olive, remi, at):
    writes("log.viewed", by=remi)
    writes("request.viewed", asks(), by=olive)
    following = reviews.open_now(by=remi, at=at + DAY)
    assert following.figures["review.opened"] == 1
    assert following.figures["log.viewed"] == 1


def test_a_log_that_does_not_continue_its_checkpoint_opens_nothing(refused, remi, at, monkeypatch):
    def refuse(**_how):
        raise checkpoints.Inconsistent("the log has 3 entries, and 9 were published")

    monkeypatch.setattr(checkpoints, "publish", refuse)
    with pytest.raises(reviews.NothingNew):
        reviews.open_now(by=remi, at=at)


# By itself, once a month


def test_a_month_after_the_first_entry_a_review_opens_by_itself(refused, at):
    sequencer.run()
    assert reviews.next_on(at=at) == date(2026, 10, 16)
    assert reviews.open_due(at=at + 29 * DAY) is None
    opened = reviews.open_due(at=at + 30 * DAY)
    assert newest("review.opened").actor == log.SYSTEM
    assert opened.due_on == date(2026, 10, 30)


def test_it_opens_exactly_once(refused, writes, asks, olive, at):
    sequencer.run()
    assert reviews.open_due(at=at + 30 * DAY)
    writes("request.viewed", asks(), by=olive)
    for days in (30, 31, 60):
        assert reviews.open_due(at=at + days * DAY) is None
    assert reviews.open_due(at=at + 61 * DAY)


def test_nothing_new_opens_nothing(review, at):
    assert reviews.open_due(at=at + 300 * DAY) is None
    assert Review.objects.count() == 1


def test_an_empty_log_opens_nothing(db, at):
    assert reviews.next_on(at=at) is None
    assert reviews.open_due(at=at) is None


def test_the_setting_says_every_how_many_months(refused, settings, at):
    settings.DSR_REVIEW_MONTHS = 3
    sequencer.run()
    assert reviews.next_on(at=at) == date(2026, 12, 16)
    assert reviews.open_due(at=at + 90 * DAY) is None
    assert reviews.open_due(at=at + 91 * DAY)


def test_the_setting_says_how_many_days_there_are_to_sign(refused, settings, remi, at):
    settings.DSR_REVIEW_DAYS = 5
    assert reviews.open_now(by=remi, at=at).due_on == date(2026, 9, 21)


# Overdue


@pytest.mark.parametrize(("days", "count"), [(0, 0), (14, 0), (15, 1)])
def test_a_review_not_signed_after_its_day_is_overdue(days, count, review, at):
    assert reviews.overdue(at=at + days * DAY) == count


def test_a_signed_review_is_not_overdue(review, marks, remi, at):
    marks(review)
    reviews.sign(review, by=remi, at=at)
    assert reviews.overdue(at=at + 20 * DAY) == 0


@pytest.mark.parametrize(("days", "count"), [(30, 0), (32, 0), (33, 1)])
def test_a_review_that_did_not_open_by_itself_is_overdue(days, count, refused, at):
    sequencer.run()
    assert reviews.overdue(at=at + days * DAY) == count


def test_no_review_is_missed_when_there_is_nothing_to_review(review, marks, remi, at):
    marks(review)
    reviews.sign(review, by=remi, at=at)
    sequencer.run()
    assert reviews.overdue(at=at + 300 * DAY) == 0


# Marking


def test_a_mark_has_its_note_its_auditor_and_its_entry(review, remi, at):
    finding = reviews.mark(review.findings.first(), mark=Mark.FOLLOW_UP, note="  À revoir. ", by=remi, at=at)
    finding.refresh_from_db()
    assert (finding.mark, finding.note, finding.marked_by) == (Mark.FOLLOW_UP, "À revoir.", remi)
    entry = newest("review.marked")
    assert entry.subject == review.reference
    assert entry.facts == {"rule": finding.rule, "finding": finding.pk, "mark": "follow_up"}


@pytest.mark.parametrize("note", ["", "   ", "\n\t"])
def test_a_mark_needs_a_note(note, review, remi, at):
    with pytest.raises(reviews.NoNote):
        reviews.mark(review.findings.first(), mark=Mark.EXPLAINED, note=note, by=remi, at=at)
    assert not review.findings.exclude(mark="").exists()


def test_the_last_word_counts(review, remi, other, at):
    finding = review.findings.first()
    reviews.mark(finding, mark=Mark.FOLLOW_UP, note="À revoir.", by=remi, at=at)
    reviews.mark(finding, mark=Mark.EXPLAINED, note="Revu.", by=other, at=at + DAY)
    finding.refresh_from_db()
    assert (finding.mark, finding.note, finding.marked_by) == (Mark.EXPLAINED, "Revu.", other)


def test_officers_mark_nothing(review, olive, at):
    with pytest.raises(Denied):
        reviews.mark(review.findings.first(), mark=Mark.EXPLAINED, note="Vu.", by=olive, at=at)


def test_nobody_reviews_their_own_acts(writes, asks, remi, other, at):
    writes("request.viewed", asks(), by=remi)
    review = reviews.open_now(by=other, at=at)
    [finding] = review.findings.filter(rule="unassigned")
    with pytest.raises(Denied, match="vos propres actes"):
        reviews.mark(finding, mark=Mark.EXPLAINED, note="Rien à dire.", by=remi, at=at)
    assert reviews.mark(finding, mark=Mark.EXPLAINED, note="Vu.", by=other, at=at).mark == Mark.EXPLAINED


def test_a_mark_without_its_auditor_is_not_kept(review):
    with pytest.raises(IntegrityError), transaction.atomic():
        review.findings.update(mark=Mark.EXPLAINED)


# Signing


def test_a_review_is_signed_once_all_is_marked(review, marks, remi, at):
    with pytest.raises(reviews.Unmarked):
        reviews.sign(review, by=remi, at=at)
    marks(review)
    Finding.objects.filter(pk=review.findings.first().pk).update(mark="", marked_by=None, marked_at=None)
    with pytest.raises(reviews.Unmarked):
        reviews.sign(review, by=remi, at=at)
    marks(review)
    assert reviews.sign(review, by=remi, at=at).signed_by == remi


def test_the_signature_is_an_entry_that_names_the_checkpoint(review, marks, remi, at):
    marks(review, mark=Mark.FOLLOW_UP)
    reviews.mark(review.findings.first(), mark=Mark.EXPLAINED, note="Vu.", by=remi, at=at)
    reviews.sign(review, by=remi, at=at)
    entry = newest("review.signed")
    assert entry.facts == {
        "start": 0,
        "end": review.end,
        "root": tree.root(review.end).hex(),
        "explained": 1,
        "follow_up": review.findings.count() - 1,
    }
    assert entry.facts["root"] == checkpoints.opened(review.checkpoint.note).root.hex()


def test_what_is_signed_stays(review, marks, remi, other, at):
    marks(review)
    reviews.sign(review, by=remi, at=at)
    with pytest.raises(reviews.AlreadySigned):
        reviews.sign(review, by=other, at=at + DAY)
    with pytest.raises(reviews.AlreadySigned):
        reviews.mark(review.findings.first(), mark=Mark.FOLLOW_UP, note="Non.", by=other, at=at + DAY)
    review.refresh_from_db()
    assert (review.signed_by, review.signed_at) == (remi, at)
    assert not review.findings.filter(mark=Mark.FOLLOW_UP).exists()


def test_officers_sign_nothing(review, marks, olive, at):
    marks(review)
    with pytest.raises(Denied):
        reviews.sign(review, by=olive, at=at)


def test_a_review_without_findings_is_signed_as_it_is(writes, remi, at):
    writes("log.verified", Head.objects.get_or_create(pk=1)[0], by=log.SYSTEM, entries=0, problems=0)
    review = reviews.open_now(by=remi, at=at)
    assert not review.findings.exists()
    assert reviews.sign(review, by=remi, at=at).signed_at == at


# What somebody with a hand on the tables tries


def test_what_is_signed_stays_as_it_is_in_the_database_too(review, remi, at):
    for finding in review.findings.all():
        reviews.mark(finding, mark=Mark.EXPLAINED, note="vu", by=remi, at=at)
    reviews.sign(review, by=remi, at=at)
    for rows in (review.findings.all(), Review.objects.filter(pk=review.pk)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.delete() if rows.model is Review else rows.update(note="autre chose")


def test_a_review_that_the_log_does_not_know_hides_nothing(refused, remi, at):
    sequencer.run()
    keeping.publish(at=at)
    checkpoint = Checkpoint.objects.first()
    facts = {"opened_at": at, "due_on": at.date(), "signed_at": at, "signed_by": remi}
    Review.objects.create(reference="REV-FORG-ED22", start=7, checkpoint=checkpoint, **facts)
    assert reviews.open_now(by=remi, at=at).start == 0


def test_an_entry_of_the_end_of_time_stops_no_review(refused, asks, remi, at):
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    log.record("request.viewed", about=asks(), by=remi, at=end)
    sequencer.run()
    assert reviews.open_now(by=remi, at=at)
    assert reviews.overdue(at=at) == 0


def test_an_entry_without_its_facts_stops_no_review(asks, olive, remi, at):
    log.record("request.refused", about=asks(), by=olive, at=at)
    assert reviews.open_now(by=remi, at=at).findings.filter(rule="refusals", detail="").exists()


def test_a_checkpoint_of_a_key_nobody_knows_is_not_signed_off(review, remi, at, settings):
    for finding in review.findings.all():
        reviews.mark(finding, mark=Mark.EXPLAINED, note="vu", by=remi, at=at)
    settings.DSR_LOG_KEY = "ab" * 32
    with pytest.raises(reviews.NotOurs):
        reviews.sign(review, by=remi, at=at)
