"""Marking the findings of a review, and signing it."""

import re

import pytest

from dsr.models.review import Finding, Mark
from dsr.oversight import reviews
from tests.admin.conftest import mark_of, page_of, said, sign_of

pytestmark = pytest.mark.django_db

LIST = "/admin/dsr/review/"


# Marking


def test_a_finding_is_marked_with_a_note(desk, remi, review, olives):
    response = desk(remi).post(mark_of(olives), {"mark": "follow_up", "note": "À revoir avec l’équipe."})
    assert response.status_code == 302
    olives.refresh_from_db()
    assert (olives.mark, olives.note, olives.marked_by) == (Mark.FOLLOW_UP, "À revoir avec l’équipe.", remi)
    text = said(desk(remi).get(page_of(review)))
    assert f"apprécié par {remi.reference} le" in text
    assert "À revoir avec l’équipe." in text


def test_marking_leads_to_the_next_finding_that_waits(desk, remi, review):
    client, visited = desk(remi), []
    first = Finding.objects.filter(rule="alone").get()
    address = f"x#finding-{first.pk}"
    while "#finding-" in address:
        pk = int(address.rpartition("-")[2])
        visited.append(pk)
        address = client.post(mark_of(Finding.objects.get(pk=pk)), {"mark": "explained", "note": "Vu."}).url
    assert address.endswith("#dk-sign")
    assert set(visited) == {each.pk for each in review.findings.exclude(actor=remi.reference)}


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"mark": "explained", "note": "  "}, "Dites en quelques mots ce que vous avez vu."),
        ({"mark": "", "note": "Tapé avec soin"}, "Ce champ est obligatoire."),
        ({"mark": "perhaps", "note": "Tapé avec soin"}, "perhaps"),
        ({"mark": "explained", "note": "Tapé avec soin" + "x" * 2000}, "2000"),
    ],
)
def test_what_is_wrong_comes_back_with_what_was_typed(typed, wrong, desk, remi, olives):
    response = desk(remi).post(mark_of(olives), typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert wrong in page
    assert typed["note"].strip() in page
    olives.refresh_from_db()
    assert olives.mark == ""


def test_a_mark_may_be_changed_until_the_review_is_signed(desk, remi, marked, olives, at):
    client = desk(remi)
    assert "Changer l’appréciation" in client.get(page_of(marked)).content.decode()
    client.post(mark_of(olives), {"mark": "follow_up", "note": "Non, à suivre."})
    olives.refresh_from_db()
    assert olives.mark == Mark.FOLLOW_UP
    reviews.sign(marked, by=remi, at=at)
    assert "Changer l’appréciation" not in client.get(page_of(marked)).content.decode()


def test_a_mark_that_comes_after_the_signature_is_refused_and_not_lost(desk, remi, marked, olives, at):
    reviews.sign(marked, by=remi, at=at)
    response = desk(remi).post(mark_of(olives), {"mark": "follow_up", "note": "Trop tard."})
    assert response.status_code == 409
    assert "Cette relecture est déjà signée." in said(response)
    assert "Trop tard." in response.content.decode()
    olives.refresh_from_db()
    assert olives.mark == Mark.EXPLAINED


def test_a_finding_about_oneself_waits_for_another(desk, remi, rosa, review):
    [own] = review.findings.filter(actor=remi.reference)
    page = desk(remi).get(page_of(review)).content.decode()
    assert "Ce constat porte sur vos propres actes" in page
    assert mark_of(own) not in page
    response = desk(remi).post(mark_of(own), {"mark": "explained", "note": "Rien à dire."})
    assert response.status_code == 403
    own.refresh_from_db()
    assert own.mark == ""
    assert desk(rosa).post(mark_of(own), {"mark": "explained", "note": "Vu."}).status_code == 302


def test_a_finding_of_another_review_is_not_found(desk, remi, review, olives):
    assert desk(remi).post(f"{LIST}{review.pk + 1}/mark/{olives.pk}/", {"mark": "explained"}).status_code == 404


def test_a_note_is_shown_as_it_was_typed(desk, remi, olives):
    desk(remi).post(mark_of(olives), {"mark": "explained", "note": "<script>alert(1)</script>"})
    page = desk(remi).get(page_of(olives.review)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_is_marked_is_folded_away_and_what_waits_is_not(desk, remi, review, olives, at):
    reviews.mark(olives, mark=Mark.EXPLAINED, note="Vu.", by=remi, at=at)
    page = desk(remi).get(page_of(review)).content.decode()
    folds = dict(re.findall(r'<details class="dk-finding" id="finding-(\d+)" (open)?', page))
    assert folds.pop(str(olives.pk)) == ""
    assert set(folds.values()) == {"open"}


# Signing


def test_until_all_is_marked_the_page_says_how_many_are_left(desk, remi, review):
    response = desk(remi).get(page_of(review))
    assert "Il reste 5 constats à apprécier." in said(response)
    assert "Dont 1 sur vos propres actes" in said(response)
    assert sign_of(review) not in response.content.decode()


def test_a_review_is_signed_when_all_is_marked(desk, remi, marked):
    client = desk(remi)
    assert sign_of(marked) in client.get(page_of(marked)).content.decode()
    assert client.post(sign_of(marked)).url == page_of(marked)
    marked.refresh_from_db()
    assert marked.signed_by == remi
    text = said(client.get(page_of(marked)))
    assert f"Signée par {remi.reference} le" in text
    assert sign_of(marked) not in client.get(page_of(marked)).content.decode()


def test_a_signature_that_comes_too_early_or_twice_is_refused_with_the_reason(desk, remi, review, marked):
    client = desk(remi)
    Finding.objects.filter(pk=review.findings.first().pk).update(mark="", marked_by=None, marked_at=None)
    response = client.post(sign_of(review))
    assert response.status_code == 409
    assert "Il reste des constats sans appréciation." in said(response)
    reviews.mark(review.findings.get(mark=""), mark=Mark.EXPLAINED, note="Vu.", by=remi, at=review.opened_at)
    client.post(sign_of(review))
    assert client.post(sign_of(review)).status_code == 409
