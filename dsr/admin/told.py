"""The recipients on the page of a request: who was told, who waits for whom, and what finds the reader until then."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from dsr import permissions
from dsr.admin import marks, words
from dsr.admin.offers import Offers
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.notifications import onward
from dsr.sources import registry


def lines(data_request: DataRequest, *, offered: Offers) -> list[dict[str, Any]]:
    """One line for each recipient."""
    shown = []
    for task in data_request.recipients.select_related("letter"):
        task.data_request = data_request
        shown.append(_line(task, offered=offered))
    return shown


def waits_for(data_request: DataRequest) -> str:
    """Who must be told before the answer leaves; empty when nobody."""
    waiting = [words.recipient(task.recipient) for task in data_request.recipients.waiting()]
    if not waiting:
        return ""
    return _("La réponse attend que soient prévenus : %(names)s.") % {"names": ", ".join(waiting)}


def _line(task: RecipientNotice, *, offered: Offers) -> dict[str, Any]:
    ours = task.settled_at is None and (task.letter is None or task.letter.needs_attention)
    return {
        "row": task,
        "name": words.recipient(task.recipient),
        "mark": _mark(task),
        "instructions": _instructions(task) if ours else "",
        "found_by": _found_by(task) if ours and offered.by.has_perm(permissions.DECIDE) else "",
        "offers": offered.on_row(task, *(("told", "impossible") if ours else ("replied",))),
    }


def _mark(task: RecipientNotice) -> marks.Mark:
    if task.untold:
        return marks.Mark(_("impossible à prévenir"))
    if task.told_on is None:
        if task.letter and task.letter.needs_attention:
            return marks.Mark(_("à regarder"), "bad")
        return marks.Mark(_("la lettre part"), "calm") if task.letter else marks.Mark(_("à prévenir"), "warn")
    if task.replied_on:
        return marks.Mark(_("a répondu"), "good")
    silent = task.told_on < timezone.localdate() - timedelta(days=settings.DSR_RECIPIENT_REPLY_DAYS)
    return marks.Mark(_("prévenu, sans réponse"), "warn") if silent else marks.Mark(_("prévenu"), "good")


def _instructions(task: RecipientNotice) -> str:
    """What a person does; nothing more is known of a recipient that the register no longer names."""
    if task.letter:
        return _("La lettre n’est pas partie : renvoyez-la, prévenez-le autrement, ou dites pourquoi c’est impossible.")
    recipient = registry.recipients().get(task.recipient)
    return str(recipient.by_hand) if recipient else ""


def _found_by(task: RecipientNotice) -> str:
    """What finds the reader at the recipient's, for whoever tells them by hand."""
    try:
        return onward.opened(task)
    except onward.UnreadableParticularsError:
        return _("(illisible : la clé du service a changé)")
