"""The log as auditors read it: listed, filtered, each entry in words; nobody changes or deletes one here."""

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from dsr.admin import words
from dsr.admin.journal_filters import ActorFilter, EventFilter, SinceFilter, UntilFilter
from dsr.audit import log
from dsr.audit.events import EVENTS
from dsr.models.audit import AuditEntry
from dsr.models.staff import Staff


@admin.register(AuditEntry)
class JournalAdmin(ModelAdmin):  # type: ignore[misc]
    """References, codes, counts and dates: the log names no reader. Looking at it is recorded in it."""

    list_display = ("instant", "subject", "n", "sentence", "facts_in_words", "who")
    list_display_links = ("sentence",)
    list_filter = (EventFilter, ActorFilter, SinceFilter, UntilFilter)
    change_list_template = "admin/dsr/auditentry/journal.html"
    list_fullwidth = True
    list_per_page = 100
    search_fields = ("=subject", "=actor", "=event")
    search_help_text = _("Référence d’une demande ou d’un agent")
    show_full_result_count = False
    sortable_by = ()
    actions = None
    ordering = ("-pk",)
    fields = ("instant", "subject", "n", "sentence", "event", "facts_in_words", "who", "previous_hash", "text")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody: verbs write."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody, not even a superuser."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody, not even a superuser."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, recorded as looked at."""
        self._record(request)
        response: HttpResponse = super().changelist_view(request, {"title": _("Journal"), **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            changelist = response.context_data["cl"]
            changelist.full_result_count = changelist.result_count  # the theme's header would offer to show all of them
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One entry, recorded as looked at."""
        self._record(request)
        context = {"title": _("Entrée du journal"), **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    @admin.display(description=_("instant"))
    def instant(self, obj: AuditEntry) -> str:
        """To the second, in Paris."""
        return date_format(timezone.localtime(obj.at), "j F Y H:i:s")

    @admin.display(description=_("ce qui s’est passé"))
    def sentence(self, obj: AuditEntry) -> str:
        """The event in words; a code that left the list is shown as it is."""
        return str(EVENTS[obj.event].sentence) if obj.event in EVENTS else obj.event

    @admin.display(description=_("précisions"))
    def facts_in_words(self, obj: AuditEntry) -> SafeString:
        """The facts, each with its name."""
        return format_html_join(" · ", gettext("{} : {}"), words.facts(obj.facts)) or SafeString("–")

    @admin.display(description=_("auteur"))
    def who(self, obj: AuditEntry) -> str:
        """The reader, the system, or a reference of staff."""
        return str({log.READER: _("lecteur"), log.SYSTEM: _("système")}.get(obj.actor, obj.actor))

    @admin.display(description=_("empreinte de l’entrée précédente"))
    def previous_hash(self, obj: AuditEntry) -> str:
        """What ties the entry to the one before it in its chain."""
        return obj.previous or "–"

    @admin.display(description=_("texte inscrit"))
    def text(self, obj: AuditEntry) -> str:
        """The very text that is hashed."""
        return obj.canonical

    @transaction.atomic
    def _record(self, request: HttpRequest) -> None:
        """Only for those who may look; the others are refused by the view itself."""
        if request.method in {"GET", "HEAD"} and self.has_view_permission(request):
            log.record("log.viewed", by=cast(Staff, request.user), at=timezone.now())
