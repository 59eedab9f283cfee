"""The reviews of the log at the desk: who may see them, and what their list and their page tell."""

import html

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsr.models.audit import AuditEntry
from dsr.models.review import Finding, Review
from dsr.oversight import reviews
from tests.admin.conftest import BROWSER, mark_of, page_of, said, sign_of, staff

pytestmark = pytest.mark.django_db

LIST = "/admin/dsr/review/"


def viewed():
    return AuditEntry.objects.filter(event="log.viewed").count()


# Who may


MAY = {"remi": 200, "root": 200, "olive": 403, "simone": 403, "mallory": 403}


@pytest.mark.parametrize("who", MAY)
def test_auditors_see_reviews_and_officers_do_not(who, request, desk, review, root):
    client = desk(request.getfixturevalue(who))
    assert client.get(LIST).status_code == MAY[who]
    assert client.get(page_of(review)).status_code == MAY[who]


@pytest.mark.parametrize("who", ["olive", "simone", "mallory"])
def test_officers_open_mark_and_sign_nothing(who, request, desk, review, olives):
    client = desk(request.getfixturevalue(who))
    posts = [reverse("admin:dsr_review_open"), mark_of(olives), sign_of(review)]
    assert {client.post(each, {"mark": "explained", "note": "Vu."}).status_code for each in posts} == {403}
    assert Review.objects.get().signed_at is None
    assert not Finding.objects.exclude(mark="").exists()


@pytest.fixture
def vera(db):
    """Vera sees reviews, and may do nothing about them; nor does she read the log."""
    person = staff("vera")
    person.user_permissions.add(Permission.objects.get(codename="view_review"))
    return person


def test_who_may_only_see_reviews_marks_and_signs_none(desk, vera, marked, olives):
    client = desk(vera)
    page = client.get(page_of(marked)).content.decode()
    assert "<textarea" not in page
    assert sign_of(marked) not in page
    assert client.post(mark_of(olives), {"mark": "follow_up", "note": "Non."}).status_code == 403
    assert client.post(sign_of(marked)).status_code == 403
    assert client.post(reverse("admin:dsr_review_open")).status_code == 403
    assert "Ouvrir une relecture" not in client.get(LIST).content.decode()
    marked.refresh_from_db()
    assert marked.signed_at is None


def test_who_may_not_see_reviews_opens_none_either(desk, writes, asks, olive):
    writes("request.refused", asks(), by=olive, ground="identity")
    blind = staff("blaise")
    blind.user_permissions.add(Permission.objects.get(codename="sign_review"))
    assert desk(blind).post(reverse("admin:dsr_review_open")).status_code == 403
    assert not Review.objects.exists()


def test_strangers_see_none(review):
    assert Client(headers=BROWSER).get(page_of(review)).url.startswith("/admin/login/")


def test_a_superuser_neither_edits_nor_deletes_a_review(desk, review, root):
    client = desk(root)
    before = Review.objects.values().get()
    assert client.post(page_of(review), {"reference": "REV-0000-0000"}).status_code == 405
    assert client.post(f"{LIST}{review.pk}/delete/", {"post": "yes"}).status_code == 404
    client.post(LIST, {"action": "delete_selected", "_selected_action": [review.pk], "post": "yes"})
    assert client.get(f"{LIST}add/").status_code == 404
    assert Review.objects.values().get() == before


@pytest.mark.parametrize("name", ["open", "mark", "sign"])
def test_looking_at_where_a_verb_is_posted_changes_nothing(name, desk, remi, review, olives):
    address = {"open": reverse("admin:dsr_review_open"), "mark": mark_of(olives), "sign": sign_of(review)}[name]
    assert desk(remi).get(address).status_code == 405
    assert Review.objects.count() == 1


# The list


def test_the_list_tells_each_review_in_words(desk, remi, review):
    text = said(desk(remi).get(LIST))
    for each in (review.reference, "le 16 septembre 2026", "entrées n° 0 à 5", "30 septembre 2026", "5 constats"):
        assert each in text
    assert "5 à apprécier" in text
    assert "La prochaine s’ouvre le 16 octobre 2026." in text


@pytest.mark.parametrize(("due", "state"), [("2999-01-01", "ouverte"), ("2026-01-01", "en retard")])
def test_a_review_is_open_or_overdue(due, state, desk, remi, review):
    Review.objects.update(due_on=due)
    assert state in said(desk(remi).get(LIST))


