"""Who consulted a reader's file is told by role, never by name, and only to that reader."""

from datetime import timedelta

import pytest

from dsr.audit import log
from dsr.lifecycle import consultations
from dsr.states import Kind
from tests.conftest import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(asks, proves):
    """Alice's request, her mailbox proven."""
    return proves(asks(Kind.ACCESS))


@pytest.fixture
def looks(at):
    """Somebody looks at a request, some days later."""

    def look(data_request, by, *, event="request.viewed", days=0):
        log.record(event, about=data_request, by=by, at=at + timedelta(days=days))

    return look


def told(data_request):
    return [
        (str(each.role), str(each.why), each.times, [day.day for day in each.days])
        for each in consultations.of_person(data_request)
    ]


def test_looks_are_counted_by_role_with_their_days(mine, looks, olive, remi):
    other = staff("oscar", "officers")
    looks(mine, olive)
    looks(mine, remi, days=1)
    looks(mine, other, days=2)
    looks(mine, olive, days=2)
    assert told(mine) == [
        ("un agent chargé des demandes", "pour instruire votre demande", 3, [16, 18]),
        ("un auditeur du journal", "pour instruire votre demande", 1, [17]),
    ]


def test_each_reason_is_told_apart(mine, looks, olive):
    looks(mine, olive)
    looks(mine, olive, event="package.printed")
    assert [why for _role, why, _times, _days in told(mine)] == [
        "pour instruire votre demande",
        "pour vous envoyer votre copie par la poste",
    ]


def test_several_events_of_one_reason_are_one_line(mine, looks, olive):
    looks(mine, olive, event="passage.marked")
    looks(mine, olive, event="passage.decided", days=1)
    assert [(times, days) for _role, _why, times, days in told(mine)] == [(2, [16, 17])]


def test_looks_at_the_same_readers_other_requests_are_told(mine, looks, asks, proves, olive):
    looks(proves(asks(Kind.RECTIFICATION)), olive)
    assert len(told(mine)) == 1


def test_nothing_is_told_of_a_request_of_the_same_address_that_nobody_proved(mine, looks, asks, olive):
    looks(asks(Kind.RECTIFICATION), olive)
    looks(asks(Kind.ACCESS, email="bob@example.org"), olive)
    assert told(mine) == []


def test_who_left_the_team_still_has_a_role_and_no_name(mine, looks, mallory):
    looks(mine, mallory)
    [(role, _why, _times, _days)] = told(mine)
    assert role == "un membre de l’équipe"
    assert mallory.reference not in role


def test_what_readers_and_machines_do_is_no_consultation(mine):
    assert told(mine) == []
