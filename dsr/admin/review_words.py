"""Reviews and their findings in words, for the page, the list and the printed report alike."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsr import deadlines
from dsr.admin import words
from dsr.admin.marks import Mark
from dsr.audit import log
from dsr.audit.events import EVENTS
from dsr.models.review import Finding, Review
from dsr.models.review import Mark as Opinion
from dsr.oversight.rules import RULES

TONES = {Opinion.EXPLAINED: "good", Opinion.FOLLOW_UP: "warn"}


def state(review: Review, at: datetime) -> Mark:
    """Signed by whom and when, overdue, or open."""
    if review.signed_by and review.signed_at:
        signature = {"who": review.signed_by.reference, "day": day(review.signed_at)}
        return Mark(_("signée par %(who)s le %(day)s") % signature, "good")
    if review.due_on < deadlines.receipt_day(at):
        return Mark(_("en retard"), "bad")
    return Mark(_("ouverte"), "calm")


def span(review: Review) -> str:
    """The places of its entries in the tree, the first and the last."""
    return _("entrées n° %(first)d à %(last)d") % {"first": review.start, "last": review.end - 1}


def days(first: datetime | None, last: datetime | None) -> str:
    """The days in Paris from one instant to another; a dash for an entry that is gone."""
    ends = {"first": day(first) if first else "–", "last": day(last) if last else "–"}
    if ends["first"] == ends["last"]:
        return _("le %(first)s") % ends
    return _("du %(first)s au %(last)s") % ends


def found(count: int) -> str:
    """How many findings."""
    return ngettext("%(n)d constat", "%(n)d constats", count) % {"n": count} if count else _("aucun constat")


def unmarked(count: int) -> str:
    """How many findings wait for their mark."""
    return ngettext("%(n)d à apprécier", "%(n)d à apprécier", count) % {"n": count}


def entries(count: int) -> str:
    """How many entries of the log."""
    return ngettext("%(n)d entrée", "%(n)d entrées", count) % {"n": count}


def why(rule: str) -> str:
    """Why an auditor looks at what the rule draws."""
    return str(RULES[rule].why) if rule in RULES else ""


def who(finding: Finding) -> str:
    """Whose acts: a reference, as the log has it."""
    somebody = {log.READER: _("le lecteur"), log.SYSTEM: _("le système"), "": _("sans auteur particulier")}
    return somebody.get(finding.actor, finding.actor)


def detail(finding: Finding) -> str:
    """The ground of a refusal or the event that the finding is about, in words; empty when it is about neither."""
    return event(finding.detail) if finding.detail in EVENTS else words.refusal(finding.detail)


def event(code: str) -> str:
    """What happened; a code that left the list is shown as it is."""
    return str(EVENTS[code].sentence) if code in EVENTS else code


def opinion(finding: Finding) -> Mark:
    """What an auditor said of it."""
    if not finding.mark:
        return Mark(_("à apprécier"))
    return Mark(str(finding.get_mark_display()), TONES[Opinion(finding.mark)])


def figures(review: Review) -> list[tuple[str, int]]:
    """How often each thing happened, in the order of the table of events."""
    known = [code for code in EVENTS if code in review.figures]
    return [(event(code), review.figures[code]) for code in known + sorted(set(review.figures) - set(EVENTS))]


def day(instant: datetime) -> str:
    """The day in Paris."""
    return date_format(deadlines.local(instant), "j F Y")


def minute(instant: datetime) -> str:
    """Day and minute in Paris."""
    return date_format(deadlines.local(instant), "j F Y, H:i")
