"""The views of one request: its page, its verbs, its letters for the post and its package."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dsr import hints, notifications, permissions
from dsr.admin import acts, offers, page, words
from dsr.audit import log
from dsr.lifecycle import delivery, proofs, reading
from dsr.models.package import Package
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.permissions import Denied, Refusal


@require_safe
def show(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The page of one request."""
    return _page(request, find(request, object_id))


@require_POST
def act(request: HttpRequest, object_id: int, verb: str, row: int | None = None) -> HttpResponseBase:
    """Carry out one verb: one domain call; refused, the page comes back with the reason and with what was typed."""
    data_request = find(request, object_id)
    chosen = (acts.ACTS if row is None else acts.ROW_ACTS).get(verb)
    if chosen is None:
        raise Http404
    try:
        target = acts.target(data_request, chosen, row)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    ids = offers.element_ids(verb, row)
    form = chosen.form(request.POST, request.FILES, target=target, by=staff(request), auto_id=ids)
    attempt = offers.Attempt(verb, row, form)
    if not form.is_valid():
        return _page(request, data_request, attempt=attempt, status=422)
    try:
        chosen.call(target, by=staff(request), at=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        return _refused(request, data_request, refusal, attempt)
    hints.for_request(data_request)
    messages.success(request, chosen.done)
    return _back(data_request)


@require_safe
def letter(request: HttpRequest, object_id: int, row: int) -> HttpResponse:
    """A letter for the post, as it is printed."""
    data_request = find(request, object_id)
    if not staff(request).has_perm(permissions.DECIDE):
        raise PermissionDenied
    notice = get_object_or_404(data_request.notices.select_related("secret", "data_request"), pk=row, by_post=True)
    record_view(request, data_request)
    return HttpResponse(notifications.as_printed(notice))


@require_POST
def read(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The package as the reader will have it, opened by an officer before it is released; recorded."""
    data_request = find(request, object_id)
    try:
        opened = reading.read(data_request, by=staff(request), at=timezone.now())
    except Refusal as refusal:
        return _refused(request, data_request, refusal)
    return _archive(data_request, opened)


@require_POST
def package(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The package, opened by staff to be printed or burnt for the post; that it was opened is recorded."""
    data_request = find(request, object_id)
    try:
        opened = delivery.open_for_post(data_request, by=staff(request), at=timezone.now())
    except Refusal as refusal:
        return _refused(request, data_request, refusal)
    return _archive(data_request, opened)


def _archive(data_request: DataRequest, opened: Package) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{data_request.reference}.zip"'}
    return StreamingHttpResponse(delivery.content(opened), content_type="application/zip", headers=headers)


@require_POST
def proof(request: HttpRequest, object_id: int, row: int) -> HttpResponseBase:
    """A proof that the reader attached, as a download: what a stranger sent must not run in the desk's origin."""
    data_request = find(request, object_id)
    found = get_object_or_404(data_request.proofs, pk=row)
    try:
        chunks = proofs.look(found, by=staff(request), at=timezone.now())
    except Refusal as refusal:
        return _refused(request, data_request, refusal)
    headers = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return StreamingHttpResponse(chunks, content_type="application/octet-stream", headers=headers)


def staff(request: HttpRequest) -> Staff:
    """Who asks; the admin lets nobody in who is not signed in."""
    return cast(Staff, request.user)


def find(request: HttpRequest, object_id: int) -> DataRequest:
    """The request, for those who may see requests."""
    if not staff(request).has_perm(permissions.VIEW):
        raise PermissionDenied
    related = DataRequest.objects.select_related("assigned_to", "decided_by", "entered_by", "asked_with", "joined_to")
    return get_object_or_404(related, pk=object_id)


def _back(data_request: DataRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:dsr_datarequest_change", args=[data_request.pk]))


def _refused(
    request: HttpRequest, data_request: DataRequest, refusal: Refusal, attempt: offers.Attempt | None = None
) -> HttpResponseBase:
    """The page once more, as the request stands now, with the reason: 403 for who may not, 409 for what cannot be."""
    messages.error(request, str(refusal))
    data_request = find(request, data_request.pk)
    return _page(request, data_request, attempt=attempt, status=403 if isinstance(refusal, Denied) else 409)


def _page(
    request: HttpRequest, data_request: DataRequest, *, attempt: offers.Attempt | None = None, status: int = 200
) -> HttpResponse:
    """Every showing of the page is recorded, that after a refused verb too."""
    record_view(request, data_request)
    parts = page.context(data_request, by=staff(request), at=timezone.now(), attempt=attempt)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": data_request.reference,
        "subtitle": words.KINDS[data_request.kind],
        "opts": DataRequest._meta,
        **parts,
    }
    return TemplateResponse(request, "admin/dsr/datarequest/page.html", context, status=status)


@transaction.atomic
def record_view(request: HttpRequest, data_request: DataRequest) -> None:
    log.record("request.viewed", about=data_request, by=staff(request), at=timezone.now())
