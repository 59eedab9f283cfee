"""What an auditor, and everybody, sees of the log and its reviews on the desk's first page."""

import pytest

from dsr.audit import sequencer
from dsr.models.review import Finding, Mark, Review
from dsr.oversight import reviews
from tests.admin.conftest import said

pytestmark = pytest.mark.django_db

LIST = "/admin/dsr/review/"
INDEX = "/admin/"
OVERDUE = "Une relecture du journal est en retard."


def test_an_auditor_sees_what_waits(desk, remi, marked, at):
    last = marked.findings.first()
    Finding.objects.filter(pk=last.pk).update(mark=Mark.FOLLOW_UP)
    text = said(desk(remi).get(INDEX))
    assert "1 Relectures ouvertes" in text
    assert "Constats à suivre" not in text
    reviews.sign(marked, by=remi, at=at)
    text = said(desk(remi).get(INDEX))
    assert "0 Relectures ouvertes" in text
    assert "1 Constats à suivre" in text


def test_the_last_checkpoint_is_dated(desk, remi, review):
    assert "16 septembre 2026 Dernier point de contrôle à 11:30, 6 entrées" in said(desk(remi).get(INDEX))


def test_a_log_that_waits_for_its_sequencer_says_since_when(desk, remi, review):
    assert "Le journal attend" in said(desk(remi).get(INDEX))
    sequencer.run()
    assert "Le journal attend" not in said(desk(remi).get(INDEX))


@pytest.mark.parametrize(
    ("who", "sees", "follows"), [("remi", True, True), ("olive", True, False), ("mallory", False, False)]
)
def test_an_overdue_review_is_told_to_whoever_sees_requests_or_reviews(who, sees, follows, request, desk, review):
    page = desk(request.getfixturevalue(who)).get(INDEX).content.decode()
    assert (OVERDUE in page) is sees
    assert (LIST in page) is follows


def test_a_review_in_time_is_no_alarm(desk, olive, review):
    Review.objects.update(due_on="2999-01-01", opened_at="2998-12-31T00:00:00Z")
    assert OVERDUE not in desk(olive).get(INDEX).content.decode()


@pytest.mark.parametrize(("who", "holds"), [("remi", True), ("root", True), ("olive", False)])
def test_the_menu_leads_to_the_reviews(who, holds, request, desk, root):
    page = desk(request.getfixturevalue(who)).get(INDEX).content.decode()
    assert ("Relectures</" in page or "fact_check" in page) is holds
