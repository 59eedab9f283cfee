"""The queue: requests by due date, the views and filters an officer works with, and a search that leaves a trace."""

from datetime import datetime
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from dsr.admin import filters, marks, pending, words
from dsr.admin.by_verbs import ByVerbs
from dsr.audit import log
from dsr.models.request import DataRequest, DataRequestQuerySet
from dsr.models.staff import Staff

FOUND_LIMIT = 200


class QueueAdmin(ByVerbs):
    """The list of requests; nothing in it is edited or deleted."""

    list_display = (
        "reference",
        "asked",
        "position",
        "turn",
        "due",
        "remarks",
        "channel",
        "looked_after_by",
    )
    list_display_links = ("reference",)
    list_filter = (filters.ViewFilter, filters.KindFilter, filters.StateFilter, filters.AssignedFilter)
    list_select_related = ("assigned_to",)
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    sortable_by = ()
    actions = None
    change_list_template = "admin/dsr/datarequest/queue.html"

    def get_queryset(self, request: HttpRequest) -> DataRequestQuerySet:  # noqa: ARG002
        """Without the long texts, with what the marks need."""
        plain = DataRequest.objects.defer("message", "postal_address", "reply", "scope")
        return plain.annotate(needs_attention=pending.needs_attention(), waits_for_officer=pending.waits_for_officer())

    def get_ordering(self, request: HttpRequest) -> Any:
        """By due date; in the views of what is closed, the latest received first."""
        if "found" in request.GET or request.GET.get("view") in pending.CLOSED_VIEWS:
            return ["-received_at", "-pk"]
        return pending.in_order(timezone.now())

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:  # noqa: ARG002
        """No filter but ours: a person is looked up by the search, which is recorded."""
        return lookup in filters.PARAMETERS

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The queue, with how many wait in each view."""
        response: HttpResponse = super().changelist_view(
            request, {"title": _("File des demandes"), **(extra_context or {})}
        )
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            response.context_data.update(_surroundings(request, response.context_data["cl"]))
        return response

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Look for a reference or an address: the words stay out of every URL and log, the number found is recorded."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = list(pending.of_reference_or_address(request.POST.get("words", ""))[:FOUND_LIMIT])
        with transaction.atomic():
            log.record("desk.searched", by=cast(Staff, request.user), at=timezone.now(), facts={"results": len(found)})
        if len(found) == 1:
            return HttpResponseRedirect(reverse("admin:dsr_datarequest_change", args=[found[0].pk]))
        request.session[filters.FOUND] = [each.pk for each in found]
        return HttpResponseRedirect(reverse("admin:dsr_datarequest_changelist") + "?found=1")

    @admin.display(description=_("nature"))
    def asked(self, obj: DataRequest) -> str:
        """The kind, short."""
        return str(words.KINDS[obj.kind])

    @admin.display(description=_("état"))
    def position(self, obj: DataRequest) -> str:
        """The state, in words."""
        return str(marks.state(obj))

    @admin.display(description=_("à qui le tour"))
    def turn(self, obj: DataRequest) -> str:
        """Whose turn it is; nobody's once closed."""
        return marks.turn(obj, waits_for_officer=obj.waits_for_officer) or "–"  # type: ignore[attr-defined]

    @admin.display(description=_("échéance"))
    def due(self, obj: DataRequest) -> SafeString:
        """The last day, and how long until then."""
        now: datetime = timezone.now()
        return format_html('<span class="dk-due">{} {}</span>', marks.due_text(obj), str(marks.clock(obj, now)))

    @admin.display(description=_("À noter"))
    def remarks(self, obj: DataRequest) -> SafeString:
        """What calls for a person."""
        flags = marks.flags(obj, needs_attention=obj.needs_attention)  # type: ignore[attr-defined]
        return format_html_join(" ", "{}", ((str(flag),) for flag in flags))

    @admin.display(description=_("Suivie par"))
    def looked_after_by(self, obj: DataRequest) -> str:
        """The name of the officer it is entrusted to."""
        staff = obj.assigned_to
        return (staff.get_full_name() or staff.get_username()) if staff else "–"


def _surroundings(request: HttpRequest, changelist: ChangeList) -> dict[str, Any]:
    """The views with their counts, and the other filters."""
    shown, *others = cast(list[admin.SimpleListFilter], changelist.filter_specs)
    searched = "found" in request.GET
    view = "" if searched else shown.value()
    totals = pending.counts(timezone.now())
    changelist.full_result_count = changelist.result_count  # the theme's header would offer to show all of them
    return {
        "view": view or pending.TO_DO,
        "tabs": [
            {
                "title": title,
                "href": changelist.get_query_string({"view": each}, ["p", "found"]),
                "current": each == view,
                "total": totals.get(each),
                "tone": pending.TONES.get(each, "plain") if totals.get(each) else "plain",
            }
            for each, title in pending.VIEWS.items()
        ],
        "filters": others,
        "is_filtered": searched or any(each.value() for each in others),
        "found": changelist.result_count if searched else None,
    }
