"""``/demande/``: the form; a good one leads to the page of its request, a bad one comes back as it was typed."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dsr import hints
from dsr.lifecycle import intake
from dsr.models.request import Channel
from dsr.permissions import Refusal
from dsr.sources import registry
from dsr.web import limits, once
from dsr.web.forms import RequestForm
from dsr.web.rights import RIGHTS
from dsr.web.views.errors import answers

FIELDS = {"undeliverable-address": "email", "unknown-source": "sources", "nothing-asked": "kinds"}


@never_cache
@answers("GET", "POST")
def show(request: HttpRequest, /) -> HttpResponse:
    """The empty form, or what becomes of a posted one."""
    if request.method != "POST":
        return _page(request, RequestForm())
    at = timezone.now()
    limits.spend(request, "intake", at=at)
    form = RequestForm(request.POST)
    if form.is_valid():
        try:
            reference = _receive(form, at=at)
        except Refusal as refusal:
            form.add_error(FIELDS.get(refusal.code), str(refusal))
        else:
            messages.success(
                request, _("Votre demande est enregistrée. Un courriel part vers l’adresse que vous avez donnée.")
            )
            return redirect("web:tracking", reference=reference)
    return _page(request, form, status=422)


def _receive(form: RequestForm, *, at: datetime) -> str:
    """The reference of what was asked; a form posted twice is received once."""
    try:
        with transaction.atomic():
            key = once.claim(form.cleaned_data, at=at) if form.cleaned_data["nonce"] else ""
            language = get_language() or "fr"
            received = intake.receive(**form.content, scope=form.scope, channel=Channel.FORM, language=language, at=at)
            once.settle(key, received[0].reference)
    except once.PostedBefore as before:
        return before.reference
    for each in received:
        hints.for_request(each)
    return received[0].reference


def _page(request: HttpRequest, form: RequestForm, *, status: int = 200) -> HttpResponse:
    meanings = {right.kind.value: right.meaning for right in RIGHTS}
    descriptions = {source.name: source.description for source in registry.sources()}
    context = {"form": form, "meanings": meanings, "descriptions": descriptions}
    return render(request, "dsr/form.html", context, status=status)
