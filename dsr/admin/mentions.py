"""The page of the mentions of one erasure: what other people wrote of the reader, masked or left by the officer."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from dsr import hints
from dsr.admin import words
from dsr.admin.case import find, staff
from dsr.leaving import LEAVING
from dsr.lifecycle import certifying, mentions, verification
from dsr.models.request import DataRequest
from dsr.models.verification import Certificate
from dsr.packages import certificate
from dsr.permissions import Denied, Refusal

TICKED, EVERY = "ticked", "every"
VERBS: dict[str, Callable[..., int]] = {"mask": mentions.mask, "leave": mentions.leave}
KINDS = {
    "email": gettext_lazy("adresse électronique"),
    "phone": gettext_lazy("téléphone"),
    "number": gettext_lazy("numéro de client"),
}
FORMS = {"pdf": "application/pdf", "json": "application/json"}


class DecideForm(forms.Form):
    """Which mentions, and what becomes of them; the domain says which reason leaving wants."""

    which = forms.ChoiceField(choices=[(TICKED, ""), (EVERY, "")], initial=TICKED)
    mention = forms.TypedMultipleChoiceField(coerce=int, required=False)
    reason = forms.ChoiceField(
        label=gettext_lazy("Raison de les laisser"),
        required=False,
        choices=lambda: [
            ("", _("Choisissez une raison")),
            *((code, each.sentence) for code, each in LEAVING.items()),
        ],
    )
    do = forms.ChoiceField(choices=[(verb, "") for verb in VERBS])

    def __init__(self, *args: Any, data_request: DataRequest, **more: Any) -> None:
        super().__init__(*args, **more)
        self.data_request = data_request
        ticked = self.data.getlist("mention") if self.is_bound else ()  # type: ignore[attr-defined]
        self.fields["mention"].choices = [(each, "") for each in ticked if each.isdecimal()]  # type: ignore[attr-defined]

    def chosen(self) -> list[int]:
        """The ticked ones, or as many of all as can be decided at once."""
        if self.cleaned_data["which"] == EVERY:
            return mentions.first(self.data_request)
        chosen: list[int] = self.cleaned_data["mention"]
        return chosen


@require_safe
def show(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The mentions to decide, some at a time; each showing is recorded."""
    data_request = find(request, object_id)
    return _page(request, data_request, DecideForm(data_request=data_request))


@require_POST
def decide(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """Mask or leave; refused, the page comes back with the reason and with what was chosen."""
    data_request = find(request, object_id)
    form = DecideForm(request.POST, data_request=data_request)
    if not form.is_valid():
        return _page(request, data_request, form, status=422)
    given: dict[str, Any] = {"mentions": form.chosen(), "by": staff(request), "at": timezone.now()}
    if form.cleaned_data["do"] == "leave":
        given["reason"] = form.cleaned_data["reason"]
    try:
        count = VERBS[form.cleaned_data["do"]](data_request, **given)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _page(request, data_request, form, status=403 if isinstance(refusal, Denied) else 409)
    hints.for_request(data_request)
    messages.success(request, ngettext("%(n)d mention décidée.", "%(n)d mentions décidées.", count) % {"n": count})
    waiting = data_request.mentions.undecided().exists()
    where = "admin:dsr_datarequest_mentions" if waiting else "admin:dsr_datarequest_change"
    return HttpResponseRedirect(reverse(where, args=[data_request.pk]))


@require_safe
def certificate_of(request: HttpRequest, object_id: int, form: str) -> HttpResponse:
    """The certificate as PDF or JSON; that it was looked at is recorded."""
    data_request = find(request, object_id)
    if form not in FORMS:
        raise Http404
    try:
        found = certifying.show(data_request, by=staff(request), at=timezone.now())
    except Certificate.DoesNotExist as error:
        raise Http404 from error
    document = (
        certificate.as_json(found.note)
        if form == "json"
        else certificate.as_pdf(found.note, language=data_request.language)
    )
    headers = {"Content-Disposition": f'attachment; filename="{data_request.reference}.{form}"'}
    return HttpResponse(document, content_type=FORMS[form], headers=headers)


def _page(request: HttpRequest, data_request: DataRequest, form: DecideForm, *, status: int = 200) -> HttpResponse:
    after = request.GET.get("after", "")
    number = int(after) if after.isdecimal() else 0
    shown = mentions.show(data_request, after=number, by=staff(request), at=timezone.now())
    ticked = {int(each) for each in form["mention"].value() or () if str(each).isdecimal()}
    total = data_request.mentions.undecided().count()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": data_request.reference,
        "subtitle": _("Mentions chez d’autres personnes"),
        "opts": DataRequest._meta,
        "data_request": data_request,
        "form": form,
        "every": form["which"].value() == EVERY,
        "groups": _groups(shown, ticked),
        "total": total,
        "at_once": min(total, mentions.AT_ONCE),
        "following": shown[-1].mention.pk if len(shown) == mentions.A_PAGE else None,
        "is_first": not number,
    }
    return TemplateResponse(request, "admin/dsr/mentions/page.html", context, status=status)


def _groups(shown: list[mentions.Shown], ticked: set[int]) -> list[dict[str, Any]]:
    """The mentions under the source in whose rows they stand."""
    groups: dict[str, list[dict[str, Any]]] = {}
    places = {place.name: place for place in verification.places()}
    for each in shown:
        found = _mention(each, places.get(each.mention.source), ticked)
        groups.setdefault(each.mention.source, []).append(found)
    return [{"label": words.source_label(name), "mentions": each} for name, each in groups.items()]


def _mention(each: mentions.Shown, place: verification.Place | None, ticked: set[int]) -> dict[str, Any]:
    return {
        "row": each.mention,
        "field": _field_label(each.mention.field, place),
        "kinds": ", ".join(str(KINDS.get(kind, kind)) for kind in each.mention.kinds.split(",")),
        "pieces": each.pieces,
        "ticked": each.mention.pk in ticked,
    }


def _field_label(name: str, place: verification.Place | None) -> str:
    """The column in words, as its declaration has them, else as its model does."""
    column = place.table.fields.get(name) if place else None
    if place is None or column is None:
        return name
    declared = [each.fields.get(column.name) for each in place.sources]
    return str(next((each.label for each in declared if each and each.label), column.verbose_name))
