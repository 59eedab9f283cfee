"""What a proven reader may do on the page of a request: one line each, one domain call each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsr.lifecycle import addresses, closing, contracts, copies, delivery, downloads, identity, proofs, wishes
from dsr.lifecycle.downloads import Begun
from dsr.models.address import AddressChange
from dsr.models.request import DataRequest
from dsr.permissions import Refusal
from dsr.states import Kind, State
from dsr.web.follow_forms import (
    AddressForm,
    ContractForm,
    DownloadForm,
    PageForm,
    ProofForm,
    ReplyForm,
    ScopeForm,
    WishesForm,
)

# The status of a refusal; for others the request is no longer where the verb applies.
STATUSES = {
    "wrong-code": 400,
    "not-correctable": 422,
    "unacceptable-value": 422,
    "unknown-source": 422,
    "no-reason": 422,
    "upload-too-large": 422,
    "wrong-type-of-file": 422,
    "no-package": 404,
    "not-stored": 503,
    "copy-asked-today": 429,
}
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Verb:
    """A form (None when a button says it all), the domain call, and the sentence that says it is done."""

    form: Callable[[DataRequest, QueryDict | None], PageForm] | None
    carry_out: Callable[[DataRequest, Any, datetime], Begun | object]
    done: str | Promise = ""


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return STATUSES.get(refusal.code, CONFLICT)


def scope_form(data_request: DataRequest, data: QueryDict | None = None) -> ScopeForm:
    """The rows that may be ticked."""
    return ScopeForm(data, choosable=wishes.choosable(data_request), scope=data_request.scope)


def wishes_form(data_request: DataRequest, data: QueryDict | None = None) -> WishesForm:
    """The values that may be corrected."""
    return WishesForm(data, values=wishes.correctable(data_request), wished=list(data_request.corrections.all()))


def contract_form(data_request: DataRequest, data: QueryDict | None = None) -> ContractForm:
    """The choice about a contract that still runs."""
    plan = contracts.asked(data_request)
    until = contracts.choosing_until(data_request, plan, at=timezone.now()) if plan else None
    return ContractForm(data, sources=plan.bound if plan else [], chosen=data_request.ending, until=until)


def forms_for(data_request: DataRequest, *, at: datetime) -> dict[str, PageForm]:
    """The empty forms of what this reader may do now; only those that are shown look data up."""
    shown: dict[str, PageForm] = {}
    if data_request.state == State.AWAITING_READER:
        shown["reply"] = ReplyForm()
    if data_request.packages.available(at).exists():
        shown["download"] = DownloadForm()
    if data_request.state == State.REVIEW and data_request.confirmed_at and not data_request.about_article:
        if data_request.kind == Kind.RECTIFICATION:
            shown["wish"] = wishes_form(data_request)
            if data_request.proofs.count() < proofs.AT_MOST:
                shown["proof"] = ProofForm()
        if data_request.kind in {Kind.ACCESS, Kind.ERASURE}:
            shown["scope"] = scope_form(data_request)
    if contracts.asked(data_request):
        shown["contract"] = contract_form(data_request)
    change = AddressChange.objects.filter(data_request=data_request, confirmed_at=None).first()
    if data_request.is_open and change:
        shown["address"] = AddressForm()
    return shown


VERBS: dict[str, Verb] = {
    "reply": Verb(
        lambda _request, data: ReplyForm(data),
        lambda request, form, at: identity.reply(request, answer=form.cleaned_data["answer"], at=at),
        _("Merci. Votre réponse est enregistrée."),
    ),
    "scope": Verb(
        scope_form,
        lambda request, form, at: wishes.choose_scope(request, scope=form.scope, at=at),
        _("C’est noté : votre demande ne porte que sur ce que vous avez coché."),
    ),
    "wish": Verb(
        wishes_form,
        lambda request, form, at: wishes.wish(request, wishes=form.wishes, at=at),
        _("C’est noté : un agent examinera chaque correction."),
    ),
    "contract": Verb(
        contract_form,
        lambda request, form, at: contracts.choose(request, ending=form.cleaned_data["ending"], at=at),
        _("C’est noté. Vous pouvez changer d’avis tant que l’effacement n’est pas approuvé."),
    ),
    "package-code": Verb(
        None,
        lambda request, _form, at: delivery.send_code(request, at=at),
        _("Un code vient de partir vers votre adresse. Entrez-le ci-dessous."),
    ),
    "download": Verb(
        lambda _request, data: DownloadForm(data),
        lambda request, form, at: downloads.begin(request, at=at, **form.secret),
    ),
    "proof": Verb(
        lambda _request, data: ProofForm(data),
        lambda request, form, at: proofs.attach(request, file=form.cleaned_data["file"], at=at),
        _("C’est joint. Seul l’agent qui décide le verra, et il sera détruit dès la décision."),
    ),
    "address": Verb(
        lambda _request, data: AddressForm(data),
        lambda request, form, at: addresses.confirm(request, at=at, **form.secret),
        _("Merci. La nouvelle adresse est confirmée ; l’ancienne en est avertie."),
    ),
    "address-code": Verb(
        None,
        lambda request, _form, at: addresses.send_again(request, at=at),
        _("Un nouveau code vient de partir vers la nouvelle adresse."),
    ),
    "copy-again": Verb(
        None,
        lambda request, _form, at: copies.ask(request, at=at),
        _("C’est noté : nous préparons une nouvelle copie. Un courriel vous l’annoncera."),
    ),
    "withdraw": Verb(
        None,
        lambda request, _form, at: closing.withdraw(request, at=at),
        _("Votre demande est retirée."),
    ),
}
