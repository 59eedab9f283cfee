"""How a request begins: receive → prove the mailbox → join or open; chase those whose mailbox stays silent."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr import keys, notifications, permissions
from dsr.audit import log
from dsr.lifecycle import execution, identity, rounds, transition
from dsr.models.identity import Means, Purpose
from dsr.models.request import Channel, DataRequest
from dsr.models.staff import Staff
from dsr.permissions import Refusal
from dsr.sources import base, registry
from dsr.states import Kind, State

ADDRESS_LENGTH = 254  # RFC 5321, section 4.5.3.1.3: a path has 256 octets, its brackets among them
# Names that never receive mail (RFC 2606, RFC 6761, RFC 7686).
NO_MAIL = re.compile(r"(^|\.)(invalid|localhost|local|onion|internal)$")

# Where a mailbox may still be proven: what staff typed in is examined already, and may wait for an answer.
UNPROVEN = frozenset({State.RECEIVED, State.REVIEW, State.AWAITING_READER})


class UndeliverableAddress(Refusal):
    """An address to which no answer can be sent."""

    code = "undeliverable-address"
    sentence = _("Cette adresse ne peut pas recevoir de courriel : vérifiez-la, notre réponse y sera envoyée.")


class NothingAsked(Refusal):
    """A request that asks for nothing."""

    code = "nothing-asked"
    sentence = _("Choisissez au moins un droit à exercer.")


class UnknownSource(Refusal):
    """A scope that names what is not there, or what cannot be ticked."""

    code = "unknown-source"
    sentence = _("Une des catégories de données choisies n’existe pas.")


class ReceivedInTheFuture(Refusal):
    """A receipt date that has not come yet."""

    code = "received-in-the-future"
    sentence = _("La date de réception ne peut pas être dans l’avenir.")


class NoWayToAnswer(Refusal):
    """Neither an e-mail address nor a postal one."""

    code = "no-way-to-answer"
    sentence = _("Indiquez une adresse électronique ou postale : sans elle, personne ne peut répondre.")


@transaction.atomic
def receive(
    *,
    kinds: Sequence[Kind],
    email: str,
    channel: Channel,
    language: str,
    at: datetime,
    message: str = "",
    scope: base.Scope | None = None,
    about_article: str = "",
    minor: bool = False,
) -> list[DataRequest]:
    """Register one request per right asked, linked to the first; one letter asks the mailbox to answer for all.

    The answer is the same whether the address is known or not: nothing is looked up here.
    """
    if not kinds:
        raise NothingAsked
    email = _deliverable(email)
    requests: list[DataRequest] = []
    for kind in dict.fromkeys(kinds):
        data_request = DataRequest(
            kind=kind,
            channel=channel,
            language=language,
            email=email,
            message=message,
            scope=known_scope(scope or {}),
            about_article=about_article,
            minor=minor,
            asked_with=requests[0] if requests else None,
            received_at=at,
            entered_at=at,
        )
        requests.append(_register(data_request, by=log.READER, at=at))
    if not identity.letters_exhausted(requests[0], at=at):
        secret = identity.draw(requests[0], purpose=Purpose.CONFIRM, at=at)
        notifications.acknowledgement(requests[0], secret=secret, others=requests[1:], at=at)
    return requests


@transaction.atomic
def enter(
    *,
    by: Staff,
    kind: Kind,
    channel: Channel,
    received_at: datetime,
    language: str,
    at: datetime,
    email: str = "",
    postal_address: str = "",
    message: str = "",
    scope: base.Scope | None = None,
    about_article: str = "",
    minor: bool = False,
) -> DataRequest:
    """Register what came by post, telephone, counter or e-mail to the newsroom, with its true receipt date."""
    permissions.check_may_enter(by)
    if received_at > at:
        raise ReceivedInTheFuture
    if not email and not postal_address.strip():
        raise NoWayToAnswer
    data_request = DataRequest(
        kind=kind,
        state=State.REVIEW,
        channel=channel,
        language=language,
        email=_deliverable(email) if email else "",
        postal_address=postal_address,
        message=message,
        scope=known_scope(scope or {}),
        about_article=about_article,
        minor=minor,
        received_at=received_at,
        entered_at=at,
        entered_by=by,
    )
    _register(data_request, by=by, at=at)
    if data_request.email:
        secret = identity.draw(data_request, purpose=Purpose.CONFIRM, at=at)
        notifications.acknowledgement(data_request, secret=secret, at=at)
    else:
        notifications.entered(data_request, at=at)
    return data_request


def confirm(data_request: DataRequest, *, at: datetime, code: str = "", token: str = "") -> DataRequest:
    """Prove the mailbox, for this request and those asked with it; returns the request that carries on.

    That is the request itself, or the earlier open one of the same person, kind and scope that it joins.
    Raises ``identity.WrongCode``; the try it cost is kept.
    """
    with transaction.atomic():
        data_request = transition.lock(data_request)
        proven = identity.spend(data_request, purposes=[Purpose.CONFIRM], at=at, code=code, token=token)
        carried = _prove_with_others(data_request, at=at) if proven else None
    if carried is None:
        raise identity.WrongCode
    return carried


def chase(*, at: datetime) -> None:
    """Remind the mailboxes that stay silent, twice; close on the due date those that never answered, with a letter."""
    silent = DataRequest.objects.filter(state=State.RECEIVED, asked_with=None)
    for number, days in enumerate(settings.DSR_REMINDER_DAYS, start=1):
        waiting = silent.filter(reminders=number - 1, received_at__lte=at - timedelta(days=days))
        rounds.over(waiting, partial(_remind, number=number, at=at))
    overdue = DataRequest.objects.filter(state=State.RECEIVED).due_before(timezone.localdate(at) + timedelta(days=1))
    by_address: dict[str, list[DataRequest]] = {}
    for data_request in overdue.order_by("pk"):
        by_address.setdefault(keys.normalised_address(data_request.email), []).append(data_request)
    rounds.over(by_address.values(), partial(_expire, at=at))


@transaction.atomic
def _remind(data_request: DataRequest, *, number: int, at: datetime) -> None:
    data_request = transition.lock(data_request)
    if data_request.state != State.RECEIVED or data_request.reminders >= number:
        return
    if identity.letters_exhausted(data_request, at=at, letter="reminder"):
        return  # its turn comes another day
    transition.amend(
        data_request, event="request.reminded", by=log.SYSTEM, at=at, facts={"number": number}, reminders=number
    )
    secret = identity.draw(data_request, purpose=Purpose.CONFIRM, at=at)
    notifications.reminder(data_request, secret=secret, number=number, at=at)


@transaction.atomic
def _expire(asked: list[DataRequest], *, at: datetime) -> None:
    """Close what was asked in the name of one address, with one letter: nobody floods a mailbox through us.

    The letter is written about the first and names the others, which have no other answer.
    """
    silent = [held for held in map(transition.lock, asked) if held.state == State.RECEIVED]
    if not silent:
        return
    first, *others = silent
    moved = transition.move(first, to=State.EXPIRED, by=log.SYSTEM, at=at)
    for other in others:
        transition.move(other, to=State.EXPIRED, by=log.SYSTEM, at=at, answer_sent_at=at)
    notifications.expired(moved, others=others, at=at)


def _register(data_request: DataRequest, *, by: log.Actor, at: datetime) -> DataRequest:
    data_request.save()
    facts: dict[str, log.Fact] = {
        "kind": data_request.kind,
        "channel": data_request.channel,
        "language": data_request.language,
        "scope": reach(data_request.scope),
    }
    return transition.amend(data_request, event="request.received", by=by, at=at, facts=facts)


def _prove_with_others(data_request: DataRequest, *, at: datetime) -> DataRequest:
    """Prove the request and those of the same message that still wait for the same mailbox.

    By kind, whatever the order they were asked in: two messages proven at once would else wait for each other.
    """
    others = DataRequest.objects.select_for_update(no_key=True).filter(
        asked_with=data_request, state=State.RECEIVED, email=data_request.email
    )
    together = sorted([data_request, *others.order_by("pk")], key=lambda each: each.kind)
    carried = {each.pk: _prove(each, at=at) for each in together}
    return carried[data_request.pk]


def _prove(data_request: DataRequest, *, at: datetime) -> DataRequest:
    """Open the request, or join the one that is open; the constraint decides between two that are proven at once."""
    token = keys.person_token(data_request.email)
    if data_request.state not in UNPROVEN:
        return data_request
    try:
        with transaction.atomic():
            if data_request.state == State.RECEIVED:
                return _open(data_request, token=token, at=at)
            return _prove_entered(data_request, token=token, at=at)
    except IntegrityError:
        return _join(data_request, token=token, at=at)


def _open(data_request: DataRequest, *, token: str, at: datetime) -> DataRequest:
    """An objection needs the mailbox and nothing else, and is carried out at once (GDPR Art. 21(3))."""
    at_once = data_request.kind == Kind.OBJECTION
    moved = transition.move(
        data_request,
        to=State.EXECUTING if at_once else State.REVIEW,
        by=log.READER,
        at=at,
        facts={"means": Means.MAILBOX},
        person=token,
        confirmed_at=at,
    )
    identity.record_mailbox(moved, at=at)
    if at_once:
        execution.prepare(moved, at=at)
    else:
        notifications.confirmed(moved, at=at)
    return moved


def _prove_entered(data_request: DataRequest, *, token: str, at: datetime) -> DataRequest:
    """A request typed in by staff has its officer already; the mailbox adds the proof."""
    facts: dict[str, log.Fact] = {"means": Means.MAILBOX}
    proven = transition.amend(
        data_request, event="request.confirmed", by=log.READER, at=at, facts=facts, person=token, confirmed_at=at
    )
    identity.record_mailbox(proven, at=at)
    notifications.confirmed(proven, at=at)
    return proven


def _join(data_request: DataRequest, *, token: str, at: datetime) -> DataRequest:
    """Close the second request in favour of the one that is open, whose timeline says so.

    The clock is that of whichever was received first: a letter may be typed in after the form was filled in.
    """
    data_request = transition.lock(data_request)
    first = (
        DataRequest.objects.open()
        .exclude(state=State.RECEIVED)
        .of_person(token)
        .select_for_update(no_key=True)
        .get(kind=data_request.kind, scope_digest=data_request.scope_digest)
    )
    joined = transition.move(
        data_request,
        to=State.WITHDRAWN,
        by=log.READER,
        at=at,
        facts={"joined_to": first.reference},
        joined_to=first,
        confirmed_at=at,
    )
    first = transition.amend(
        first,
        event="request.joined",
        by=log.READER,
        at=at,
        facts={"reference": joined.reference},
        received_at=min(first.received_at, joined.received_at),
        minor=first.minor or joined.minor,
    )
    notifications.joined(joined, first=first, at=at)
    return first


def _deliverable(email: str) -> str:
    email = email.strip()
    try:
        validate_email(email)
        email.rpartition("@")[2].encode("idna")  # as it is written when the letter leaves
    except (ValidationError, UnicodeError) as error:
        raise UndeliverableAddress from error
    local, _at, domain = email.lower().rpartition("@")
    if "." not in domain or NO_MAIL.search(domain) or domain.startswith("["):
        raise UndeliverableAddress
    if not local.isascii() or _is_mistakable(email) or len(email) > ADDRESS_LENGTH:
        raise UndeliverableAddress
    return email


def _is_mistakable(email: str) -> bool:
    """Whether comparing without case would take it for another mailbox: ``ſ`` folds to ``s``, ``ß`` to ``ss``."""
    return any(not char.isascii() and char.casefold() != char for char in email)


def known_scope(scope: base.Scope) -> dict[str, Any]:
    """The scope, if every source in it is declared and every choice is ``"*"`` or a list of row keys."""
    names = {source.name for source in registry.sources()}
    for name, rows in scope.items():
        listed = isinstance(rows, list) and rows and all(isinstance(row, str) for row in rows)
        if name not in names or not (rows == "*" or listed):
            raise UnknownSource
    return dict(scope)


def reach(scope: base.Scope) -> str:
    """How far a scope reaches, as the log may say it."""
    if not scope:
        return "everything"
    return "rows" if any(isinstance(rows, list) for rows in scope.values()) else "sources"
