"""How a request ends: answer | withdraw → forget."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr import deadlines, grounds, notifications, permissions
from dsr.audit import log
from dsr.lifecycle import (
    certifying,
    delivery,
    identity,
    old_values,
    recipients,
    rectifying,
    rounds,
    screening,
    suppressing,
    transition,
)
from dsr.models.notice import Notice
from dsr.models.package import Upload
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status
from dsr.models.verification import Fate
from dsr.packages import vault
from dsr.permissions import Refusal
from dsr.states import Kind, State


class WrongPostingDay(Refusal):
    """A letter cannot have been posted before it was written, nor tomorrow."""

    code = "wrong-posting-day"
    sentence = _("La date d’envoi doit être comprise entre le jour où la lettre a été écrite et aujourd’hui.")


def conclude(data_request: DataRequest, *, at: datetime) -> None:
    """Everything is done: answer according to the kind, in the transaction that finished the last step."""
    CONCLUSIONS[Kind(data_request.kind)](data_request, at)


@transaction.atomic
def answer(data_request: DataRequest, *, text: str, by: Staff, at: datetime) -> DataRequest:
    """An officer, or an editor about an article, answers in their own words."""
    data_request = transition.lock(data_request)
    permissions.check("answer", by, data_request)
    if not text.strip():
        raise identity.NoReason
    moved = transition.move(
        data_request, to=State.ANSWERED, by=by, at=at, reply=text.strip(), decided_at=at, decided_by=by
    )
    notifications.answered(moved, at=at)
    recipients.tell(moved, at=at)
    return moved


@transaction.atomic
def withdraw(data_request: DataRequest, *, at: datetime) -> DataRequest:
    """The proven reader takes the request back, as long as nothing is being carried out; what was done is told."""
    data_request = transition.lock(data_request)
    data_request.steps.update(status=Status.CANCELLED, lease_until=None)
    moved = transition.move(data_request, to=State.WITHDRAWN, by=log.READER, at=at)
    notifications.withdrawn(moved, at=at)
    recipients.tell(moved, at=at)
    return moved


@transaction.atomic
def posted(notice: Notice, *, on: date, by: Staff, at: datetime) -> Notice:
    """Staff posted a letter: its day is the proof of sending, and stops the clock if the letter answers."""
    data_request = transition.lock(notice.data_request)
    permissions.check_may_post(by, data_request)
    if not timezone.localdate(notice.created_at) <= on <= timezone.localdate(at):
        raise WrongPostingDay
    sent_at = datetime.combine(on, time(12), tzinfo=deadlines.PARIS)
    if not Notice.objects.filter(pk=notice.pk, sent_at=None).update(sent_at=sent_at):
        raise permissions.NotNow
    if notice.answers:
        data_request.answer_sent_at = sent_at
    late = notifications.lateness(notice, at=sent_at)
    facts: dict[str, log.Fact] = {"letter": notice.letter, "by_post": True, "posted_on": on.isoformat(), **late}
    transition.amend(data_request, event="notice.sent", by=by, at=at, facts=facts)
    notice.refresh_from_db()
    return notice


@transaction.atomic
def send_again(notice: Notice, *, by: Staff, at: datetime) -> None:
    """Staff give one more try to a letter that no server took."""
    data_request = transition.lock(notice.data_request)
    permissions.check_may_post(by, data_request)
    if not notifications.send_again(notice, at=at):
        raise permissions.NotNow
    log.record("notice.retried", about=data_request, by=by, at=at, facts={"letter": notice.letter})


def forget(*, at: datetime) -> int:
    """Destroy the files of requests whose own retention has ended (ground DSR); returns how many.

    A request whose mailbox never answered goes sooner; one of which a recipient is yet to be told waits for that. The
    log keeps its entries, which name nobody.
    """
    never_confirmed = Q(
        confirmed_at=None,
        entered_by=None,
        closed_at__lt=at - timedelta(days=settings.DSR_UNCONFIRMED_RETENTION_DAYS),
    )
    perhaps_ended = Q(closed_at__lt=at - timedelta(days=365 * settings.DSR_REQUEST_RETENTION_YEARS))
    untold = RecipientNotice.objects.waiting().values("data_request")
    candidates = DataRequest.objects.closed().filter(perhaps_ended | never_confirmed).exclude(pk__in=untold)
    return rounds.over((each for each in candidates if is_over(each, at)), partial(_forget, at=at))


def _answered(data_request: DataRequest, at: datetime, **facts: log.Fact) -> DataRequest:
    return transition.move(data_request, to=State.ANSWERED, by=log.SYSTEM, at=at, facts=facts)


def _package_ready(data_request: DataRequest, at: datetime) -> None:
    """The first copy is the answer; a fresh one is announced, and moves nothing."""
    again = data_request.state == State.ANSWERED
    packing = data_request.steps.get(action=Action.PACK, status=Status.DONE)
    screening.destroy(data_request)
    told = data_request if again else _answered(data_request, at)
    delivery.announce(told, rows=packing.result.get("rows", 0), at=at, again=again)


def _rectified(data_request: DataRequest, at: datetime) -> None:
    """Answer once the recipients were told, unless a value is not the one the reader saw: then the officer looks again.

    After the first recipient was told nothing is looked at anew: what was done is done.
    """
    rectifying.file_statement(data_request, at=at)
    if not data_request.recipients.exists() and rectifying.send_back_stale(data_request, at=at):
        data_request.steps.update(status=Status.CANCELLED)
        facts: dict[str, log.Fact] = {"reason": "stale-value"}
        transition.move(data_request, to=State.REVIEW, by=log.SYSTEM, at=at, facts=facts)
    elif recipients.tell(data_request, at=at):
        notifications.rectified(_answered(data_request, at), at=at)


def _erased(data_request: DataRequest, at: datetime) -> None:
    """Once the recipients were told: what was kept goes with the answer, and the certificate; old values are gone."""
    if not recipients.tell(data_request, at=at):
        return
    kept = list(data_request.kept.all())
    planned = data_request.plans.get(superseded_at=None).lines
    held = any(each.ground != "DSR" for each in kept)  # that the reader asks is nothing that we held of them
    nothing_found = not held and not any(line["erased"] or line["rewritten"] or line["by_hand"] for line in planned)
    answered = _answered(data_request, at, kept=len(kept))
    certifying.certify(answered, at=at)
    old_values.destroy(answered)
    left = list(answered.mentions.filter(decision=Fate.LEFT))
    notifications.erased(answered, kept=kept, left=left, nothing_found=nothing_found, at=at)


def _messages_stopped(data_request: DataRequest, at: datetime) -> None:
    suppressing.of_request(data_request, erased=False, at=at)
    notifications.objection_done(_answered(data_request, at), at=at)


CONCLUSIONS: dict[Kind, Callable[[DataRequest, datetime], None]] = {
    Kind.ACCESS: _package_ready,
    Kind.RECTIFICATION: _rectified,
    Kind.ERASURE: _erased,
    Kind.OBJECTION: _messages_stopped,
}


def is_over(data_request: DataRequest, at: datetime) -> bool:
    """Whether the retention of a closed request has ended; the years are the calendar's."""
    if data_request.confirmed_at is None and data_request.entered_by_id is None:
        return True
    return grounds.keeping("DSR").last_day(timezone.localdate(data_request.closed_at)) < timezone.localdate(at)


def _forget(data_request: DataRequest, *, at: datetime) -> None:
    """Destroy the keys and objects first, then the rows, in one transaction with the entry that says so."""
    for sealed in (
        *data_request.packages.all(),
        *data_request.proofs.all(),
        *Upload.objects.filter(step__data_request=data_request),
    ):
        vault.destroy(sealed, at=at)
    with transaction.atomic():
        held = transition.lock(data_request)
        log.record("request.forgotten", about=held, by=log.SYSTEM, at=at, facts={"state": held.state})
        DataRequest.objects.filter(asked_with=held).update(asked_with=None)
        DataRequest.objects.filter(joined_to=held).update(joined_to=None)
        held.kept.filter(kept_list=None).delete()  # what stands on a kept list outlives the file, sealed
        held.delete()
