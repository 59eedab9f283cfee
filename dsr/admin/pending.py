"""What waits on the desk, as questions put to the database: the views of the queue and their counts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db.models import Case, Count, Exists, F, OrderBy, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsr import deadlines, keys
from dsr.admin.marks import SOON_DAYS
from dsr.models.identity import Identifier
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice, RecipientNoticeQuerySet
from dsr.models.request import DataRequest, DataRequestQuerySet
from dsr.models.step import Action, Status, Step
from dsr.states import CLOSED, OPEN, State

TO_DO = "todo"
CLOSED_VIEWS = frozenset({"silent", "closed", "all"})

VIEWS: Mapping[str, Promise] = {
    TO_DO: _("À traiter"),
    "late": _("En retard"),
    "soon": _("Échéance sous 7 jours"),
    "approval": _("À approuver"),
    "untold": _("Destinataires à prévenir"),
    "waiting": _("Attendent un agent"),
    "undelivered": _("Décidées, non envoyées"),
    "attention": _("À regarder"),
    "silent": _("Destinataires sans réponse"),
    "closed": _("Closes"),
    "all": _("Toutes"),
}

TONES = {
    "untold": "warn",
    "silent": "warn",
    "late": "bad",
    "attention": "bad",
    "soon": "warn",
    "undelivered": "warn",
    "approval": "calm",
    "waiting": "warn",
}

_UNDELIVERED = Q(state__in=[State.ANSWERED, State.REFUSED, State.EXPIRED], answer_sent_at=None)
_ON_THE_CLOCK = Q(state__in=OPEN) | _UNDELIVERED


def needs_attention() -> Q:
    """Whether a step or a letter of the request waits for a person's look."""
    steps = Step.objects.filter(data_request=OuterRef("pk"), status=Status.NEEDS_ATTENTION)
    notices = Notice.objects.filter(data_request=OuterRef("pk"), needs_attention=True)
    return Q(Exists(steps)) | Q(Exists(notices))


def waits_for_officer() -> Q:
    """Whether a step of the request waits for an officer: a source kept by hand, passages, a package to read."""
    waiting = Step.objects.filter(data_request=OuterRef("pk"), status=Status.WAITING)
    return Q(Exists(waiting.exclude(action=Action.ADDRESS)))  # that one waits for its day


def _at_work_again() -> Q:
    """Closed ones that wait for a person: a fresh copy, a recipient told afterwards.

    Few, so they are looked up first and spare an index.
    """
    copies = Step.objects.filter(
        status__in=[Status.WAITING, Status.NEEDS_ATTENTION], data_request__state=State.ANSWERED
    )
    untold = _for_a_person().filter(data_request__state__in=CLOSED)
    found = (each.order_by().values_list("data_request") for each in (copies, untold))
    return Q(pk__in=[pk for (pk,) in next(found).union(*found)])


def _untold() -> Q:
    """Whether a recipient waits for a person: told by hand, or by a letter that does not leave."""
    return Q(Exists(_for_a_person().filter(data_request=OuterRef("pk"))))


def _for_a_person() -> RecipientNoticeQuerySet:
    return RecipientNotice.objects.waiting().filter(Q(letter=None) | Q(letter__needs_attention=True))


def _silent(at: datetime) -> Q:
    """Whether a recipient told long ago has not replied."""
    day = deadlines.receipt_day(at) - timedelta(days=settings.DSR_RECIPIENT_REPLY_DAYS)
    return Q(pk__in=RecipientNotice.objects.silent_since(day).values("data_request"))


def condition(view: str, at: datetime) -> Q:
    """What makes a request belong to a view of the queue."""
    return _conditions(at)[view]


def counts(at: datetime) -> dict[str, int]:
    """How many requests each view of what is still to do holds, in one query; those a recipient owes a reply apart."""
    conditions = _conditions(at)
    views = [view for view in VIEWS if view not in CLOSED_VIEWS]
    totals: dict[str, Any] = {view: Count("pk", filter=conditions[view]) for view in views}
    found = cast(dict[str, int], DataRequest.objects.filter(conditions[TO_DO]).order_by().aggregate(**totals))
    return {**found, "silent": DataRequest.objects.filter(_silent(at)).count()}


def _conditions(at: datetime) -> dict[str, Q]:
    today, again = deadlines.receipt_day(at), _at_work_again()
    return {
        TO_DO: _ON_THE_CLOCK | again,
        "late": _ON_THE_CLOCK & Q(due_on__lt=today),
        "soon": _ON_THE_CLOCK & Q(due_on__gte=today, due_on__lte=today + timedelta(days=SOON_DAYS)),
        "approval": Q(state=State.APPROVAL),
        "untold": (_ON_THE_CLOCK | again) & _untold(),
        "waiting": (_ON_THE_CLOCK | again) & waits_for_officer(),
        "undelivered": _UNDELIVERED,
        "attention": (_ON_THE_CLOCK | again) & needs_attention(),
        "silent": _silent(at),
        "closed": Q(state__in=CLOSED),
        "all": Q(),
    }


def in_order(at: datetime) -> list[OrderBy | Combinable | str]:
    """Late ones first, then those of minors (loi 78-17 art. 51 II), then by last day; suspended ones last."""
    today = deadlines.receipt_day(at)
    rank = Case(When(due_on__lt=today, then=Value(0)), When(minor=True, then=Value(1)), default=Value(2))
    return [rank.asc(), F("due_on").asc(nulls_last=True), "pk"]


def of_reference_or_address(words: str) -> DataRequestQuerySet:
    """Requests of a reference, with or without its dashes, or of exactly this e-mail address, whatever its case."""
    words = words.replace("\x00", "").strip()  # PostgreSQL holds no NUL
    if "@" in words:
        proven = Identifier.objects.filter(kind="email", value=keys.normalised_address(words))
        return DataRequest.objects.filter(Q(email__iexact=words) | Q(pk__in=proven.values("data_request")))
    signs = "".join(sign for sign in words.upper().removeprefix("DSR") if sign.isalnum())
    return DataRequest.objects.filter(reference=f"DSR-{signs[:4]}-{signs[4:8]}")
