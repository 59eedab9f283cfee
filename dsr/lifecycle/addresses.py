"""A new e-mail address: ask → confirm | lapse → take effect, unless the old mailbox objects (law page, section 3)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr import keys, notifications
from dsr.audit import log
from dsr.lifecycle import claim, execution, identity, rounds, transition
from dsr.models.address import AddressChange
from dsr.models.correction import Correction, Decision
from dsr.models.identity import Means, Purpose
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status, Step
from dsr.permissions import NotNow, Refusal
from dsr.sources import base
from dsr.states import State

TO_CONFIRM = timedelta(days=14)
UNCONFIRMED = "address-unconfirmed"
CONTESTED = "address-contested"


class OneAddressAtATime(Refusal):
    """Two new addresses in one request."""

    code = "not-correctable"
    sentence = _("Une demande ne change qu’une adresse électronique à la fois : indiquez partout la même nouvelle.")
    concept = identity.EMAIL


class ContestedAddress(Refusal):
    """The old mailbox has objected to the new address."""

    code = "contested-address"
    sentence = _("Ce changement d’adresse a été contesté depuis l’ancienne boîte : il ne peut plus être fait ici.")


def ask(data_request: DataRequest, *, at: datetime) -> None:
    """Ask the mailbox of the new address to confirm, once; called in the transaction that keeps the wishes.

    Nothing is looked up: every address is written to alike. One that the reader has proven already is confirmed.
    """
    wished = {keys.normalised_address(each.new_value): each.new_value for each in _wishes(data_request)}
    before = AddressChange.objects.filter(data_request=data_request).first()
    if len(wished) > 1:
        raise OneAddressAtATime
    if before and before.objected_at and wished:
        raise ContestedAddress
    if before and (before.objected_at or keys.normalised_address(before.address) in wished):
        return
    AddressChange.objects.filter(data_request=data_request).delete()
    data_request.secrets.live(at).filter(purpose__in=[Purpose.ADDRESS, Purpose.OBJECT]).update(revoked_at=at)
    for normal, address in wished.items():
        AddressChange.objects.create(
            data_request=data_request, address=address, person=keys.person_token(address), asked_at=at
        )
        log.record("address.asked", about=data_request, by=log.READER, at=at)
        if base.Identifier(identity.EMAIL, normal) in identity.subject(data_request).identifiers:
            _confirmed(data_request, at=at)
        else:
            _send(data_request, at=at)


@transaction.atomic
def send_again(data_request: DataRequest, *, at: datetime) -> None:
    """Write to the new address once more; beyond the day's limit nothing is sent and nobody is told."""
    data_request = transition.lock(data_request)
    if not data_request.is_open or _change(data_request).confirmed_at:
        raise NotNow
    _send(data_request, at=at)


def confirm(data_request: DataRequest, *, at: datetime, code: str = "", token: str = "") -> None:
    """Whoever reads the new mailbox confirms; the old one hears of it, and the delay begins.

    Raises ``identity.WrongCode``, also once the request is closed: nobody hears of a change that will not be.
    """
    with transaction.atomic():
        data_request = transition.lock(data_request)
        proven = data_request.is_open and identity.spend(
            data_request, purposes=[Purpose.ADDRESS], at=at, code=code, token=token
        )
        if proven:
            _confirmed(data_request, at=at)
    if not proven:
        raise identity.WrongCode


def contest(data_request: DataRequest, *, at: datetime, code: str = "", token: str = "") -> None:
    """« Ce n’était pas moi » : the old mailbox objects; the change is refused and an officer looks at the request.

    Raises ``identity.WrongCode``, also once the change is done.
    """
    with transaction.atomic():
        data_request = transition.lock(data_request)
        change = AddressChange.objects.filter(data_request=data_request, done_at=None).first()
        proven = change and identity.spend(data_request, purposes=[Purpose.OBJECT], at=at, code=code, token=token)
        if change and proven:
            change.objected_at = at
            change.save(update_fields=["objected_at"])
            log.record("address.contested", about=data_request, by=log.READER, at=at)
            _refuse(data_request, because=CONTESTED, at=at)
            _put_before_an_officer(data_request, at=at)
    if not proven:
        raise identity.WrongCode


def check_may_be_granted(correction: Correction) -> None:
    """Raise ContestedAddress when the old mailbox has objected."""
    contested = AddressChange.objects.filter(data_request=correction.data_request_id, objected_at__isnull=False)
    if correction.concept == identity.EMAIL and contested.exists():
        raise ContestedAddress


def release(*, at: datetime) -> int:
    """Let every address take effect whose delay has passed, and give up those whose mailbox never answered."""
    waiting = Step.objects.filter(action=Action.ADDRESS, status=Status.WAITING, data_request__state=State.EXECUTING)
    return rounds.over(waiting.select_related("data_request"), partial(_release, at=at))


