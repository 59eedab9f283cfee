"""What administrators do with staff, groups and second factors is in the log, in codes alone."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from dsr.admin import staff_log
from dsr.audit import log
from dsr.models.audit import AuditEntry
from dsr.models.staff import Staff

pytestmark = pytest.mark.django_db

EVENTS = ("staff.added", "staff.changed", "staff.disarmed", "group.changed", "group.removed")
PASSWORD = "a-long-password-of-her-own"


@pytest.fixture
def client(desk, root):
    """Root at the desk."""
    return desk(root)


def recorded():
    """Event and facts of each entry about staff and groups, oldest first."""
    return [(each.event, each.facts) for each in AuditEntry.objects.filter(event__in=EVENTS).order_by("pk")]


def change_of(person):
    return reverse("admin:dsr_staff_change", args=[person.pk])


def typed(person, **changes):
    """A member of staff's form as it stands, with changes."""
    fields = {
        "username": person.username,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "is_active": person.is_active,
        "is_staff": person.is_staff,
        "is_superuser": person.is_superuser,
        "groups": [group.pk for group in person.groups.all()],
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not False}


def groups(*names):
    return list(Group.objects.filter(name__in=names).order_by("pk"))


# Members


def test_adding_a_member_is_recorded_with_her_groups(client, root):
    [officers, approvers] = groups("officers", "approvers")
    client.post(
        reverse("admin:dsr_staff_add"),
        {
            "username": "nora",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "usable_password": "true",
            "is_staff": "on",
            "groups": [officers.pk, approvers.pk],
        },
    )
    nora = Staff.objects.get(username="nora")
    assert recorded() == [
        ("staff.added", {"member": nora.reference, "groups": f"{officers.pk}.{approvers.pk}"}),
    ]
    entry = AuditEntry.objects.get(event="staff.added")
    assert (entry.subject, entry.actor) == (root.reference, root.reference)


def test_a_member_that_is_not_added_is_not_recorded(client):
    client.post(reverse("admin:dsr_staff_add"), {"username": "nora", "password1": PASSWORD, "password2": "other"})
    assert not Staff.objects.filter(username="nora").exists()
    assert recorded() == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"is_active": False}, "is_active"),
        ({"is_superuser": True, "is_staff": False}, "is_staff.is_superuser"),
        ({"first_name": "Olive", "last_name": "Martin", "email": "olive@example.org"}, "profile"),
        ({"username": "olivia"}, "profile"),
        ({"username": "olivia", "is_active": False}, "is_active.profile"),
        ({"groups": []}, "groups"),
    ],
)
def test_changing_a_member_is_recorded_by_the_fields(changes, fields, client, olive):
    response = client.post(change_of(olive), typed(olive, **changes))
    assert response.status_code == 302
    [(event, facts)] = recorded()
    left = "" if changes.get("groups") == [] else str(groups("officers")[0].pk)
    assert (event, facts) == ("staff.changed", {"member": olive.reference, "fields": fields, "groups": left})


def test_new_groups_are_those_after_the_change(client, olive):
    [officers, auditors] = groups("officers", "auditors")
    client.post(change_of(olive), typed(olive, groups=[auditors.pk, officers.pk]))
    assert recorded()[0][1]["groups"] == f"{officers.pk}.{auditors.pk}"


def test_saving_without_a_change_is_no_entry(client, olive):
    assert client.post(change_of(olive), typed(olive)).status_code == 302
    assert recorded() == []


def test_no_name_gets_into_the_log(client, olive):
    client.post(change_of(olive), typed(olive, first_name="Olive", last_name="Martin", email="olive@example.org"))
    text = "".join(AuditEntry.objects.values_list("canonical", flat=True)).lower()
    assert "martin" not in text
    assert "olive" not in text


