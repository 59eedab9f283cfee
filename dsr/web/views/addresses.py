"""``/demande/<reference>/nouvelle-adresse/`` and ``…/pas-moi/``: the new mailbox confirms, the old one objects.

Both are opened from a letter by somebody who may have proven nothing else, and look alike for every reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from dsr import hints
from dsr.lifecycle import addresses, identity
from dsr.models.request import DataRequest
from dsr.permissions import Refusal
from dsr.web import limits
from dsr.web.follow_forms import CodeForm
from dsr.web.views.errors import answers
from dsr.web.views.verbs import status_of


@dataclass(frozen=True, slots=True)
class Page:
    """One of the two pages: its words, the domain call, and the sentence that says it is done."""

    title: str | Promise
    lead: str | Promise
    button: str | Promise
    carry_out: Callable[..., Any]
    done: str | Promise


NEW = Page(
    _("Votre nouvelle adresse"),
    _("Le code reçu à la nouvelle adresse montre que vous en lisez le courrier. Elle prendra effet après un délai."),
    _("Confirmer cette adresse"),
    addresses.confirm,
    _("Merci : la nouvelle adresse est confirmée. Nous en avertissons l’ancienne, qui peut encore s’y opposer."),
)
OLD = Page(
    _("Ce n’était pas vous ?"),
    _("Dites-le avec le code reçu à l’ancienne adresse : rien ne changera, et une personne examinera la demande."),
    _("Non, ce n’était pas moi"),
    addresses.contest,
    _("C’est noté : l’adresse ne changera pas. Une personne examine cette demande."),
)


@never_cache
@answers("GET", "POST")
def new(request: HttpRequest, /, reference: str) -> HttpResponse:
    """Where the new mailbox confirms."""
    return _show(request, reference, NEW)


@never_cache
@answers("GET", "POST")
def old(request: HttpRequest, /, reference: str) -> HttpResponse:
    """Where the old one objects."""
    return _show(request, reference, OLD)


def _show(request: HttpRequest, reference: str, page: Page) -> HttpResponse:
    context = {"reference": reference, "page": page, "form": CodeForm()}
    if request.method != "POST":
        return render(request, "dsr/address.html", context)
    at = timezone.now()
    limits.spend(request, "code", at=at)
    limits.spend(request, "reference", at=at, reference=reference)
    form = context["form"] = CodeForm(request.POST)
    if not form.is_valid():
        return render(request, "dsr/address.html", context, status=400)
    try:
        _carry_out(reference, page, form)
    except Refusal as refusal:
        form.add_error("code", str(refusal))
        return render(request, "dsr/address.html", context, status=status_of(refusal))
    return render(request, "dsr/address.html", {**context, "done": page.done})


def _carry_out(reference: str, page: Page, form: CodeForm) -> None:
    data_request = DataRequest.objects.filter(reference=reference).first()
    if data_request is None:
        raise identity.WrongCode
    page.carry_out(data_request, at=timezone.now(), **form.secret)
    hints.for_request(data_request)