@transaction.atomic
def _release(step: Step, *, at: datetime) -> None:
    data_request = transition.lock(step.data_request)
    step = Step.objects.select_for_update().get(pk=step.pk)
    if step.status != Status.WAITING or data_request.state != State.EXECUTING:
        return
    change = _change(data_request)
    if change.confirmed_at is None:
        if at < change.asked_at + TO_CONFIRM and not _is_due(data_request, at):
            return
        _refuse(data_request, because=UNCONFIRMED, at=at)
    elif not _is_announced(data_request):
        _begin_delay(data_request, change, at=at)
        return
    elif change.effective_at and at < change.effective_at:
        return
    else:
        change.done_at = at
        change.save(update_fields=["done_at"])
        new = base.Identifier(identity.EMAIL, keys.normalised_address(change.address))
        identity.verify(data_request, [new], by=Means.MAILBOX, at=at)
        log.record("address.changed", about=data_request, by=log.SYSTEM, at=at)
    if not data_request.corrections.granted().exists():
        data_request.steps.exclude(pk=step.pk).update(status=Status.CANCELLED)
    claim.finish(step, by=log.SYSTEM, at=at)
    execution.settle(data_request, at=at)


def _confirmed(data_request: DataRequest, *, at: datetime) -> None:
    change = _change(data_request)
    change.confirmed_at = at
    change.save(update_fields=["confirmed_at"])
    until = _begin_delay(data_request, change, at=at)
    facts: dict[str, log.Fact] = {"until": timezone.localdate(until).isoformat()}
    log.record("address.confirmed", about=data_request, by=log.READER, at=at, facts=facts)
    secret = identity.draw(data_request, purpose=Purpose.OBJECT, at=at, expires_at=until)
    for address in _old_addresses(data_request):
        notifications.address_old(data_request, to=address, secret=secret, at=at)


def _begin_delay(data_request: DataRequest, change: AddressChange, *, at: datetime) -> datetime:
    """The old mailbox has the whole delay from the day on which its letter left."""
    change.effective_at = at + timedelta(hours=settings.DSR_ADDRESS_CHANGE_HOURS)
    change.save(update_fields=["effective_at"])
    unspent = data_request.secrets.filter(purpose=Purpose.OBJECT, used_at=None, revoked_at=None)
    unspent.update(expires_at=change.effective_at)
    return change.effective_at


def _is_announced(data_request: DataRequest) -> bool:
    """Whether every letter to an old mailbox has left, or can never leave."""
    letters = data_request.notices.filter(letter="address_old", needs_attention=False)
    return not letters.unsent().exists()


def _send(data_request: DataRequest, *, at: datetime) -> None:
    """A code to the new address, unless its day's letters, or those of the request, are spent: nobody is flooded."""
    change = _change(data_request)
    letters = Notice.objects.filter(created_at__gt=at - timedelta(days=1), letter="address_new")
    most = settings.DSR_CONFIRMATION_LETTERS_A_DAY
    alike = (letters.filter(to__iexact=change.address), letters.filter(data_request=data_request))
    if any(each.count() >= most for each in alike):
        return
    secret = identity.draw(data_request, purpose=Purpose.ADDRESS, at=at, expires_at=at + TO_CONFIRM)
    log.record("code.sent", about=data_request, by=log.READER, at=at, facts={"purpose": Purpose.ADDRESS})
    notifications.address_new(data_request, to=change.address, secret=secret, at=at)


def _old_addresses(data_request: DataRequest) -> Iterable[str]:
    """The addresses that are to change, and the mailbox of the request: each is a channel known to us."""
    known = [data_request.email, *(each.old_value for each in _wishes(data_request))]
    return {keys.normalised_address(address): address for address in known if address}.values()


def _refuse(data_request: DataRequest, *, because: str, at: datetime) -> None:
    for correction in _wishes(data_request):
        correction.decision, correction.ground = Decision.REFUSED, because
        correction.save(update_fields=["decision", "ground"])
        facts: dict[str, log.Fact] = {"concept": correction.concept, "decision": "refused", "ground": because}
        log.record("correction.decided", about=data_request, by=log.SYSTEM, at=at, facts=facts)


def _put_before_an_officer(data_request: DataRequest, *, at: datetime) -> None:
    if data_request.state == State.EXECUTING:
        execution.cancel_steps(data_request)
        facts: dict[str, log.Fact] = {"reason": CONTESTED}
        transition.move(
            data_request, to=State.REVIEW, by=log.SYSTEM, at=at, facts=facts, decided_at=None, decided_by=None
        )


def _is_due(data_request: DataRequest, at: datetime) -> bool:
    return data_request.due_on is not None and timezone.localdate(at) >= data_request.due_on


def _wishes(data_request: DataRequest) -> list[Correction]:
    """The corrections that change an address, and not its capitals alone."""
    return [
        each
        for each in data_request.corrections.filter(concept=identity.EMAIL)
        if keys.normalised_address(each.new_value) != keys.normalised_address(each.old_value)
    ]


def _change(data_request: DataRequest) -> AddressChange:
    change = AddressChange.objects.filter(data_request=data_request).first()
    if change is None:
        raise NotNow
    return change
