"""Who may open which page of the desk."""

import pytest
from django.test import Client
from django.urls import reverse

from dsr.models.audit import AuditEntry
from tests.admin.conftest import BROWSER, page_of

pytestmark = pytest.mark.django_db

PAGES = {
    "index": lambda _request: reverse("admin:index"),
    "queue": lambda _request: reverse("admin:dsr_datarequest_changelist"),
    "page": page_of,
    "entry": lambda _request: reverse("admin:dsr_datarequest_add"),
    "log": lambda _request: reverse("admin:dsr_auditentry_changelist"),
    "log entry": lambda _request: reverse("admin:dsr_auditentry_change", args=[AuditEntry.objects.first().pk]),
    "staff": lambda _request: reverse("admin:dsr_staff_changelist"),
    "groups": lambda _request: reverse("admin:auth_group_changelist"),
    "factors": lambda _request: reverse("admin:mfa_authenticator_changelist"),
}
MAY_OPEN = {
    "olive": {"index", "queue", "page", "entry"},
    "simone": {"index", "queue", "page", "entry"},
    "approver": {"index", "queue", "page"},
    "remi": {"index", "log", "log entry"},
    "mallory": {"index"},
    "root": set(PAGES),
}


@pytest.fixture
def cast(olive, simone, remi, mallory, django_user_model):
    from tests.conftest import staff  # noqa: PLC0415

    root = django_user_model.objects.create_superuser("root", password="root-has-a-long-password")
    approver = staff("approver", "approvers")
    return {"olive": olive, "simone": simone, "remi": remi, "mallory": mallory, "root": root, "approver": approver}


@pytest.mark.parametrize("who", MAY_OPEN)
@pytest.mark.parametrize("page", PAGES)
def test_each_opens_their_own_pages_and_no_other(who, page, cast, desk, examined):
    status = desk(cast[who]).get(PAGES[page](examined())).status_code
    assert status == (200 if page in MAY_OPEN[who] else 403)


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_opens_none(page, examined):
    response = Client(headers=BROWSER).get(PAGES[page](examined()))
    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


@pytest.mark.parametrize("page", PAGES)
def test_without_a_second_factor_nobody_opens_one(page, cast, examined):
    client = Client(headers=BROWSER)
    client.force_login(cast["root"])
    assert client.get(PAGES[page](examined())).url == reverse("mfa_index")


@pytest.mark.parametrize("who", ["remi", "mallory"])
def test_who_may_not_see_requests_may_not_search_or_act(who, cast, desk, examined):
    data_request, client = examined(), desk(cast[who])
    addresses = [
        reverse("admin:dsr_datarequest_search"),
        reverse("admin:dsr_datarequest_act", args=[data_request.pk, "accept"]),
        reverse("admin:dsr_datarequest_package", args=[data_request.pk]),
    ]
    assert {client.post(address).status_code for address in addresses} == {403}
    data_request.refresh_from_db()
    assert data_request.state == "review"


def test_nothing_of_a_request_or_of_the_log_is_edited_or_deleted_even_by_a_superuser(cast, desk, examined):
    data_request, client = examined(), desk(cast["root"])
    entry = AuditEntry.objects.filter(subject=data_request.reference).first()
    client.post(page_of(data_request), {"email": "mallory@example.org"})
    client.post(reverse("admin:dsr_auditentry_change", args=[entry.pk]), {"event": "request.forgotten"})
    client.post(f"/admin/dsr/auditentry/{entry.pk}/delete/", {"post": "yes"})
    client.post(f"/admin/dsr/datarequest/{data_request.pk}/delete/", {"post": "yes"})
    queue = reverse("admin:dsr_datarequest_changelist")
    client.post(queue, {"action": "delete_selected", "_selected_action": [data_request.pk], "post": "yes"})
    data_request.refresh_from_db()
    assert data_request.email == "alice@example.org"
    assert AuditEntry.objects.get(pk=entry.pk).canonical == entry.canonical


@pytest.mark.parametrize(("who", "holds"), [("olive", "File des demandes"), ("remi", "Journal"), ("root", "Membres")])
def test_the_menu_holds_what_one_may_open(who, holds, cast, desk):
    pages = {name: desk(cast[name]).get(reverse("admin:index")).content.decode() for name in ("olive", "remi", "root")}
    assert holds in pages[who]
    assert "Journal</" not in pages["olive"]
    assert "File des demandes" not in pages["remi"]
