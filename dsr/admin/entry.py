"""How staff type in a request that came by another way than the reader's pages."""

from datetime import UTC, datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from dsr import hints, permissions
from dsr.admin import words
from dsr.admin.forms import paragraph
from dsr.lifecycle import intake
from dsr.models.request import Channel, DataRequest
from dsr.models.staff import Staff
from dsr.permissions import Refusal
from dsr.sources import registry

GDPR_APPLIES = datetime(2018, 5, 25, tzinfo=UTC)
TYPED_IN = [Channel.POST, Channel.EMAIL, Channel.TELEPHONE, Channel.COUNTER]

# The field beside which a refusal is said; the others concern the whole form.
FIELDS = {
    "undeliverable-address": "email",
    "no-way-to-answer": "postal_address",
    "received-in-the-future": "received_at",
    "unknown-source": "scope",
}


class EntryForm(forms.Form):
    """Fields by the names of ``intake.enter``; the sources ticked become its scope."""

    required_css_class = "dk-required"

    kind = forms.ChoiceField(label=_("Nature"), choices=words.KINDS.items())
    channel = forms.ChoiceField(label=_("Voie"), choices=[(each.value, each.label) for each in TYPED_IN])
    received_at = forms.DateTimeField(
        label=_("Reçue le"),
        help_text=_("Le jour et l’heure, à Paris, où la demande est arrivée : le délai part de là."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    language = forms.ChoiceField(label=_("Langue de la réponse"), choices=settings.LANGUAGES, initial="fr")
    email = forms.EmailField(
        label=_("Adresse électronique"),
        help_text=_("Le lecteur y recevra un code à confirmer, puis la réponse."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    postal_address = forms.CharField(
        label=_("Nom et adresse postale"),
        help_text=_("Sans adresse électronique, la réponse part par la poste."),
        widget=paragraph(4),
        required=False,
        max_length=1000,
    )
    message = forms.CharField(
        label=_("Ce que le lecteur demande"), widget=paragraph(6), required=False, max_length=5000
    )
    scope = forms.MultipleChoiceField(
        label=_("Seulement ces données"),
        help_text=_("Rien de coché : toutes ses données."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    about_article = forms.URLField(
        label=_("Article concerné"),
        help_text=_("Une demande sur un article publié va à la rédaction."),
        required=False,
        assume_scheme="https",
        max_length=200,
    )
    minor = forms.BooleanField(label=_("Le lecteur était mineur quand ses données ont été collectées"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["scope"].choices = [(each.name, words.source_label(each.name)) for each in registry.sources()]  # type: ignore[attr-defined]
        self.fields["received_at"].widget.attrs["max"] = f"{timezone.localtime():%Y-%m-%dT%H:%M}"

    def clean_received_at(self) -> datetime:
        """Refuse a date before the law applied, most likely a slip of the keyboard."""
        received_at: datetime = self.cleaned_data["received_at"]
        if received_at < GDPR_APPLIES:
            raise forms.ValidationError(_("Cette date précède l’entrée en application du RGPD, le 25 mai 2018."))
        return received_at

    def clean_scope(self) -> dict[str, str]:
        """All rows of each source that was ticked."""
        return dict.fromkeys(self.cleaned_data["scope"], "*")


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Show the form; posted, register the request or show the form again with what was typed and what is wrong."""
    if not request.user.has_perm(permissions.ENTER):
        raise PermissionDenied
    form = EntryForm(request.POST if request.method == "POST" else None)
    entered = _enter(request, form)
    if entered is not None:
        hints.for_request(entered)
        messages.success(request, _("Demande %(reference)s enregistrée.") % {"reference": entered.reference})
        return HttpResponseRedirect(_next(request, entered))
    context = {**admin.site.each_context(request), "title": _("Saisir une demande"), "form": form}
    return TemplateResponse(request, "admin/dsr/datarequest/entry.html", context, status=422 if form.is_bound else 200)


def _enter(request: HttpRequest, form: EntryForm) -> DataRequest | None:
    if not form.is_valid():
        return None
    try:
        return intake.enter(by=cast(Staff, request.user), at=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(FIELDS.get(refusal.code), str(refusal))
        return None


def _next(request: HttpRequest, entered: DataRequest) -> str:
    """The page of the request, for those who may see it; else the desk's first page."""
    if request.user.has_perm(permissions.VIEW):
        return reverse("admin:dsr_datarequest_change", args=[entered.pk])
    return reverse("admin:index")
