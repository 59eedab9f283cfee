"""The marks of a request that an officer sees at a glance: a word and a tone, never a colour alone."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsr import deadlines
from dsr.admin import words
from dsr.models.request import DataRequest
from dsr.states import Owner, State

SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Mark:
    """A word on a coloured ground; ``tone`` is bad, warn, good, calm or plain."""

    word: str
    tone: str = "plain"

    def __str__(self) -> str:
        return format_html('<span class="dk-mark dk-{}">{}</span>', self.tone, self.word)


def state(data_request: DataRequest) -> Mark:
    """The legal position."""
    tone = {State.REVIEW: "calm", State.APPROVAL: "warn", State.ANSWERED: "good"}.get(
        State(data_request.state), "plain"
    )
    return Mark(str(words.STATES[data_request.state]), tone)


def turn(data_request: DataRequest, *, waits_for_officer: bool) -> str:
    """Whose turn it is, an officer's when the work itself waits for one; nothing once closed."""
    if waits_for_officer:
        return str(words.OWNERS[Owner.OFFICER])
    return str(words.OWNERS[data_request.owner]) if data_request.is_open else ""


def is_undelivered(data_request: DataRequest) -> bool:
    """Whether it is decided and its answer has not left: the clock still runs."""
    closed_by_us = data_request.state in {State.ANSWERED, State.REFUSED, State.EXPIRED}
    return closed_by_us and data_request.answer_sent_at is None


def days_left(due: date, at: datetime) -> Mark:
    """How long until the last day, by the days of Paris."""
    left = (due - deadlines.receipt_day(at)).days
    if left < 0:
        return Mark(ngettext("en retard de %(n)d jour", "en retard de %(n)d jours", -left) % {"n": -left}, "bad")
    if left == 0:
        return Mark(_("dernier jour"), "bad")
    text = ngettext("%(n)d jour restant", "%(n)d jours restants", left) % {"n": left}
    return Mark(text, "warn" if left <= SOON_DAYS else "plain")


def clock(data_request: DataRequest, at: datetime) -> Mark:
    """Where the law's clock stands: running, suspended, or stopped in time or late."""
    if data_request.state == State.WITHDRAWN:
        return Mark(_("sans objet"))
    if data_request.due_on is None:
        return Mark(_("délai suspendu"), "calm")
    if data_request.is_open or is_undelivered(data_request):
        return days_left(data_request.due_on, at)
    return Mark(_("partie en retard"), "bad") if data_request.is_late(at) else Mark(_("partie à temps"), "good")


def flags(data_request: DataRequest, *, needs_attention: bool) -> list[Mark]:
    """What calls for a person, beside the clock."""
    marks = []
    if needs_attention:
        marks.append(Mark(_("à regarder"), "bad"))
    if is_undelivered(data_request):
        marks.append(Mark(_("décidée, non envoyée"), "warn"))
    if data_request.minor and data_request.is_open:
        marks.append(Mark(_("mineur"), "calm"))
    if data_request.extended_at:
        marks.append(Mark(_("prolongée")))
    if data_request.about_article:
        marks.append(Mark(_("article")))
    return marks


def due_text(data_request: DataRequest) -> str:
    """The last day to answer, short; a dash while there is none."""
    return date_format(data_request.due_on, "j F Y") if data_request.due_on else "–"
