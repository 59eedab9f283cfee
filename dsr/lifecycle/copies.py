"""A fresh copy, once the first is destroyed: its reader asks, the same steps make it, a letter of its own announces it.

The access was answered and stays so: neither its state nor its clock moves. What has been erased since is not in it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dsr.audit import log
from dsr.lifecycle import closing, delivery, execution, transition
from dsr.models.request import DataRequest
from dsr.permissions import NotNow, Refusal
from dsr.states import Kind, State

BETWEEN = timedelta(days=1)


class BeingMade(Refusal):
    """One at a time."""

    code = "copy-being-made"
    sentence = _("Une nouvelle copie est déjà en préparation : un courriel vous l’annoncera.")


class AskedToday(Refusal):
    """One a day."""

    code = "copy-asked-today"
    sentence = _("Une copie vient d’être demandée : vous pourrez en demander une autre demain.")


def ask(data_request: DataRequest, *, at: datetime) -> DataRequest:
    """Have the copy made anew; raises NotNow, BeingMade or AskedToday.

    What is left of the last one is destroyed first, outside the transaction.
    """
    check(data_request, at=at)
    delivery.destroy_expired(data_request, at=at)
    with transaction.atomic():
        data_request = transition.lock(data_request)
        check(data_request, at=at)
        log.record("package.requested", about=data_request, by=log.READER, at=at)
        execution.cancel_steps(data_request)
        execution.prepare_copy(data_request, at=at)
    return data_request


def check(data_request: DataRequest, *, at: datetime) -> None:
    """Whether a fresh copy may be asked for now; raises what ``ask`` raises."""
    if not _had_one(data_request) or data_request.packages.available(at).exists() or closing.is_over(data_request, at):
        raise NotNow
    if data_request.steps.unfinished().exists():
        raise BeingMade
    if data_request.steps.filter(created_at__gt=at - BETWEEN).exists():
        raise AskedToday


def may_ask(data_request: DataRequest, *, at: datetime) -> bool:
    """Whether ``check`` would pass."""
    try:
        check(data_request, at=at)
    except Refusal:
        return False
    return True


def is_being_made(data_request: DataRequest) -> bool:
    """Whether a fresh copy is on its way."""
    return _had_one(data_request) and data_request.steps.unfinished().exists()


def _had_one(data_request: DataRequest) -> bool:
    """Whether this access was answered with a copy, to a mailbox."""
    answered = (data_request.kind, data_request.state) == (Kind.ACCESS, State.ANSWERED)
    return answered and not data_request.reply and bool(data_request.email)