def test_a_password_set_by_an_administrator_is_recorded(client, olive):
    address = reverse("admin:auth_user_password_change", args=[olive.pk])
    client.post(address, {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": ""})
    olive.refresh_from_db()
    assert olive.check_password(PASSWORD)
    [(event, facts)] = recorded()
    assert (event, facts["member"], facts["fields"]) == ("staff.changed", olive.reference, "password")


def test_a_password_taken_away_is_recorded(client, olive):
    address = reverse("admin:auth_user_password_change", args=[olive.pk])
    client.post(address, {"usable_password": "false", "unset-password": ""})
    olive.refresh_from_db()
    assert not olive.has_usable_password()
    assert recorded()[0][1]["fields"] == "password"


def test_a_password_that_was_refused_is_not(client, olive):
    address = reverse("admin:auth_user_password_change", args=[olive.pk])
    assert (
        client.post(address, {"password1": "short", "password2": "short", "usable_password": "true"}).status_code == 200
    )
    assert recorded() == []


def test_a_password_of_nobody_is_not_found(client):
    assert client.get(reverse("admin:auth_user_password_change", args=[999_999])).status_code == 404


def test_a_password_somebody_changes_for_herself_is_no_entry(desk, olive):
    mine = {"old_password": "olive-has-a-long-password", "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert desk(olive).post(reverse("admin:password_change"), mine).status_code == 302
    olive.refresh_from_db()
    assert olive.check_password(PASSWORD)
    assert recorded() == []


# Second factors


def test_taking_a_second_factor_away_is_recorded_once_for_each(client, olive, totp_code):
    totp_code(olive)
    codes = Authenticator.objects.create(user=olive, type="recovery_codes", data={})
    for factor in (Authenticator.objects.get(user=olive, type="totp"), codes):
        client.post(reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})
    assert not Authenticator.objects.filter(user=olive).exists()
    assert recorded() == [("staff.disarmed", {"member": olive.reference})] * 2


def test_asking_whether_to_take_it_away_is_no_entry(client, olive, totp_code):
    totp_code(olive)
    client.get(reverse("admin:mfa_authenticator_delete", args=[Authenticator.objects.get(user=olive).pk]))
    assert recorded() == []


def test_second_factors_are_not_taken_away_by_the_list(client, olive, totp_code):
    totp_code(olive)
    chosen = Authenticator.objects.get(user=olive)
    action = {"action": "delete_selected", "_selected_action": [chosen.pk], "post": "yes"}
    client.post(reverse("admin:mfa_authenticator_changelist"), action)
    assert Authenticator.objects.filter(pk=chosen.pk).exists()


# Groups


def test_adding_a_group_is_recorded(client):
    permission = Permission.objects.get(codename="view_auditentry")
    client.post(reverse("admin:auth_group_add"), {"name": "Lecteurs du journal", "permissions": [permission.pk]})
    group = Group.objects.get(name="Lecteurs du journal")
    assert recorded() == [("group.changed", {"group": group.pk, "fields": "added", "permissions": 1})]


def test_changing_a_group_is_recorded_with_how_many_permissions_it_has_then(client):
    [officers] = groups("officers")
    address = reverse("admin:auth_group_change", args=[officers.pk])
    client.post(address, {"name": "agents", "permissions": []})
    assert recorded() == [("group.changed", {"group": officers.pk, "fields": "name.permissions", "permissions": 0})]


def test_saving_a_group_without_a_change_is_no_entry(client):
    [officers] = groups("officers")
    permissions = list(officers.permissions.values_list("pk", flat=True))
    address = reverse("admin:auth_group_change", args=[officers.pk])
    assert client.post(address, {"name": "officers", "permissions": permissions}).status_code == 302
    assert recorded() == []


def test_removing_a_group_is_recorded(client):
    [approvers] = groups("approvers")
    client.post(reverse("admin:auth_group_delete", args=[approvers.pk]), {"post": "yes"})
    assert not Group.objects.filter(name="approvers").exists()
    assert recorded() == [("group.removed", {"group": approvers.pk})]


def test_groups_are_not_removed_by_the_list(client):
    [approvers] = groups("approvers")
    action = {"action": "delete_selected", "_selected_action": [approvers.pk], "post": "yes"}
    client.post(reverse("admin:auth_group_changelist"), action)
    assert Group.objects.filter(pk=approvers.pk).exists()


# One transaction


CHANGES = {
    "a member changed": lambda client, olive: client.post(change_of(olive), typed(olive, is_active=False)),
    "a password set": lambda client, olive: client.post(
        reverse("admin:auth_user_password_change", args=[olive.pk]),
        {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": ""},
    ),
    "a factor taken": lambda client, olive: client.post(
        reverse("admin:mfa_authenticator_delete", args=[Authenticator.objects.get(user=olive).pk]), {"post": "yes"}
    ),
    "a group changed": lambda client, olive: client.post(
        reverse("admin:auth_group_change", args=[olive.groups.get().pk]), {"name": "agents", "permissions": []}
    ),
    "a group removed": lambda client, olive: client.post(
        reverse("admin:auth_group_delete", args=[olive.groups.get().pk]), {"post": "yes"}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_cannot_be_recorded_is_not_done(change, client, olive, totp_code, monkeypatch):
    totp_code(olive)
    client.raise_request_exception = False

    def fail(*_args, **_facts):
        raise log.UnknownFactError("not today")

    def stands():
        ours = Staff.objects.values("password", "is_active").get(pk=olive.pk)
        return ours, list(Authenticator.objects.values("pk")), list(Group.objects.order_by("pk").values("pk", "name"))

    before = stands()
    monkeypatch.setattr(log, "record", fail)
    assert CHANGES[change](client, olive).status_code == 500
    assert stands() == before


# Facts


@pytest.mark.parametrize("count", [0, 1, 20, 40])
def test_a_fact_of_many_parts_keeps_whole_parts_and_says_there_are_more(count):
    parts = [str(n + 100) for n in range(count)]
    fact = staff_log.joined(parts)
    assert log.TOKEN.match(fact)
    kept = fact.split(".") if fact else []
    if count < 17:
        assert kept == parts
    else:
        assert kept[-1] == "more"
        assert kept[:-1] == parts[: len(kept) - 1]
        assert len(f"{fact}.100") > 64


def test_sixty_four_signs_fit_and_sixty_five_do_not():
    assert staff_log.joined(["a" * 32, "b" * 31]) == "a" * 32 + "." + "b" * 31
    assert staff_log.joined(["a" * 32, "b" * 32]) == "a" * 32 + ".more"
