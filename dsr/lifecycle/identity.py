"""Who is asking: challenge → confirm | doubt → prove, and the identifiers that sources may be asked about."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr import deadlines, keys, notifications, permissions
from dsr.audit import log
from dsr.lifecycle import transition
from dsr.models import prepared
from dsr.models.identity import Identifier, Means, Purpose, Question, Secret
from dsr.models.notice import Notice
from dsr.models.prepared import given
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.permissions import Refusal
from dsr.sources import base, registry
from dsr.states import State

VALIDITY = {
    Purpose.CONFIRM: timedelta(days=40),
    Purpose.FOLLOW: timedelta(hours=1),
    Purpose.BEARER: timedelta(days=30),
    Purpose.DOWNLOAD: timedelta(hours=1),
}
EMAIL = "email"
KIND = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")  # a code: the log carries it
VALUE_LENGTH = 320

_VERIFIED = prepared.Columns(
    lambda: Identifier.objects.verified().filter(data_request=given("request")).values_list("kind", "value")
)
_VERIFY = prepared.Update(
    lambda: Identifier.objects.filter(
        data_request=given("request"), kind=given("kind"), value=given("value"), verified_at=None
    ),
    verified_by=given("by"),
    verified_at=given("at"),
)
_REVOKE = prepared.Update(
    lambda: Secret.objects.live(given("at")).filter(data_request=given("request"), purpose=given("purpose")),
    revoked_at=given("at"),
)


class WrongCode(Refusal):
    """Unknown, expired, used, revoked or tried too often: all look the same."""

    code = "wrong-code"
    sentence = _("Ce code n’est pas valable ou ne l’est plus. Vérifiez-le, ou demandez-en un nouveau.")


class NothingAskedOfYou(Refusal):
    """The reader answers and nothing is asked."""

    code = "no-open-question"
    sentence = _("Aucune question n’attend votre réponse.")


class NoReason(Refusal):
    """A question without its reason, or an answer without words."""

    code = "no-reason"
    sentence = _("Écrivez votre texte : il ne peut pas être vide.")


class UnknownIdentifier(Refusal):
    """An identifier without a kind or a value that could stand anywhere."""

    code = "unknown-identifier"
    sentence = _("Indiquez la nature et la valeur de l’identifiant.")


def draw(data_request: DataRequest, *, purpose: Purpose, at: datetime, expires_at: datetime | None = None) -> Secret:
    """Draw a secret; the earlier ones of the same purpose stop working."""
    _REVOKE(request=data_request.pk, purpose=purpose, at=at)
    return Secret.draw(data_request, purpose, at=at, expires_at=expires_at or at + VALIDITY[purpose])


@transaction.atomic
def challenge(data_request: DataRequest, *, purpose: Purpose, at: datetime) -> None:
    """E-mail a fresh code to the address on file; beyond the day's limit nothing is sent and nobody is told."""
    data_request = transition.lock(data_request)
    if not data_request.email or letters_exhausted(data_request, at=at):
        return
    secret = draw(data_request, purpose=purpose, at=at)
    log.record("code.sent", about=data_request, by=log.READER, at=at, facts={"purpose": purpose})
    notifications.code(data_request, secret=secret, at=at)


def letters_exhausted(data_request: DataRequest, *, at: datetime, letter: str = "") -> bool:
    """Whether the day's letters with codes are spent, of one name or of all: nobody floods a mailbox through us.

    A proven reader's own request has its own: strangers who write under the same address must not keep them out.
    """
    letters = Notice.objects.filter(created_at__gt=at - timedelta(days=1), secret__isnull=False)
    letters = letters.exclude(secret__purpose__in=[Purpose.ADDRESS, Purpose.OBJECT])  # these have limits of their own
    if letter:
        letters = letters.filter(letter=letter)
    if data_request.confirmed_at:
        letters = letters.filter(data_request=data_request)
    else:
        letters = letters.filter(to__iexact=data_request.email, data_request__confirmed_at=None)
    return letters.count() >= settings.DSR_CONFIRMATION_LETTERS_A_DAY


