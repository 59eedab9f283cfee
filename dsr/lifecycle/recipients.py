"""Whom a correction or an erasure is told to (GDPR Art. 19): tell → told | impossible → replied.

No such request is answered before each recipient was told, or before it is said why that cannot be. One that ends
otherwise, refused or withdrawn when part of it was done, ends at once, and its recipients are told afterwards. So are
those of what was kept, on the day when it goes. By letter, the proof of sending tells; by hand, a member of staff does.
Replies are followed afterwards, and open nothing again.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr import notifications, permissions
from dsr.audit import log
from dsr.lifecycle import identity, transition
from dsr.models.erasure import KeptList
from dsr.models.notice import SUPERSEDED, Notice
from dsr.models.recipient import RecipientNotice, Untold
from dsr.models.request import Channel, DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action
from dsr.notifications import onward
from dsr.permissions import Refusal
from dsr.sources import base, registry
from dsr.sources.activities import Recipient, Telling, Text
from dsr.states import Kind, State


class WrongDay(Refusal):
    """A recipient is not told before the data changed, nor replies before it was told, nor tomorrow."""

    code = "wrong-day"
    sentence = _("Ce jour est impossible : il précède l’exécution ou l’avis, ou il est à venir.")


class NoExplanation(Refusal):
    """Why a recipient could not be told, without its own words."""

    code = "no-explanation"
    sentence = _("Dites en quelques mots pourquoi : le lecteur lira cette précision.")


@transaction.atomic
def tell(data_request: DataRequest, *, at: datetime) -> bool:
    """List whom to tell, the first time; afterwards say whether nobody waits any more.

    Called once every step is done, in the transaction that would answer.
    """
    tasks = data_request.recipients.all()
    if not tasks.exists():
        found_by = identity.subject(data_request).identifiers
        for recipient, sources in _concerned(_changed(data_request)):
            _list(RecipientNotice(data_request=data_request, created_at=at), recipient, sources, found_by)
    return not data_request.recipients.waiting().exists()


@transaction.atomic
def tell_of_the_end(
    kept_list: KeptList, went: Sequence[base.Source], *, identifiers: Collection[base.Identifier], at: datetime
) -> None:
    """List whom to tell that what an erasure had kept went from these sources on this day, once."""
    for recipient, sources in _concerned(went):
        data_request = kept_list.data_request or _reopened(kept_list, at=at)
        task = RecipientNotice(data_request=data_request, created_at=at, ended_on=timezone.localdate(at))
        _list(task, recipient, sources, identifiers)


def _reopened(kept_list: KeptList, *, at: datetime) -> DataRequest:
    """A file under the reference of one that was forgotten, with nothing of the reader's: what tells needs a place."""
    then = dict.fromkeys(("received_at", "entered_at", "confirmed_at", "answer_sent_at"), kept_list.erased_at)
    kept_list.data_request = DataRequest.objects.create(
        reference=kept_list.reference,
        kind=Kind.ERASURE,
        channel=Channel.FORM,
        state=State.ANSWERED,
        closed_at=at,
        **then,
    )
    kept_list.save(update_fields=["data_request"])
    return kept_list.data_request


@transaction.atomic
def told(task: RecipientNotice, *, on: date, how: str, by: Staff, at: datetime) -> None:
    """A member of staff has told them by hand, or otherwise than by the letter that would not leave."""
    _check_day(on, since=task.created_at, at=at)
    task = _hold(task, by=by)
    facts: dict[str, log.Fact] = {"recipient": task.recipient, "by_hand": True, "on": on.isoformat()}
    _settle(task, by=by, at=at, told_on=on, how=how.strip())
    log.record("recipient.told", about=task.data_request, by=by, at=at, facts=facts)


@transaction.atomic
def impossible(task: RecipientNotice, *, because: str, explanation: str, by: Staff, at: datetime) -> None:
    """They cannot be told, or not without disproportionate effort: the ground, and its words for the reader."""
    if not explanation.strip() or because not in Untold:
        raise NoExplanation
    task = _hold(task, by=by)
    _settle(task, by=by, at=at, untold=because, explanation=explanation.strip())
    facts: dict[str, log.Fact] = {"recipient": task.recipient, "ground": because}
    log.record("recipient.impossible", about=task.data_request, by=by, at=at, facts=facts)


