"""What an auditor sees first: the reviews that wait, what was left to follow up, and how the log itself fares."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from dsr import deadlines
from dsr.admin import review_words
from dsr.audit import sequencer
from dsr.models.review import Mark, Review
from dsr.models.tree import Checkpoint
from dsr.oversight import reviews

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

STALE = timedelta(hours=25)  # one is due each day at least


def cards(now: datetime) -> list[dict[str, Any]]:
    """What waits, then how the log fares."""
    listed = reverse("admin:dsr_review_changelist")
    return [
        _counted(_("Relectures ouvertes"), _("à apprécier et à signer"), Review.objects.open().count(), listed, "calm"),
        _counted(_("Relectures en retard"), _("le jour de signer est passé"), reviews.overdue(at=now), listed, "bad"),
        *_follow_up(),
        *_late_log(now),
        *_last_checkpoint(now),
    ]


def _counted(title: "StrPromise", hint: "StrPromise", count: int, href: str, tone: str) -> dict[str, Any]:
    return {"title": title, "hint": hint, "count": count, "href": href, "tone": tone if count else "plain"}


def _follow_up() -> list[dict[str, Any]]:
    """What the last signed review left to follow up."""
    last = Review.objects.exclude(signed_at=None).first()
    if last is None:
        return []
    left = last.findings.filter(mark=Mark.FOLLOW_UP).count()
    page = reverse("admin:dsr_review_change", args=[last.pk])
    return [_counted(_("Constats à suivre"), _("dans la dernière relecture signée"), left, page, "warn")]


def _late_log(now: datetime) -> list[dict[str, Any]]:
    """Since when an entry has been waiting for its place, once that is too long."""
    oldest = sequencer.oldest_waiting()
    if oldest is None or not sequencer.is_late(now):
        return []
    hint = _("une entrée n’a pas sa place depuis plus d’une minute")
    return [{"title": _("Le journal attend"), "hint": hint, "text": timesince(oldest, now, depth=1), "tone": "bad"}]


def _last_checkpoint(now: datetime) -> list[dict[str, Any]]:
    """When the log was last signed, and how long it was."""
    last = Checkpoint.objects.first()
    if last is None:
        return []
    instant, entries = deadlines.local(last.published_at), review_words.entries(last.size)
    hint = _("à %(time)s, %(entries)s") % {"time": date_format(instant, "H:i"), "entries": entries}
    day, tone = date_format(instant, "j F Y"), "bad" if now - last.published_at > STALE else "plain"
    return [{"title": _("Dernier point de contrôle"), "hint": hint, "text": day, "tone": tone}]
