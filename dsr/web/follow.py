"""What the page that follows a request shows: the request in words, prepared so that the template decides nothing."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsr import deadlines, grounds
from dsr.audit.events import EVENTS, TOLD
from dsr.lifecycle import copies
from dsr.models.address import AddressChange
from dsr.models.audit import AuditEntry
from dsr.models.correction import Correction, Decision
from dsr.models.erasure import Kept
from dsr.models.identity import Question
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status, Step
from dsr.models.verification import Certificate
from dsr.notifications.writing import in_words
from dsr.sources import registry
from dsr.states import TRANSITIONS, Kind, Owner, State
from dsr.web import wording

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    when: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter that left."""

    at: datetime
    when: Text
    subject: str
    by_post: bool


@dataclass(frozen=True, slots=True)
class Wished:
    """One correction, what was decided of it, and the ground of a refusal."""

    correction: Correction
    refusal: grounds.RefusalGround | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the execution is; ``waits`` when a person must do a part of it."""

    done: int
    total: int
    waits: bool
    lines: list[tuple[Text, Text]]


@dataclass(frozen=True, slots=True)
class KeptLine:
    """What stays, in how many rows, on which ground, until when (None: case by case)."""

    what: Text
    rows: int
    ground: grounds.KeepingGround
    until: Text | None


@dataclass(frozen=True, slots=True)
class Follow:
    """Everything the page says of one request."""

    data_request: DataRequest
    title: Text
    position: Text
    turn: Text
    due: Text
    received_on: Text
    scope: list[Text]
    question: Question | None
    progress: Progress | None
    package: Package | None
    package_until: Text
    may_copy_again: bool
    kept: list[KeptLine]
    wished: list[Wished]
    address: Text
    refusal: grounds.RefusalGround | None
    together: list[DataRequest]
    timeline: list[Happening]
    letters: list[Letter]
    may_withdraw: bool
    certified_on: Text


def follow(data_request: DataRequest, *, at: datetime) -> Follow:
    """The request as its proven reader sees it."""
    state, kind = State(data_request.state), Kind(data_request.kind)
    package = data_request.packages.available(at).first()
    being_made = copies.is_being_made(data_request)
    refused = state == State.REFUSED
    return Follow(
        data_request=data_request,
        title=wording.TITLES[kind],
        position=wording.COPY_BEING_MADE if being_made else _position(data_request, package),
        turn=wording.TURNS[Owner.SYSTEM] if being_made else _turn(data_request),
        due=_due(data_request, at=at),
        received_on=in_words(data_request.received_on),
        scope=[source_label(name) for name in data_request.scope],
        question=data_request.questions.filter(answered_at=None).first() if state == State.AWAITING_READER else None,
        progress=_progress(data_request) if being_made or state == State.EXECUTING else None,
        package=package,
        package_until=_day(package.expires_at) if package else "",
        may_copy_again=copies.may_ask(data_request, at=at),
        kept=[_kept_line(kept) for kept in data_request.kept.order_by("source", "ground", "until")],
        wished=[_wished(correction) for correction in data_request.corrections.order_by("pk")],
        address=_address(data_request) if data_request.is_open else "",
        refusal=grounds.refusing(data_request.refusal_ground) if refused else None,
        together=_together(data_request),
        timeline=_timeline(data_request),
        letters=[_letter(notice) for notice in data_request.notices.to_the_reader().filter(sent_at__isnull=False)],
        may_withdraw=State.WITHDRAWN in TRANSITIONS[state],
        certified_on=_certified_on(data_request),
    )


def source_label(name: str) -> Text:
    """The words of a source, or its name once the newspaper has removed it."""
    return next((source.label for source in registry.sources() if source.name == name), name)


def _position(data_request: DataRequest, package: Package | None) -> Text:
    state, kind = State(data_request.state), Kind(data_request.kind)
    if data_request.joined_to_id:
        return wording.JOINED
    if state in {State.ANSWERED, State.REFUSED, State.EXPIRED} and not data_request.answer_sent_at:
        return wording.NOT_SENT
    if (state, kind) == (State.ANSWERED, Kind.ACCESS) and not data_request.reply:
        return wording.PACKAGE_READY if package else wording.PACKAGE_GONE
    if data_request.reply and state == State.ANSWERED:
        return wording.POSITIONS[state]
    return _in_part(data_request) or wording.POSITIONS_BY_KIND.get((state, kind), wording.POSITIONS[state])


def _in_part(data_request: DataRequest) -> Text:
    """What was answered in part says so; empty for the rest."""
    match State(data_request.state), Kind(data_request.kind):
        case State.ANSWERED, Kind.ERASURE if data_request.kept.exclude(ground="DSR").exists():
            return wording.ERASED_IN_PART
        case State.ANSWERED, Kind.ERASURE if not data_request.is_about_everything:
            return wording.ERASED_IN_SCOPE
        case State.ANSWERED, Kind.RECTIFICATION if data_request.corrections.filter(decision=Decision.REFUSED).exists():
            return wording.CORRECTED_IN_PART
    return ""


def _turn(data_request: DataRequest) -> Text:
    """Decided and not sent is still ours."""
    awaits_sending = data_request.owner == Owner.NOBODY and data_request.state != State.WITHDRAWN
    if awaits_sending and not data_request.answer_sent_at:
        return wording.TURNS[Owner.OFFICER]
    return wording.TURNS[data_request.owner]


def _due(data_request: DataRequest, *, at: datetime) -> Text:
    """The last day in words; what holds it, what moved it, and an apology when it is past."""
    if data_request.state == State.WITHDRAWN:
        return ""
    if data_request.answer_sent_at:
        return _("Notre réponse est partie le %(day)s.") % {"day": _day(data_request.answer_sent_at)}
    if data_request.is_open and data_request.is_suspended:
        asked = next(each for each in data_request.questions.all() if each.suspends and not each.answered_at)
        return _("Le délai de réponse est suspendu depuis le %(day)s ; il reprendra dès que vous aurez répondu.") % {
            "day": _day(asked.asked_at)
        }
    return _last_day(data_request, data_request.due_on or data_request.notice_due_on, at=at)


def _last_day(data_request: DataRequest, due_on: date, *, at: datetime) -> Text:
    days = {"day": in_words(due_on)}
    if late := deadlines.days_late(due_on, at):
        apology = ngettext(
            "Nous devions vous répondre au plus tard le %(day)s. Nous avons %(late)d jour de retard, et vous en "
            "présentons nos excuses.",
            "Nous devions vous répondre au plus tard le %(day)s. Nous avons %(late)d jours de retard, et vous en "
            "présentons nos excuses.",
            late,
        )
        return apology % {**days, "late": late}
    if data_request.extended_at:
        because = grounds.extending(data_request.extension_ground).sentence
        return _("Vous aurez notre réponse au plus tard le %(day)s.") % days + f" {because}"
    return _("Vous aurez notre réponse au plus tard le %(day)s.") % days


def _day(instant: datetime) -> Text:
    return in_words(deadlines.receipt_day(instant))


def _certified_on(data_request: DataRequest) -> Text:
    """The day of the certificate of an erasure; empty without one."""
    made_at = Certificate.objects.filter(data_request=data_request).values_list("made_at", flat=True).first()
    return _day(made_at) if made_at else ""


def _progress(data_request: DataRequest) -> Progress:
    steps = list(data_request.steps.exclude(status=Status.CANCELLED).exclude(action=Action.PLAN))
    done = sum(step.status == Status.DONE for step in steps)
    waits = any(step.status in {Status.WAITING, Status.NEEDS_ATTENTION} for step in steps)
    return Progress(done, len(steps), waits, [(_step_name(step), _step_status(step)) for step in steps])


def _step_name(step: Step) -> Text:
    return source_label(step.source) if step.source else step.get_action_display().capitalize()


def _step_status(step: Step) -> Text:
    return _("une personne s’en occupe") if step.status == Status.NEEDS_ATTENTION else step.get_status_display()


def _kept_line(kept: Kept) -> KeptLine:
    until = in_words(kept.until) if kept.until else None
    return KeptLine(source_label(kept.source), kept.rows, grounds.keeping(kept.ground), until)


def _wished(correction: Correction) -> Wished:
    refused = correction.decision == Decision.REFUSED
    return Wished(correction, grounds.refusing(correction.ground) if refused else None)


def _address(data_request: DataRequest) -> Text:
    """How far a confirmed new address is."""
    change = AddressChange.objects.filter(data_request=data_request, confirmed_at__isnull=False).first()
    if change is None or change.done_at or change.effective_at is None:
        return ""
    if change.objected_at:
        return _("L’ancienne boîte a contesté ce changement : il ne se fera pas. Une personne examine votre demande.")
    when = {"when": wording.instant(change.effective_at)}
    return _("Elle est confirmée. Sauf opposition de l’ancienne, elle prendra effet à partir du %(when)s.") % when


def _letter(notice: Notice) -> Letter:
    sent_at = notice.sent_at or notice.created_at
    return Letter(sent_at, _day(sent_at), notice.subject, notice.by_post)


def _together(data_request: DataRequest) -> list[DataRequest]:
    """The other requests of the same message, proven by the same mailbox."""
    root = data_request.asked_with or data_request
    same = DataRequest.objects.of_person(data_request.person).exclude(pk=data_request.pk).order_by("pk")
    return [each for each in same if root.pk in {each.pk, each.asked_with_id}]


def _timeline(data_request: DataRequest) -> list[Happening]:
    """What happened, oldest first; several corrections wished or decided at once are one line."""
    entries = AuditEntry.objects.filter(subject=data_request.reference, event__in=TOLD).order_by("n")
    lines = dict.fromkeys(Happening(entry.at, wording.instant(entry.at), EVENTS[entry.event].told) for entry in entries)
    return list(lines)
