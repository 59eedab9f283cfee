"""The newsroom's view of its records about readers: found by exact identifiers, never by fragments of them."""

from functools import reduce
from ipaddress import ip_address
from operator import or_
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from dsr.readers.models import (
    Account,
    ArticleRead,
    Ban,
    Comment,
    Consent,
    Invoice,
    ModerationNote,
    NewsletterSubscription,
    Report,
    Subscription,
    SupportMessage,
)
from dsr.sources import marks


class RecordAdmin(ModelAdmin):  # type: ignore[misc]
    """Search compares whole values through the indexes: a fragment would read the table, and show too many people.

    ``lowered``: compared without case; ``exact``: as written; ``addresses``: IP; ``owner``: the key to the account,
    whose own identifiers then count too.
    """

    lowered: ClassVar[tuple[str, ...]] = ()
    exact: ClassVar[tuple[str, ...]] = ()
    addresses: ClassVar[tuple[str, ...]] = ()
    owner: ClassVar[str] = ""
    search_fields = ("pk",)
    search_help_text = _("Valeur entière : adresse e-mail, numéro d’abonné, téléphone, adresse IP ou numéro de ligne.")
    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return marks.beside(super().get_queryset(request))

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*super().get_list_display(request), "restricted")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *(("contested",) if obj else ()))

    @admin.display(description=_("usage limité"))
    def restricted(self, row: Any) -> str:
        """The law lets us keep a contested value, and not use it (GDPR Art. 18)."""
        return str(_("limité")) if row.is_restricted else ""

    @admin.display(description=_("usage limité (RGPD, article 18)"))
    def contested(self, row: Model) -> str:
        """The fields whose accuracy a reader contests."""
        return ", ".join(str(label) for label in marks.of_row(row)) or "–"

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        term = search_term.strip().replace("\x00", "")
        return (queryset.filter(self._matches(term)) if term else queryset), False

    def _matches(self, term: str) -> Q:
        found = [Q(Exact(Lower(name), term.lower())) for name in self.lowered]
        found += [Q(**{name: term}) for name in self.exact]
        if _is_ip(term):
            found += [Q(**{name: term}) for name in self.addresses]
        if term.isascii() and term.isdigit() and len(term) < 19:  # noqa: PLR2004 - a bigint
            found.append(Q(pk=int(term)))
        if self.owner:
            found.append(Q(**{f"{self.owner}__in": _accounts(term)}))
        return reduce(or_, found, Q(pk=None))


def _is_ip(term: str) -> bool:
    try:
        return "%" not in str(ip_address(term))
    except ValueError:
        return False


def _accounts(term: str) -> QuerySet[Account, Any]:
    named = Q(Exact(Lower("email"), term.lower())) | Q(subscriber_number=term) | Q(phone=term)
    return Account.objects.filter(named).values("pk")


class FromTheSite(RecordAdmin):
    """Readers write these rows on the site; the desk adds none."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


class WrittenOnce(FromTheSite):
    """Evidence: looked at here, changed by nobody; only an erasure or the end of its retention removes it."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Account)
class AccountAdmin(FromTheSite):
    lowered = ("email", "pen_name")
    exact = ("subscriber_number", "phone")
    addresses = ("last_ip",)
    list_display = ("pk", "email", "given_name", "family_name", "subscriber_number", "created_at", "closed_at")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), ("subscriber_number", admin.EmptyFieldListFilter))
    date_hierarchy = "created_at"
    exclude = ("password",)
    readonly_fields = ("created_at", "email_confirmed_at", "last_seen_at", "last_ip")


@admin.register(Subscription)
class SubscriptionAdmin(RecordAdmin):
    owner = "account"
    exact = ("mandate_reference",)
    list_display = ("pk", "account", "offer", "amount", "currency", "started_on", "ended_on")
    list_filter = ("offer", "concluded_online", ("ended_on", admin.EmptyFieldListFilter))
    list_select_related = ("account",)
    date_hierarchy = "started_on"
    raw_id_fields = ("account",)


@admin.register(Invoice)
class InvoiceAdmin(WrittenOnce):
    owner = "account"
    lowered = ("billing_email",)
    exact = ("number",)
    list_display = ("number", "account", "issued_on", "amount", "currency", "paid_on")
    list_filter = (("paid_on", admin.EmptyFieldListFilter),)
    list_select_related = ("account", "subscription")
    date_hierarchy = "issued_on"