def test_a_signed_review_says_by_whom(desk, remi, marked, at):
    reviews.sign(marked, by=remi, at=at)
    assert f"signée par {remi.reference} le 16 septembre 2026" in said(desk(remi).get(LIST))


def test_the_list_asks_as_much_of_the_database_for_ten_reviews_as_for_one(desk, remi, review):
    client = desk(remi)
    client.get(LIST)
    with CaptureQueriesContext(connection) as for_one:
        client.get(LIST)
    for n in range(9):
        more = {"start": 1000 + n, "checkpoint": review.checkpoint, "due_on": review.due_on}
        Review.objects.create(reference=f"REV-AAAA-AAA{n}", opened_at=review.opened_at, **more)
    with CaptureQueriesContext(connection) as for_ten:
        client.get(LIST)
    assert len(for_ten) == len(for_one)


def test_an_auditor_opens_a_review_before_its_day(desk, remi, writes, asks, olive):
    writes("request.refused", asks(), by=olive, ground="identity")
    response = desk(remi).post(reverse("admin:dsr_review_open"))
    opened = Review.objects.get()
    assert response.url == page_of(opened)
    assert AuditEntry.objects.get(event="review.opened").actor == remi.reference


def test_with_nothing_new_the_list_comes_back_with_the_reason(desk, remi, review):
    response = desk(remi).post(reverse("admin:dsr_review_open"))
    assert response.status_code == 409
    assert "Rien de nouveau à relire" in said(response)
    assert Review.objects.count() == 1


# The page


def test_the_page_tells_the_span_the_figures_and_the_checkpoint(desk, remi, review):
    response = desk(remi).get(page_of(review))
    text = said(response)
    for each in ("le 16 septembre 2026, entrées n° 0 à 5", "Demande refusée 3", "Dossier consulté 2", "Total 6"):
        assert each in text
    assert review.checkpoint.note in html.unescape(response.content.decode())


def test_findings_are_told_in_words_under_their_rule(desk, remi, review, olive):
    text = said(desk(remi).get(page_of(review)))
    assert "Refus, par motif" in text
    assert "Chaque refus doit tenir devant la CNIL" in text
    assert f"{olive.reference} Nous n’avons pas pu établir que cette demande vient de vous" in text
    assert "2 entrées" in text


def test_each_entry_drawn_is_a_line_that_leads_to_the_log(desk, remi, review):
    client = desk(remi)
    page = client.get(page_of(review)).content.decode()
    entry = AuditEntry.objects.filter(event="request.refused").earliest("pk")
    link = reverse("admin:dsr_auditentry_change", args=[entry.pk])
    assert f'<a href="{link}">n° {entry.leaf.index}</a>' in page
    assert client.get(link).status_code == 200


def test_whoever_may_not_read_the_log_gets_no_link_into_it(desk, vera, review):
    page = desk(vera).get(page_of(review)).content.decode()
    assert "n° 1" in page
    assert "/admin/dsr/auditentry/" not in page


def test_no_reader_is_named(desk, remi, review):
    assert "alice" not in desk(remi).get(page_of(review)).content.decode().lower()


def test_looking_at_a_review_is_looking_at_the_log(desk, remi, review):
    desk(remi).get(page_of(review))
    assert [each.actor for each in AuditEntry.objects.filter(event="log.viewed")] == [remi.reference]


def test_a_refused_look_is_no_look(desk, olive, review):
    desk(olive).get(page_of(review))
    assert viewed() == 0


def test_a_look_changes_nothing_else(desk, remi, review):
    before = [*Review.objects.values(), *Finding.objects.values()]
    desk(remi).get(page_of(review))
    assert [*Review.objects.values(), *Finding.objects.values()] == before


def test_a_review_that_is_none_is_not_found(desk, remi, review):
    assert desk(remi).get(f"{LIST}999999/change/").status_code == 404


def test_the_entries_of_many_findings_are_looked_up_at_once(desk, remi, review, django_assert_max_num_queries):
    drawn = [Finding(review=review, rule="refusals", actor=f"S-{n:06d}", count=1, entries=[n % 6]) for n in range(200)]
    Finding.objects.bulk_create(drawn)
    client = desk(remi)
    with django_assert_max_num_queries(30):
        assert client.get(page_of(review)).status_code == 200


def test_a_finding_of_very_many_entries_tells_the_first_and_how_many_more(desk, remi, review):
    Finding.objects.create(review=review, rule="night", actor="S-AAAAAA", count=90, entries=[0, 1])
    assert "et 88 autres, dans le journal" in said(desk(remi).get(page_of(review)))
