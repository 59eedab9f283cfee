"""Members of staff and their groups: made and put aside by an administrator, never deleted."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401 - both register what is put aside or registered anew below
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from dsr.admin import staff_log
from dsr.models.staff import Staff

admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)


class StaffForm(UserChangeForm):  # type: ignore[misc]
    """The theme's form, its one English sentence in French."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = gettext("Le mot de passe n’est pas lisible ; il peut être remplacé.")
        self.fields["password"].help_text = mark_safe(  # noqa: S308 - both parts are ours
            f'{words} <a class="dk-link" href="../password/">{gettext("Remplacer")}</a>'
        )


@admin.register(Staff)
class StaffAdmin(UserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """The log names staff by their reference for ever: somebody who leaves is made inactive."""

    form = StaffForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("reference", "username", "full_name", "groups_in_words", "is_active", "last_login")
    list_display_links = ("reference", "username")
    list_filter = ("groups", "is_active", "is_superuser")
    search_fields = ("reference", "username", "last_name")
    readonly_fields = ("reference", "last_login", "date_joined")
    actions = None
    fieldsets = (
        (None, {"fields": ("reference", "username", "password")}),
        (_("Personne"), {"fields": ("first_name", "last_name", "email")}),
        (_("Droits"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2", "first_name", "last_name", "is_staff", "groups")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the groups that each row names."""
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Here the groups are saved, too; the view holds a transaction open around it."""
        super().save_related(request, form, formsets, change)
        staff_log.member(request, form.instance, fields=form.changed_data if change else None)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Set somebody's password, or take it away; the log has the change, and whose it is."""
        person: Staff | None = self.get_object(request, unquote(id))
        before = person.password if person else ""
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if person and Staff.objects.get(pk=person.pk).password != before:
            staff_log.member(request, person, fields=["password"])
        return response

    @admin.display(description=_("nom"), ordering="last_name")
    def full_name(self, obj: Staff) -> str:
        """First name and family name."""
        return obj.get_full_name() or "–"

    @admin.display(description=_("groupes"))
    def groups_in_words(self, obj: Staff) -> str:
        """The groups, on one line."""
        return ", ".join(group.name for group in obj.groups.all()) or "–"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """What officers, approvers and auditors may do."""

    actions = None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Here the permissions are saved, too; the view holds a transaction open around it."""
        super().save_related(request, form, formsets, change)
        staff_log.group(request, form.instance, fields=form.changed_data if change else ["added"])

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        """Remove a group; the view holds a transaction open around it."""
        number = obj.pk
        super().delete_model(request, obj)
        staff_log.group_removed(request, number)


@admin.register(Authenticator)
class AuthenticatorAdmin(ModelAdmin):  # type: ignore[misc]
    """Second factors, without their secrets; one that was lost is removed here and set up anew at the next sign-in."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    fields = ("user", "type", "created_at", "last_used_at")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody but its owner."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Take a second factor away; the view holds a transaction open around it."""
        super().delete_model(request, obj)
        staff_log.disarmed(request, obj.user)
