"""What came back of the erased, or may have: a page for officers, who settle what no machine can erase again."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dsr import permissions
from dsr.admin import words
from dsr.admin.by_verbs import ByVerbs
from dsr.lifecycle import restoring, resurgences
from dsr.models.ledger import Resurgence
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.permissions import Denied, Refusal

SHOWN = 200


@admin.register(Resurgence)
class ResurgenceAdmin(ByVerbs):
    """Read, and settled by a button: never edited, never deleted, not even by a superuser."""

    def get_urls(self) -> list[URLPattern]:
        """Only these addresses."""
        guarded = self.admin_site.admin_view
        return [
            path("", guarded(show), name="dsr_resurgence_changelist"),
            path("<int:object_id>/settle/", guarded(settle), name="dsr_resurgence_settle"),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whether this member of staff sees requests."""
        return bool(request.user.has_perm(permissions.VIEW))


@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    """What waits, then what was settled last."""
    if not request.user.has_perm(permissions.VIEW):
        raise PermissionDenied
    pending = Resurgence.objects.pending()
    settled = Resurgence.objects.exclude(settled_at=None).select_related("settled_by").order_by("-settled_at", "-pk")
    context = {
        **admin.site.each_context(request),
        "title": _("Effacements à reprendre"),
        "restored": restoring.is_pending(),
        "pending": _told(pending[:SHOWN]),
        "more": max(pending.count() - SHOWN, 0),
        "settled": _told(settled[:SHOWN]),
        "may_settle": request.user.has_perm(permissions.DECIDE),
    }
    return TemplateResponse(request, "admin/dsr/resurgence/list.html", context)


@require_POST
def settle(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """An officer dealt with it."""
    if not request.user.has_perm(permissions.VIEW):
        raise PermissionDenied
    resurgence = get_object_or_404(Resurgence, pk=object_id)
    try:
        resurgences.settle(resurgence, by=cast(Staff, request.user), at=timezone.now())
    except Denied as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("C’est réglé."))
    return HttpResponseRedirect(reverse("admin:dsr_resurgence_changelist"))


def _told(rows: Any) -> list[dict[str, Any]]:
    """Each row with the source in words and the page of its request, if there still is one."""
    rows = list(rows)
    found = DataRequest.objects.filter(reference__in={row.reference for row in rows}).values_list("reference", "pk")
    pages = {reference: reverse("admin:dsr_datarequest_change", args=[pk]) for reference, pk in found}
    return [
        {
            "row": row,
            "page": pages.get(row.reference, ""),
            "source": words.source_label(row.source) if row.source else "",
            "by_machine": row.why == Resurgence.Why.RETURNED,
            "by_hand": row.why == Resurgence.Why.FORGOTTEN and row.settled_at is None,
        }
        for row in rows
    ]