@admin.register(NewsletterSubscription)
class NewsletterSubscriptionAdmin(FromTheSite):
    owner = "account"
    lowered = ("email",)
    list_display = ("pk", "email", "list_name", "status", "subscribed_at", "unsubscribed_at")
    list_filter = ("status", "list_name")
    date_hierarchy = "subscribed_at"
    raw_id_fields = ("account",)
    readonly_fields = ("subscribed_at", "subscribed_ip", "last_opened_at")


@admin.register(Comment)
class CommentAdmin(FromTheSite):
    owner = "account"
    lowered = ("author_email",)
    addresses = ("author_ip",)
    list_display = ("pk", "author_name", "author_email", "status", "article_title", "created_at")
    list_filter = ("status", "imported_from")
    date_hierarchy = "created_at"
    raw_id_fields = ("account", "parent")
    readonly_fields = ("created_at", "author_ip", "user_agent", "imported_from", "wordpress_id", "wordpress_parent")


@admin.register(ArticleRead)
class ArticleReadAdmin(WrittenOnce):
    owner = "account"
    list_display = ("pk", "account", "article_title", "read_at", "seconds")
    list_select_related = ("account",)
    date_hierarchy = "read_at"


@admin.register(Consent)
class ConsentAdmin(WrittenOnce):
    owner = "account"
    lowered = ("email",)
    list_display = ("pk", "account", "email", "purpose", "given", "changed_at")
    list_filter = ("purpose", "given", "channel")
    list_select_related = ("account",)
    date_hierarchy = "changed_at"


@admin.register(SupportMessage)
class SupportMessageAdmin(FromTheSite):
    owner = "account"
    lowered = ("email",)
    exact = ("phone",)
    list_display = ("pk", "name", "email", "subject", "created_at", "answered_at")
    list_filter = (("answered_at", admin.EmptyFieldListFilter),)
    date_hierarchy = "created_at"
    raw_id_fields = ("account",)
    exclude = ("attachment", "attachment_name")
    readonly_fields = ("created_at", "ip", "received_file")

    @admin.display(description=_("pièce jointe"))
    def received_file(self, message: SupportMessage) -> str:
        if not message.attachment:
            return "–"
        address = reverse("admin:readers_supportmessage_attachment", args=[message.pk])
        return format_html('<a href="{}">{}</a>', address, message.attachment_name)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.attachment_view)
        name = "readers_supportmessage_attachment"
        return [path("<int:pk>/attachment/", view, name=name), *super().get_urls()]

    def attachment_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """Always a download, never a page: what a stranger uploaded must not run in the desk's origin."""
        message = get_object_or_404(SupportMessage, pk=pk)
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        try:
            received = message.attachment.open()
        except (ValueError, FileNotFoundError) as error:  # no file, or one that an erasure has just removed
            raise Http404 from error
        name = message.attachment_name or "piece-jointe"
        return FileResponse(received, as_attachment=True, filename=name, content_type="application/octet-stream")


@admin.register(ModerationNote)
class ModerationNoteAdmin(RecordAdmin):
    owner = "account"
    exact = ("moderator",)
    list_display = ("pk", "account", "comment", "moderator", "created_at")
    list_select_related = ("account", "comment")
    date_hierarchy = "created_at"
    raw_id_fields = ("account", "comment")


@admin.register(Report)
class ReportAdmin(FromTheSite):
    owner = "reporter_account"
    lowered = ("reporter_email",)
    list_display = ("pk", "comment", "reason", "reporter_account", "created_at", "handled_at")
    list_filter = ("reason", ("handled_at", admin.EmptyFieldListFilter))
    list_select_related = ("comment", "reporter_account")
    date_hierarchy = "created_at"
    raw_id_fields = ("reporter_account", "comment")
    readonly_fields = ("created_at", "reporter_ip")


@admin.register(Ban)
class BanAdmin(RecordAdmin):
    owner = "account"
    lowered = ("email",)
    addresses = ("ip",)
    list_display = ("pk", "account", "email", "ip", "moderator", "starts_at", "ends_at")
    list_filter = (("ends_at", admin.EmptyFieldListFilter),)
    list_select_related = ("account",)
    date_hierarchy = "starts_at"
    raw_id_fields = ("account",)