@transaction.atomic
def replied(task: RecipientNotice, *, on: date, reply: str, by: Staff, at: datetime) -> None:
    """They answered: noted beside the request, whatever became of it meanwhile."""
    data_request = transition.lock(task.data_request)
    permissions.check_may_post(by, data_request)
    task = RecipientNotice.objects.select_for_update().get(pk=task.pk)
    if task.told_on is None or task.replied_on is not None:
        raise permissions.NotNow
    if not task.told_on <= on <= timezone.localdate(at):
        raise WrongDay
    task.replied_on, task.reply = on, reply.strip()
    task.save(update_fields=["replied_on", "reply"])
    facts: dict[str, log.Fact] = {"recipient": task.recipient, "on": on.isoformat()}
    log.record("recipient.replied", about=data_request, by=by, at=at, facts=facts)


def _concerned(changed: Sequence[base.Source]) -> Iterator[tuple[Recipient, list[base.Source]]]:
    """The recipients to tell, each with the sources in which rows of the reader really changed or went."""
    found: dict[str, list[base.Source]] = {}
    for source in changed:
        for recipient in source.activity.recipients:
            if recipient.telling is not Telling.NOT_TOLD:
                found.setdefault(recipient.code, []).append(source)
    yield from ((registry.recipients()[code], sources) for code, sources in found.items())


def _changed(data_request: DataRequest) -> list[base.Source]:
    """In the order of the setting; what a person did by hand counts as done. Earlier attempts count too."""
    steps = data_request.steps.filter(action__in=[Action.RECTIFY, Action.ERASE])
    touched = {
        step.source
        for step in steps
        if any(step.result.get(name) for name in ("erased", "rewritten", "changed"))
        or step.finished_by not in {"", log.SYSTEM}
    }
    return [source for source in registry.sources() if source.name in touched]


def _list(
    task: RecipientNotice, recipient: Recipient, sources: list[base.Source], found_by: Collection[base.Identifier]
) -> None:
    """Open the task of one recipient; a correction of values that they never had is none of theirs."""
    data_request, at = task.data_request, task.created_at
    changes = list(_changes(data_request, sources))
    if data_request.kind == Kind.RECTIFICATION and not changes:
        return
    labels = [source.label for source in sources]
    if recipient.telling is Telling.BY_EMAIL:
        task.letter = notifications.recipient(data_request, to=recipient.email, sources=labels, at=at)
    task.recipient = recipient.code
    onward.seal(task, onward.particulars(found_by, changes))
    task.save()
    facts: dict[str, log.Fact] = {"recipient": recipient.code}
    log.record("recipient.listed", about=data_request, by=log.SYSTEM, at=at, facts=facts)


def _changes(data_request: DataRequest, sources: list[base.Source]) -> Iterator[tuple[Text, base.Change]]:
    """What was made of the corrections that these sources hold, with their labels, whatever was decided since."""
    labels = registry.labels()
    here = {concept for source in sources for concept in source.labels()}
    for each in data_request.corrections.order_by("pk"):
        if each.concept in here or any(source.by_hand for source in sources):
            changes = (base.Change(each.concept, each.old_value, value) for value in each.made)
            yield from ((labels.get(each.concept, each.concept), change) for change in changes)


def _hold(task: RecipientNotice, *, by: Staff) -> RecipientNotice:
    """The task as it stands, its request locked before it; raises NotNow once settled."""
    data_request = transition.lock(task.data_request)
    permissions.check("tell", by, data_request)
    held = RecipientNotice.objects.select_for_update().get(pk=task.pk)
    if held.settled_at is not None:
        raise permissions.NotNow
    held.data_request = data_request
    return held


def _settle(task: RecipientNotice, *, by: Staff, at: datetime, **outcome: object) -> None:
    """Write it down; what finds the reader is destroyed, and a letter that has not left no longer leaves."""
    settled = {"settled_at": at, "settled_by": by.reference, "sealed": None}
    RecipientNotice.objects.filter(pk=task.pk).update(**settled, **outcome)
    unsent = Notice.objects.filter(recipient=task, sent_at=None)
    unsent.update(failure=SUPERSEDED, needs_attention=False, lease_until=None)


def _check_day(on: date, *, since: datetime, at: datetime) -> None:
    if not timezone.localdate(since) <= on <= timezone.localdate(at):
        raise WrongDay
