"""The reviews of the log in the admin: their list, their addresses, and the button that opens one before its day."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.admin import review_views, review_words
from dsr.admin.by_verbs import ByVerbs
from dsr.admin.marks import Mark
from dsr.models.review import Review
from dsr.models.staff import Staff
from dsr.models.tree import Leaf
from dsr.oversight import reviews
from dsr.permissions import Denied, Refusal

View = Callable[..., HttpResponseBase]


@admin.register(Review)
class ReviewAdmin(ByVerbs):
    """Reviews are read, marked and signed by verbs: never edited, never deleted, not even by a superuser."""

    list_display = ("reference", "span", "opened", "due", "state", "findings_in_words")
    list_display_links = ("reference",)
    list_select_related = ("checkpoint", "signed_by")
    list_per_page = 50
    list_fullwidth = True
    change_list_template = "admin/dsr/review/list.html"
    show_full_result_count = False
    sortable_by = ()
    actions = None
    ordering = ("-pk",)

    def get_urls(self) -> list[URLPattern]:
        """Only these addresses; Django's history and deletion have none."""
        ours: list[tuple[str, View, str]] = [
            ("", self.changelist_view, "changelist"),
            ("open/", self.open_view, "open"),
            ("<int:object_id>/change/", review_views.show, "change"),
            ("<int:object_id>/mark/<int:finding>/", review_views.mark, "mark"),
            ("<int:object_id>/sign/", review_views.sign, "sign"),
            ("<int:object_id>/report.pdf", review_views.report, "report"),
        ]
        guarded = self.admin_site.admin_view
        return [path(route, guarded(view), name=f"dsr_review_{name}") for route, view, name in ours]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whether this member of staff sees reviews."""
        return bool(request.user.has_perm(review_views.VIEW))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:  # noqa: ARG002
        """With the days of each span, and how many findings it has and how many are marked."""
        leaf = Leaf.objects.values("entry__at")
        return Review.objects.defer("figures", "checkpoint__note").annotate(
            first_at=Subquery(leaf.filter(index=OuterRef("start"))),
            last_at=Subquery(leaf.filter(index=OuterRef("checkpoint__size") - 1)),
            found=Count("findings"),
            unmarked=Count("findings", filter=Q(findings__mark="")),
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, recorded as looked at, with the day on which the next review opens."""
        if request.method == "GET" and self.has_view_permission(request):
            review_views.record_look(request)
        context = {
            "title": _("Relectures du journal"),
            "next_on": reviews.next_on(at=timezone.now()),
            "may_open": request.user.has_perm(permissions.REVIEW),
            **(extra_context or {}),
        }
        response: HttpResponse = super().changelist_view(request, context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            changelist = response.context_data["cl"]
            changelist.full_result_count = changelist.result_count  # the theme's header would offer to show all of them
        return response

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Open a review now; when there is nothing to review, the list comes back with the reason."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            review = reviews.open_now(by=cast(Staff, request.user), at=timezone.now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
            response = self.changelist_view(request)
            response.status_code = 403 if isinstance(refusal, Denied) else 409
            return response
        messages.success(request, _("Relecture ouverte."))
        return HttpResponseRedirect(reverse("admin:dsr_review_change", args=[review.pk]))

    @admin.display(description=_("journal"))
    def span(self, obj: Review) -> SafeString:
        """The days that the span covers, and its entries."""
        days = review_words.days(obj.first_at, obj.last_at)  # type: ignore[attr-defined]
        return format_html('{} <span class="dk-quiet">{}</span>', days, review_words.span(obj))

    @admin.display(description=_("ouverte le"))
    def opened(self, obj: Review) -> str:
        """The day, in Paris."""
        return review_words.day(obj.opened_at)

    @admin.display(description=_("à signer avant le"))
    def due(self, obj: Review) -> str:
        """The last day to sign in time."""
        return date_format(obj.due_on, "j F Y")

    @admin.display(description=_("état"))
    def state(self, obj: Review) -> str:
        """Open, overdue, or signed by whom and when."""
        return str(review_words.state(obj, timezone.now()))

    @admin.display(description=_("constats"))
    def findings_in_words(self, obj: Review) -> SafeString:
        """How many, and how many wait for their mark."""
        found, unmarked = obj.found, obj.unmarked  # type: ignore[attr-defined]
        waiting = Mark(review_words.unmarked(unmarked), "warn") if unmarked else ""
        return format_html("{} {}", review_words.found(found), str(waiting))
