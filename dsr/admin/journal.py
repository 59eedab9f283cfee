"""The log as auditors read it: listed, filtered, each entry in words with its proof; nobody changes one here."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dsr.admin import journal_paging, journal_words
from dsr.admin.by_verbs import ByVerbs
from dsr.admin.journal_filters import Filters
from dsr.audit import log, proving
from dsr.models.audit import AuditEntry
from dsr.models.staff import Staff

VIEW = "dsr.view_auditentry"


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """One page of the list; looking at it is recorded in it."""
    _record_look(request)
    filters = Filters(request.GET)
    edges = {side: request.GET.get(side, "") for side in ("before", "after")}
    page = journal_paging.page(filters.streams, key=filters.key, **edges)
    anchor = proving.newest()
    context = {
        "title": _("Journal"),
        "filters": filters,
        "is_filtered": bool(filters.kept),
        "rows": [journal_words.told(each) for each in proving.entries(page.pks, anchor)],
        "anchor": anchor,
        "older": _link(filters, before=page.pks[-1]) if page.has_older else "",
        "newer": _link(filters, after=page.pks[0] if page.pks else "") if page.has_newer else "",
    }
    return _shown(request, "admin/dsr/auditentry/journal.html", context)


@require_safe
def entry(request: HttpRequest, object_id: int) -> HttpResponse:
    """One entry with all that proves it."""
    _check(request)
    if not AuditEntry.objects.filter(pk=object_id).exists():
        raise Http404
    _record_look(request)
    anchor = proving.newest()
    [proven] = proving.entries([object_id], anchor)
    context = {
        "title": _("Entrée du journal"),
        "entry": journal_words.told(proven),
        "anchor": anchor,
        "root": anchor.root.hex() if anchor else "",
        "text": proven.row[2],
        "text_hash": log.link(proven.row[2]),
        "leaf": proven.row[1].hex(),
        "path": [each.hex() for each in proven.path],
        "follows": proving.follows(proven),
    }
    return _shown(request, "admin/dsr/auditentry/entry.html", context)


@admin.register(AuditEntry)
class JournalAdmin(ByVerbs):
    """References, codes, counts and dates: the log names no reader."""

    def get_urls(self) -> list[URLPattern]:
        """Only these addresses; Django's own lists count, and its forms edit."""
        guarded = self.admin_site.admin_view
        return [
            path("", guarded(listing), name="dsr_auditentry_changelist"),
            path("<int:object_id>/change/", guarded(entry), name="dsr_auditentry_change"),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whether this member of staff reads the log."""
        return bool(request.user.has_perm(VIEW))


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied


@transaction.atomic
def _record_look(request: HttpRequest) -> None:
    """Only for those who may look: a refused look is no look."""
    _check(request)
    log.record("log.viewed", by=cast(Staff, request.user), at=timezone.now())


def _link(filters: Filters, **edge: str | int) -> str:
    """The address of another page of the same list."""
    return f"?{urlencode([*filters.kept.items(), *edge.items()])}"


def _shown(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    surroundings = {**admin.site.each_context(request), "opts": AuditEntry._meta}
    return TemplateResponse(request, template, {**surroundings, **context})
