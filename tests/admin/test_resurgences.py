"""What came back of the erased, on the desk: who sees it, who settles it, and the alarm after a restore."""

import pytest
from django.urls import reverse

from dsr.lifecycle import resurgences
from dsr.models.ledger import Restoration, Resurgence
from tests.browser import overflow, problems

pytestmark = pytest.mark.django_db

LIST = reverse("admin:dsr_resurgence_changelist")


@pytest.fixture
def interrupted(at):
    resurgences.leave("DSR-7K4M-2QXP", Resurgence.Why.INTERRUPTED, at=at)
    return Resurgence.objects.get()


def test_the_desk_says_that_the_database_was_restored(desk, olive, at):
    Restoration.objects.create(sign="ledger", noticed_at=at)
    for page in (LIST, reverse("admin:index")):
        assert "replay_erasures" in desk(olive).get(page).content.decode()


def test_what_waits_is_counted_on_the_first_page(desk, olive, interrupted):
    assert LIST in desk(olive).get(reverse("admin:index")).content.decode()
    assert interrupted.reference in desk(olive).get(LIST).content.decode()


def test_an_officer_settles_it(desk, olive, interrupted):
    answer = desk(olive).post(reverse("admin:dsr_resurgence_settle", args=[interrupted.pk]), follow=True)
    assert "C’est réglé" in answer.content.decode()
    interrupted.refresh_from_db()
    assert interrupted.settled_by == olive


@pytest.mark.parametrize("who", ["remi", "mallory"])
def test_others_neither_see_nor_settle_it(desk, request, who, interrupted):
    client = desk(request.getfixturevalue(who))
    assert client.get(LIST).status_code == 403
    assert client.post(reverse("admin:dsr_resurgence_settle", args=[interrupted.pk])).status_code == 403
    assert Resurgence.objects.pending().exists()


def test_looking_settles_nothing(desk, olive, interrupted):
    assert desk(olive).get(reverse("admin:dsr_resurgence_settle", args=[interrupted.pk])).status_code == 405


def test_what_a_machine_erases_again_has_no_button(desk, olive, at):
    resurgences.leave("DSR-7K4M-2QXP", Resurgence.Why.RETURNED, at=at, source="cellar", rows=3)
    assert "/settle/" not in desk(olive).get(LIST).content.decode()


def test_what_the_ledger_cannot_say_any_more_is_an_officers(desk, olive, at):
    resurgences.leave("DSR-7K4M-2QXP", Resurgence.Why.FORGOTTEN, at=at, source="cellar", rows=3)
    page = desk(olive).get(LIST).content.decode()
    assert "/settle/" in page
    assert "Cherchez la personne" in page


def test_the_second_click_says_that_it_is_settled(desk, olive, simone, interrupted):
    address = reverse("admin:dsr_resurgence_settle", args=[interrupted.pk])
    desk(olive).post(address)
    assert "C’est déjà réglé." in desk(simone).post(address, follow=True).content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_list_is_accessible_and_no_wider_than_its_window(seated, olive, at, width):
    for n, why in enumerate(Resurgence.Why):
        resurgences.leave(f"DSR-7K4M-2QX{n + 2}", why, at=at, source="cellar", rows=3)
    page = seated(olive, width=width)
    page.goto(LIST)
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("button", name="C’est réglé DSR-7K4M-2QX").count() == len(Resurgence.Why) - 1
    assert problems(page) == ""
    assert overflow(page) <= 0
