"""The views of one review: its page, a finding's mark, the signature, the printed report. Each look is recorded."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dsr import typesetting
from dsr.admin import review_page, review_report
from dsr.admin.review_page import Attempt, MarkForm
from dsr.audit import log
from dsr.models.review import Review
from dsr.models.staff import Staff
from dsr.oversight import reviews
from dsr.permissions import Denied, Refusal

VIEW = "dsr.view_review"


@require_safe
def show(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The page of one review."""
    return _page(request, _find(request, object_id))


@require_POST
def mark(request: HttpRequest, object_id: int, finding: int) -> HttpResponseBase:
    """Mark one finding; refused, the page comes back with the reason and with what was typed."""
    review = _find(request, object_id)
    found = get_object_or_404(review.findings.select_related("review"), pk=finding)
    attempt = Attempt(found, MarkForm(request.POST, finding=found))
    if not attempt.form.is_valid():
        return _page(request, review, attempt=attempt, status=422)
    try:
        reviews.mark(found, by=_staff(request), at=timezone.now(), **attempt.form.cleaned_data)
    except Refusal as refusal:
        return _refused(request, review, refusal, attempt)
    messages.success(request, _("Constat apprécié."))
    onward = review_page.next_anchor(found, by=_staff(request))
    return HttpResponseRedirect(f"{_address(review)}#{onward}")


@require_POST
def sign(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """Sign the review off."""
    review = _find(request, object_id)
    try:
        reviews.sign(review, by=_staff(request), at=timezone.now())
    except Refusal as refusal:
        return _refused(request, review, refusal)
    messages.success(request, _("Relecture signée."))
    return HttpResponseRedirect(_address(review))


@require_safe
def report(request: HttpRequest, object_id: int) -> HttpResponse:
    """The review to be printed or filed, as a PDF."""
    review = _find(request, object_id)
    record_look(request)
    document = typesetting.pdf(review_report.TEMPLATE, review_report.data(review, at=timezone.now()))
    headers = {"Content-Disposition": f'inline; filename="{review.reference}.pdf"'}
    return HttpResponse(document, content_type="application/pdf", headers=headers)


def _staff(request: HttpRequest) -> Staff:
    """Who asks; the admin lets nobody in who is not signed in."""
    return cast(Staff, request.user)


def _find(request: HttpRequest, object_id: int) -> Review:
    """The review, for those who may see reviews."""
    if not _staff(request).has_perm(VIEW):
        raise PermissionDenied
    return get_object_or_404(Review.objects.select_related("checkpoint", "signed_by"), pk=object_id)


def _address(review: Review) -> str:
    return reverse("admin:dsr_review_change", args=[review.pk])


def _refused(
    request: HttpRequest, review: Review, refusal: Refusal, attempt: Attempt | None = None
) -> HttpResponseBase:
    """The page once more, as the review stands now, with the reason: 403 for who may not, 409 for what cannot be."""
    messages.error(request, str(refusal))
    status = 403 if isinstance(refusal, Denied) else 409
    return _page(request, _find(request, review.pk), attempt=attempt, status=status)


def _page(
    request: HttpRequest, review: Review, *, attempt: Attempt | None = None, status: int = 200
) -> HttpResponseBase:
    """Every showing of the page is recorded, that after a refused verb too."""
    record_look(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": review.reference,
        "subtitle": _("Relecture du journal"),
        "opts": Review._meta,
        **review_page.context(review, by=_staff(request), at=timezone.now(), attempt=attempt),
    }
    return TemplateResponse(request, "admin/dsr/review/page.html", context, status=status)


@transaction.atomic
def record_look(request: HttpRequest) -> None:
    """Whoever looks at a review looks at the log."""
    log.record("log.viewed", by=_staff(request), at=timezone.now())