def spend(
    data_request: DataRequest, *, purposes: Collection[Purpose], at: datetime, code: str = "", token: str = ""
) -> Secret | None:
    """Consume the secret that a code or a token opens, or None; a wrong code costs one of its five tries.

    Consumed by a conditional update: of two that present it at once, one gets it.
    """
    live = Secret.objects.live(at).filter(data_request=data_request, purpose__in=purposes)
    secret = _by_token(live, token) if token else _by_code(live, code)
    won = secret and live.filter(pk=secret.pk).update(used_at=at)
    event = "code.used" if won else "code.failed"
    purpose = secret.purpose if secret else min(purposes)
    log.record(event, about=data_request, by=log.READER, at=at, facts={"purpose": purpose})
    return secret if won else None


def admit(data_request: DataRequest, *, at: datetime, code: str = "", token: str = "") -> None:
    """Let a reader whose mailbox was proven come back to the request; raises WrongCode."""
    with transaction.atomic():
        data_request = transition.lock(data_request)
        proven = data_request.confirmed_at and spend(
            data_request, purposes=[Purpose.FOLLOW], at=at, code=code, token=token
        )
    if not proven:
        raise WrongCode


def issue_bearer(data_request: DataRequest, *, at: datetime) -> str:
    """A token that follows one request through the API for thirty days."""
    return Secret.draw(data_request, Purpose.BEARER, at=at, expires_at=at + VALIDITY[Purpose.BEARER]).token


def bearer(token: str, *, at: datetime) -> DataRequest | None:
    """The request that a bearer token follows."""
    live = Secret.objects.live(at).filter(purpose=Purpose.BEARER, token_digest=keys.digest(token))
    secret = live.select_related("data_request").first()
    return secret.data_request if secret else None


def record_mailbox(data_request: DataRequest, *, at: datetime) -> None:
    """The reader has shown control of the address the request came with."""
    verify(data_request, [base.Identifier(EMAIL, keys.normalised_address(data_request.email))], by=Means.MAILBOX, at=at)


@transaction.atomic(savepoint=False)
def verify(data_request: DataRequest, identifiers: Iterable[base.Identifier], *, by: Means, at: datetime) -> None:
    """Keep verified identifiers; the first means by which one was verified stays.

    One that an officer only proposed is verified by this: left as it was, sources would not be asked about it.
    """
    found = list(identifiers)
    how = {"data_request": data_request, "verified_by": by, "verified_at": at}
    rows = [Identifier(kind=each.kind, value=each.value, **how) for each in found]
    Identifier.objects.bulk_create(rows, ignore_conflicts=True)
    for each in found:
        _VERIFY(request=data_request.pk, kind=each.kind, value=each.value, by=by, at=at)


def subject(data_request: DataRequest) -> base.Subject:
    """The reader as sources are told of them: the identifiers verified so far."""
    found = frozenset(base.Identifier(kind, value) for kind, value in _VERIFIED(request=data_request.pk))
    return base.Subject(found, whole=not data_request.scope)


def file_identifiers(data_request: DataRequest, *, at: datetime) -> base.Subject:
    """Add what we ourselves filed with the verified identifiers, before an erasure makes it unfindable."""
    known = subject(data_request)
    enlarged = registry.expand(known.identifiers)
    if fresh := sorted(enlarged.identifiers - known.identifiers):
        verify(data_request, fresh, by=Means.FILED, at=at)
    return base.Subject(enlarged.identifiers, whole=known.whole)


@transaction.atomic
def doubt(data_request: DataRequest, *, reason: str, by: Staff, at: datetime) -> DataRequest:
    """Ask for proof of identity on a recorded, reasonable doubt; asked in time it suspends the clock (Art. 12(6))."""
    return ask(data_request, verb="doubt", about=Question.About.IDENTITY, text=reason, by=by, at=at)


