"""The views of the passages of one request: the page, the decisions, words that are marked. Each look is recorded."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dsr import hints, permissions
from dsr.admin import case, passages
from dsr.lifecycle import persons
from dsr.models.request import DataRequest
from dsr.permissions import Denied, Refusal


@require_safe
def show(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The passages to decide, or every one."""
    return _page(request, _find(request, object_id))


@require_POST
def decide(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """Mask or leave what the page showed."""
    data_request = _find(request, object_id)
    numbers = [int(name.partition("-")[2]) for name in request.POST if _names_a_passage(name)]
    chosen = data_request.passages.filter(pk__in=numbers)
    form = passages.DecisionsForm(request.POST, passages=chosen)
    if not form.is_valid():
        return _page(request, data_request, status=422, form=form)
    try:
        persons.decide(data_request, by=case.staff(request), at=timezone.now(), **form.said())
    except Refusal as refusal:
        form = passages.DecisionsForm(request.POST, passages=chosen.all())  # as they stand now
        return _refused(request, data_request, refusal, form=form)
    messages.success(request, _("Décisions enregistrées."))
    return _back(request, data_request)


@require_POST
def mask_rest(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """Mask every passage that has no decision yet."""
    data_request = _find(request, object_id)
    try:
        persons.mask_rest(data_request, by=case.staff(request), at=timezone.now())
    except Refusal as refusal:
        return _refused(request, data_request, refusal)
    messages.success(request, _("Le reste est masqué."))
    return _back(request, data_request)


@require_POST
def mark(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """Have words masked that no machine finds."""
    data_request = _find(request, object_id)
    form = passages.MarkForm(request.POST, data_request=data_request)
    if not form.is_valid():
        return _page(request, data_request, status=422, mark=form)
    try:
        persons.mark(data_request, by=case.staff(request), at=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        return _refused(request, data_request, refusal, mark=form)
    hints.for_request(data_request)
    messages.success(request, _("Passage désigné."))
    return _back(request, data_request)


def _names_a_passage(name: str) -> bool:
    word, _dash, number = name.partition("-")
    return word == "decision" and number.isascii() and number.isdigit() and len(number) < 19  # noqa: PLR2004 - bigint


def _find(request: HttpRequest, object_id: int) -> DataRequest:
    """The request, for those who decide: what other people are read of is nobody else's to see."""
    data_request = case.find(request, object_id)
    try:
        permissions.check_may_see_passages(case.staff(request))
    except Denied as denied:
        raise PermissionDenied from denied
    return data_request


def _back(request: HttpRequest, data_request: DataRequest) -> HttpResponseRedirect:
    address = reverse("admin:dsr_datarequest_passages", args=[data_request.pk])
    return HttpResponseRedirect(f"{address}?every=1" if "every" in request.GET else address)


def _refused(request: HttpRequest, data_request: DataRequest, refusal: Refusal, **forms: Any) -> HttpResponseBase:
    messages.error(request, str(refusal))
    data_request = _find(request, data_request.pk)
    return _page(request, data_request, status=403 if isinstance(refusal, Denied) else 409, **forms)


def _page(request: HttpRequest, data_request: DataRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    case.record_view(request, data_request)
    after = request.GET.get("after", "")
    parts = passages.context(
        data_request,
        by=case.staff(request),
        every="every" in request.GET,
        after=int(after) if _names_a_passage(f"decision-{after}") else 0,
        **forms,
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": data_request.reference,
        "subtitle": _("Données d’autres personnes"),
        "opts": DataRequest._meta,
        **parts,
    }
    return TemplateResponse(request, "admin/dsr/datarequest/passages.html", context, status=status)
