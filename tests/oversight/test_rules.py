"""What deserves eyes: for each rule what it draws, and what nearly resembles it and is not drawn."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dsr.audit import log, sequencer, tree
from dsr.models.tree import Head
from dsr.oversight import reviews
from dsr.oversight.rules import RULES
from dsr.oversight.span import Span

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def head(db):
    return Head.objects.get_or_create(pk=1)[0]


def test_every_rule_says_what_it_draws_and_why():
    assert all(str(rule.title) and str(rule.why) for rule in RULES.values())


# Decisions of one person


@pytest.mark.parametrize("event", ["request.refused", "request.accepted", "request.answered"])
def test_a_decision_in_which_nobody_else_had_a_hand_is_drawn(event, writes, drawn, asks, olive):
    entry = writes(event, asks(), by=olive, **({"ground": "identity"} if event == "request.refused" else {}))
    assert drawn("alone") == [entry]


@pytest.mark.parametrize(("deed", "facts"), [("request.assigned", {"to": "S-AAAAAA"}), ("step.retried", {})])
def test_a_decision_in_which_somebody_else_had_a_hand_is_not(deed, facts, writes, drawn, asks, olive, simone):
    data_request = asks()
    writes(deed, data_request, by=simone, **facts)
    writes("request.accepted", data_request, by=olive)
    assert drawn("alone") == []


def test_a_hand_after_the_decision_counts_too(writes, drawn, asks, olive, simone):
    data_request = asks()
    writes("request.accepted", data_request, by=olive)
    writes("request.approved", data_request, by=simone)
    assert drawn("alone") == []


def test_who_only_looked_had_no_hand_in_it(writes, drawn, asks, olive, simone):
    data_request = asks()
    writes("request.viewed", data_request, by=simone)
    entry = writes("request.accepted", data_request, by=olive)
    assert drawn("alone") == [entry]


def test_what_the_system_decides_is_nobodys_decision(writes, drawn, asks):
    writes("request.answered", asks(), by=log.SYSTEM)
    assert drawn("alone") == []


# Approvals in a hurry


@pytest.fixture
def approved(writes, asks, simone, at):
    """An erasure approved so long after its plan, and after Simone looked at it, if she did."""

    def approve(*, after_plan, after_look=None):
        data_request, moment = asks(), at + after_plan
        writes("plan.made", data_request, by=log.SYSTEM)
        if after_look is not None:
            writes("request.viewed", data_request, by=simone, at=moment - after_look)
        return writes("request.approved", data_request, by=simone, at=moment)

    return approve


@pytest.mark.parametrize(("seconds", "is_drawn"), [(0, True), (59, True), (60, False), (61, False)])
def test_an_approval_within_a_minute_of_the_plan_is_drawn(seconds, is_drawn, approved, drawn):
    entry = approved(after_plan=seconds * SECOND)
    assert drawn("hurry") == ([entry] if is_drawn else [])


@pytest.mark.parametrize(("seconds", "is_drawn"), [(0, True), (59, True), (60, False), (61, False)])
def test_an_approval_within_a_minute_of_the_approvers_first_look_is_drawn(seconds, is_drawn, approved, drawn):
    entry = approved(after_plan=timedelta(hours=3), after_look=seconds * SECOND)
    assert drawn("hurry") == ([entry] if is_drawn else [])


def test_a_second_look_does_not_make_a_hurry(writes, drawn, asks, simone, at):
    data_request = asks()
    writes("plan.made", data_request, by=log.SYSTEM)
    for minutes in (5, 20):
        writes("request.viewed", data_request, by=simone, at=at + minutes * MINUTE)
    writes("request.approved", data_request, by=simone, at=at + 20 * MINUTE)
    assert drawn("hurry") == []


def test_a_look_before_the_last_plan_is_no_look_at_it(writes, drawn, asks, simone, at):
    data_request = asks()
    writes("request.viewed", data_request, by=simone)
    writes("plan.made", data_request, by=log.SYSTEM, at=at + 60 * MINUTE)
    entry = writes("request.approved", data_request, by=simone, at=at + 60 * MINUTE + 30 * SECOND)
    assert drawn("hurry") == [entry]


def test_somebody_elses_look_is_not_the_approvers(writes, drawn, asks, simone, olive, at):
    data_request = asks()
    writes("plan.made", data_request, by=log.SYSTEM)
    writes("request.viewed", data_request, by=olive, at=at + 5 * MINUTE)
    writes("request.approved", data_request, by=simone, at=at + 5 * MINUTE + SECOND)
    assert drawn("hurry") == []


# Looks without being in charge


def test_a_look_by_who_was_never_in_charge_is_drawn(writes, drawn, asks, olive):
    entry = writes("request.viewed", asks(), by=olive)
    assert drawn("unassigned") == [entry]


def test_a_look_by_whoever_it_was_entrusted_to_is_not(writes, drawn, asks, olive, simone):
    data_request = asks()
    writes("request.viewed", data_request, by=olive)
    writes("request.assigned", data_request, by=simone, to=olive.reference)
    assert drawn("unassigned") == []


def test_a_look_by_whoever_did_something_about_it_is_not(writes, drawn, asks, olive):
    data_request = asks()
    writes("request.viewed", data_request, by=olive)
    writes("request.accepted", data_request, by=olive)
    assert drawn("unassigned") == []


def test_a_look_is_not_excused_by_a_deed_in_another_request(writes, drawn, asks, olive):
    entry = writes("request.viewed", asks(), by=olive)
    writes("request.accepted", asks(email="bob@example.org"), by=olive)
    assert drawn("unassigned") == [entry]


# Packages, refusals, late answers


def test_a_package_that_staff_opened_is_drawn_and_one_the_reader_downloaded_is_not(writes, drawn, asks, olive):
    data_request = asks()
    writes("package.downloaded", data_request, by=log.READER)
    entry = writes("package.printed", data_request, by=olive)
    assert drawn("downloads") == [entry]


def test_refusals_are_drawn_by_their_ground_and_their_author(writes, asks, drawn, olive):
    data_request = asks()
    entry = writes("request.refused", data_request, by=olive, ground="identity")
    writes("request.extended", data_request, by=olive, ground="complex")
    assert drawn("refusals") == [entry]
    [found] = RULES["refusals"].draw(Span(0, tree.size()))
    assert (found.actor, found.detail) == (olive.reference, "identity")


def test_an_answer_that_left_late_is_drawn_and_one_in_time_is_not(writes, drawn, asks):
    data_request = asks()
    writes("notice.sent", data_request, by=log.SYSTEM, letter="reminder")
    writes("notice.sent", data_request, by=log.SYSTEM, letter="answer", days_late=0)
    entry = writes("notice.sent", data_request, by=log.SYSTEM, letter="answer", days_late=1)
    assert drawn("late") == [entry]


# Failed proofs


@pytest.mark.parametrize(("failures", "are_drawn"), [(2, False), (3, True), (4, True)])
def test_codes_refused_several_times_on_one_request_are_drawn(failures, are_drawn, writes, drawn, asks):
    data_request = asks()
    entries = [writes("code.failed", data_request, by=log.READER, purpose="confirm") for _time in range(failures)]
    assert drawn("proofs") == (entries if are_drawn else [])


def test_codes_refused_on_several_requests_are_not(writes, drawn, asks):
    for data_request in (asks(), asks(email="bob@example.org")):
        for _time in range(2):
            writes("code.failed", data_request, by=log.READER, purpose="confirm")
    assert drawn("proofs") == []


def test_codes_refused_before_the_span_count_and_are_not_drawn_again(writes, drawn, asks):
    data_request = asks()
    for _time in range(2):
        writes("code.failed", data_request, by=log.READER, purpose="confirm")
    sequencer.run()
    start = tree.size()
    entry = writes("code.failed", data_request, by=log.READER, purpose="confirm")
    assert drawn("proofs", start=start) == [entry]


# Many acts at once


@pytest.fixture
def many(writes, asks, olive, at):
    """Olive looks at a request so many times, the first and the last so far apart."""

    def look(times, *, within=10 * MINUTE, event="request.viewed", by=olive):
        data_request = None if event == "log.viewed" else asks()
        return [writes(event, data_request, by=by, at=at + within * n / (times - 1)) for n in range(times)]

    return look


@pytest.mark.parametrize(("times", "are_drawn"), [(19, False), (20, True), (21, True)])
def test_twenty_acts_in_ten_minutes_are_drawn(times, are_drawn, many, drawn):
    entries = many(times)
    assert drawn("mass") == (entries if are_drawn else [])


def test_twenty_acts_in_a_second_more_are_not(many, drawn):
    many(20, within=10 * MINUTE + SECOND)
    assert drawn("mass") == []


def test_the_acts_of_two_people_are_not_counted_together(many, drawn, simone):
    many(10)
    many(10, by=simone)
    assert drawn("mass") == []


def test_reading_the_log_is_no_mass_action(many, drawn, remi):
    many(25, event="log.viewed", by=remi)
    assert drawn("mass") == []


def test_marking_many_findings_is_no_mass_action(writes, drawn, asks, olive, remi, at):
    writes("request.refused", asks(), by=olive, ground="identity")
    review = reviews.open_now(by=remi, at=at)
    for _finding in range(25):
        writes("review.marked", review, by=remi, rule="refusals", mark="explained")
    assert drawn("mass") == []


def test_acts_long_before_and_after_the_many_are_not_drawn_with_them(many, writes, drawn, asks, olive, at):
    writes("request.accepted", asks(), by=olive, at=at - 60 * MINUTE)
    entries = many(30)
    writes("request.accepted", asks(), by=olive, at=at + 60 * MINUTE)
    assert drawn("mass") == entries


def test_an_act_is_drawn_once_however_many_there_are(many):
    many(60)
    sequencer.run()
    indexes = [each.index for each in RULES["mass"].draw(Span(0, tree.size()))]
    assert len(indexes) == len(set(indexes)) == 60


# At night


@pytest.mark.parametrize("day", [(2026, 7, 15), (2026, 1, 14)], ids=["summer", "winter"])
@pytest.mark.parametrize(
    ("hour", "minute", "is_drawn"),
    [(21, 59, False), (22, 0, True), (23, 59, True), (0, 0, True), (5, 59, True), (6, 0, False), (12, 0, False)],
)
def test_work_between_ten_and_six_in_paris_is_drawn(day, hour, minute, is_drawn, writes, drawn, asks, olive):
    at = datetime(*day, hour, minute, tzinfo=PARIS).astimezone(UTC)
    entry = writes("request.viewed", asks(), by=olive, at=at)
    assert drawn("night") == ([entry] if is_drawn else [])


def test_readers_and_the_system_may_work_at_night(writes, drawn, asks):
    midnight = datetime(2026, 7, 15, tzinfo=PARIS)
    writes("request.withdrawn", asks(), by=log.READER, at=midnight)
    writes("request.expired", asks(email="bob@example.org"), by=log.SYSTEM, at=midnight)
    assert drawn("night") == []


# Verifications and rights


def test_a_log_that_did_not_verify_is_drawn(writes, drawn, head):
    writes("log.verified", head, by=log.SYSTEM, entries=9, problems=0)
    entry = writes("log.verified", head, by=log.SYSTEM, entries=9, problems=1)
    assert drawn("unverified") == [entry]


def test_an_erasure_that_left_something_is_drawn(writes, drawn, asks):
    data_request = asks()
    writes("erasure.verified", data_request, by=log.SYSTEM, remaining=0, kept=4)
    entry = writes("erasure.verified", data_request, by=log.SYSTEM, remaining=2, kept=0)
    assert drawn("unverified") == [entry]


CHANGES = {
    "staff.added": {"member": "S-AAAAAA"},
    "staff.changed": {"member": "S-AAAAAA", "fields": "groups"},
    "staff.disarmed": {"member": "S-AAAAAA"},
    "group.changed": {"group": 1},
    "group.removed": {"group": 1},
}


@pytest.mark.parametrize("event", CHANGES)
def test_a_change_of_rights_is_drawn_with_its_author(event, writes, drawn, mallory):
    entry = writes(event, by=mallory, **CHANGES[event])
    assert drawn("rights") == [entry]
    [found] = RULES["rights"].draw(Span(0, tree.size()))
    assert (found.actor, found.detail) == (mallory.reference, event)


def test_a_changed_setting_is_drawn_and_is_nobodys_act(writes, drawn, head):
    entry = writes("settings.changed", head, by=log.SYSTEM, setting="DSR_PACKAGE_DAYS")
    assert drawn("rights") == [entry]
    [found] = RULES["rights"].draw(Span(0, tree.size()))
    assert (found.actor, found.detail) == ("", "settings.changed")


def test_entrusting_a_request_is_no_change_of_rights(writes, drawn, asks, olive):
    writes("request.assigned", asks(), by=olive, to=olive.reference)
    assert drawn("rights") == []


# The span


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_draws_what_stands_outside_the_span(rule, writes, drawn, asks, olive):
    writes("request.refused", asks(), by=olive, ground="identity", at=datetime(2026, 7, 15, 23, tzinfo=PARIS))
    sequencer.run()
    assert drawn(rule, start=tree.size()) == []