def ask(
    data_request: DataRequest, *, verb: str, about: Question.About, text: str, by: Staff, at: datetime
) -> DataRequest:
    """Put one question to the reader, whose turn it then is; raises NoReason for an empty one."""
    data_request = transition.lock(data_request)
    permissions.check(verb, by, data_request)
    if not text.strip():
        raise NoReason
    contestable = about == Question.About.IDENTITY and deadlines.is_contestable(
        data_request.received_on, timezone.localdate(at)
    )
    question = Question.objects.create(
        data_request=data_request, about=about, reason=text.strip(), asked_at=at, asked_by=by, contestable=contestable
    )
    moved = transition.move(
        data_request, to=State.AWAITING_READER, by=by, at=at, facts={"about": about, "contestable": contestable}
    )
    notifications.question(moved, question=question, at=at)
    return moved


@transaction.atomic
def reply(data_request: DataRequest, *, answer: str, at: datetime) -> DataRequest:
    """The reader answers; the clock runs again from the arrival of the answer, unread (law page, section 2)."""
    return _close_question(transition.lock(data_request), answer=answer, by=log.READER, at=at)


@transaction.atomic
def record_reply(data_request: DataRequest, *, answer: str, by: Staff, at: datetime) -> DataRequest:
    """Staff note what the reader answered by post or telephone, or why they go on without an answer."""
    data_request = transition.lock(data_request)
    permissions.check("record_reply", by, data_request)
    return _close_question(data_request, answer=answer, by=by, at=at)


@transaction.atomic
def vouch(data_request: DataRequest, *, kind: str, value: str, by: Staff, at: datetime) -> Identifier:
    """An officer read an identifier on a document; sources are asked about it once a second officer confirms it."""
    data_request = transition.lock(data_request)
    permissions.check("vouch", by, data_request)
    if not KIND.match(kind.strip()) or not 0 < len(value.strip()) <= VALUE_LENGTH:
        raise UnknownIdentifier
    normal = keys.normalised_address(value) if kind == EMAIL else value.strip()
    identifier, fresh = Identifier.objects.get_or_create(
        data_request=data_request,
        kind=kind.strip(),
        value=normal,
        defaults={"verified_by": Means.DOCUMENT, "vouched_by": by},
    )
    if fresh:
        log.record("identifier.vouched", about=data_request, by=by, at=at, facts={"kind": kind.strip()})
    return identifier


@transaction.atomic
def countersign(identifier: Identifier, *, by: Staff, at: datetime) -> Identifier:
    """A second officer confirms an identifier read on a document."""
    data_request = transition.lock(identifier.data_request)
    permissions.check_may_countersign(by, identifier)
    if Identifier.objects.filter(pk=identifier.pk, verified_at=None).update(verified_at=at):
        facts: dict[str, log.Fact] = {"kind": identifier.kind, "means": Means.DOCUMENT}
        log.record("identifier.verified", about=data_request, by=by, at=at, facts=facts)
    identifier.refresh_from_db()
    return identifier


def _close_question(data_request: DataRequest, *, answer: str, by: log.Actor, at: datetime) -> DataRequest:
    question = data_request.questions.filter(answered_at=None).first()
    if question is None:
        raise NothingAskedOfYou
    if not answer.strip():
        raise NoReason
    question.answer, question.answered_at = answer.strip(), at
    question.save(update_fields=["answer", "answered_at"])
    return transition.move(data_request, to=State.REVIEW, by=by, at=at)


def _by_token(live: QuerySet[Secret], token: str) -> Secret | None:
    return live.filter(token_digest=keys.digest(token)).first()


def _by_code(live: QuerySet[Secret], code: str) -> Secret | None:
    """The newest secret with a try left, when the code is its own; the try is paid before the code is looked at."""
    secret = live.filter(tries_left__gt=0).select_related("data_request").order_by("-created_at", "-pk").first()
    if secret is None:
        return None
    paid = live.filter(pk=secret.pk, tries_left__gt=0).update(tries_left=F("tries_left") - 1)
    return secret if paid and secret.matches(code) else None
