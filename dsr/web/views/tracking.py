"""``/demande/<reference>/``: prove the mailbox, then follow the request and act on it.

A browser that has proven nothing sees the same page whether the reference exists or not. GET and HEAD change nothing:
a mail scanner that opens the link of a letter does nothing, its secret being in the fragment, which is sent to nobody.
"""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dsr import hints
from dsr.lifecycle import downloads, identity, intake
from dsr.lifecycle.downloads import Begun
from dsr.models.identity import Purpose
from dsr.models.request import DataRequest
from dsr.permissions import Refusal
from dsr.web import limits, proof
from dsr.web.follow import follow
from dsr.web.follow_forms import CodeForm, PageForm
from dsr.web.views.downloads import enter
from dsr.web.views.errors import answers
from dsr.web.views.verbs import VERBS, forms_for, status_of

POLL = "attente"  # asked by the script that waits, not by the person: it does not count as use
TYPED = ("answer", "new-", "explanation-")


@never_cache
@answers("GET", "POST")
def show(request: HttpRequest, /, reference: str) -> HttpResponseBase:
    """The page of one request, or what becomes of a post."""
    at = timezone.now()
    data_request = DataRequest.objects.filter(reference=reference).first()
    # The session is asked first, also for a reference that does not exist: the header Vary says whether it was.
    proven = proof.holds(request.session, reference, at=at) and data_request is not None
    if proven and POLL not in request.GET:
        proof.touch(request.session, at=at)
    verb = request.POST.get("do", "") if request.method == "POST" else None
    if verb in {"confirm", "send-code"}:
        limits.spend(request, "code", at=at)
        limits.spend(request, "reference", at=at, reference=reference)
        act = _confirm if verb == "confirm" else _send_code
        return act(request, reference, data_request, at=at)
    if not proven or data_request is None:
        return _unproven(request, reference, CodeForm(), status=403 if verb else 200)
    if verb is None:
        return _page(request, data_request, at=at)
    if verb == "leave":
        proof.leave(request.session)
        return redirect("web:rights")
    return _act(request, data_request, verb, at=at)


def _confirm(
    request: HttpRequest, reference: str, data_request: DataRequest | None, *, at: datetime
) -> HttpResponseBase:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _unproven(request, reference, form, status=400)
    try:
        opened = _open(data_request, form, at=at)
    except Refusal as refusal:
        form.add_error("code", str(refusal))
        return _unproven(request, reference, form, status=status_of(refusal))
    if isinstance(opened, Begun):
        proof.grant(request.session, proof.family(opened.session.package.data_request), at=at)
        return enter(opened)
    proof.grant(request.session, proof.family(*opened), at=at)
    if data_request and not data_request.confirmed_at:
        messages.success(request, _("Merci : votre adresse est confirmée."))
    return redirect("web:tracking", reference=opened[-1].reference)


def _open(data_request: DataRequest | None, form: CodeForm, *, at: datetime) -> list[DataRequest] | Begun:
    """The requests that a code opens, the one that carries on last; or a session for the copy, by its code.

    Raises ``identity.WrongCode``, also for a reference that does not exist.
    """
    if data_request is None:
        raise identity.WrongCode
    if not data_request.confirmed_at:
        carried = intake.confirm(data_request, at=at, **form.secret)
        for each in proof.family(carried):
            hints.for_request(each)
        return [DataRequest.objects.get(pk=data_request.pk), carried]
    try:
        identity.admit(data_request, at=at, **form.secret)
    except identity.WrongCode:
        if not data_request.packages.available(at).exists():
            raise
        return downloads.begin(data_request, at=at, **form.secret)
    return [data_request]


def _send_code(
    request: HttpRequest, reference: str, data_request: DataRequest | None, *, at: datetime
) -> HttpResponseBase:
    """Said alike whether the reference exists or not, and whether the day's letters are spent or not."""
    if data_request is not None:
        purpose = Purpose.FOLLOW if data_request.confirmed_at else Purpose.CONFIRM
        identity.challenge(data_request, purpose=purpose, at=at)
        hints.for_request(data_request)
    messages.info(
        request,
        _("Si cette référence est bien celle d’une demande, un code vient de partir vers l’adresse qui l’a faite."),
    )
    return redirect("web:tracking", reference=reference)


def _act(request: HttpRequest, data_request: DataRequest, name: str, *, at: datetime) -> HttpResponseBase:
    verb = VERBS.get(name)
    if verb is None:
        return _page(request, data_request, at=at, failure=_("Ce bouton n’existe pas."), status=400)
    form = verb.form(data_request, request.POST) if verb.form else None
    if form is not None:
        form.files = request.FILES
    if form is not None and not form.is_valid():
        return _sent_back(request, data_request, form, at=at, status=422)
    try:
        done = verb.carry_out(data_request, form, at)
    except Refusal as refusal:
        if form is None:
            return _page(request, _now(data_request), at=at, failure=str(refusal), status=status_of(refusal))
        form.add_error(form.place_of(refusal), str(refusal))
        return _sent_back(request, _now(data_request), form, at=at, status=status_of(refusal))
    hints.for_request(data_request)
    if isinstance(done, Begun):
        return enter(done)
    messages.success(request, str(verb.done))
    return redirect("web:tracking", reference=data_request.reference)


def _sent_back(
    request: HttpRequest, data_request: DataRequest, form: PageForm, *, at: datetime, status: int
) -> HttpResponse:
    """The form as it was typed; or its sentences and the words to copy, when it is no longer on the page."""
    if form.name in forms_for(data_request, at=at):
        return _page(request, data_request, at=at, failed=form, status=status)
    failure = " ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences)
    return _page(request, data_request, at=at, failure=failure, typed=_typed(request), status=status)


def _page(
    request: HttpRequest,
    data_request: DataRequest,
    *,
    at: datetime,
    failed: PageForm | None = None,
    failure: str = "",
    typed: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "follow": follow(data_request, at=at),
        "forms": forms_for(data_request, at=at) | ({failed.name: failed} if failed else {}),
        "failed": failed,
        "failure": failure,
        "typed": typed,
    }
    return render(request, "dsr/follow.html", context, status=status)


def _now(data_request: DataRequest) -> DataRequest:
    """The request as it stands after a refusal: somebody else may have moved it."""
    return DataRequest.objects.get(pk=data_request.pk)


def _unproven(request: HttpRequest, reference: str, form: CodeForm, *, status: int) -> HttpResponse:
    """The same page for every reference; what somebody typed before their half hour ended is given back to them."""
    context = {"reference": reference, "form": form, "interrupted": status == 403, "typed": _typed(request)}  # noqa: PLR2004
    return render(request, "dsr/confirm.html", context, status=status)


def _typed(request: HttpRequest) -> str:
    """The words in a post that could not be taken, so that they can be copied."""
    words = [value for name, value in request.POST.items() if name.startswith(TYPED) and str(value).strip()]
    return "\n\n".join(str(value) for value in words)
