"""The page of one review: its span, its figures and its findings by rule, gathered for its template."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.admin import review_words, words
from dsr.admin.forms import paragraph
from dsr.models.review import Finding, Mark, Review
from dsr.models.staff import Staff
from dsr.models.tree import Leaf
from dsr.oversight import reviews
from dsr.oversight.rules import RULES

SHOWN = 10  # entries told under a finding; the log has them all
SIGNATURE = "dk-sign"


class MarkForm(forms.Form):
    """What an auditor says of one finding; many of these forms are on one page, so each has its own element ids."""

    required_css_class = "dk-required"

    mark = forms.ChoiceField(label=_("Appréciation"), choices=Mark.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Ce que vous avez vu"),
        help_text=_("Ne nommez aucun lecteur."),
        widget=paragraph(2),
        max_length=2000,
        error_messages={"required": reviews.NoNote.sentence},
    )

    def __init__(self, data: Any = None, *, finding: Finding) -> None:
        said = {"mark": finding.mark, "note": finding.note}
        super().__init__(data, initial=said, auto_id=f"{anchor(finding)}-%s", label_suffix="")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A mark that was posted and not made: what was typed is shown again."""

    finding: Finding
    form: MarkForm


def context(review: Review, *, by: Staff, at: datetime, attempt: Attempt | None = None) -> dict[str, Any]:
    """Every part of the page; ``attempt`` is a mark that was posted and not made."""
    findings = list(review.findings.select_related("marked_by"))
    leaves = _leaves(review, findings)
    waiting = [each for each in findings if not each.mark]
    return {
        "review": review,
        "state": review_words.state(review, at),
        "span": review_words.span(review),
        "days": review_words.days(*(_at(leaves, index) for index in (review.start, review.end - 1))),
        "total": review.end - review.start,
        "figures": review_words.figures(review),
        "found": review_words.found(len(findings)),
        "waiting": len(waiting),
        "waiting_for_another": sum(each.actor == by.reference for each in waiting),
        "may_review": by.has_perm(permissions.REVIEW),
        "may_read_log": by.has_perm("dsr.view_auditentry"),
        "groups": [
            {
                "code": rule,
                "title": words.rule(rule),
                "why": review_words.why(rule),
                "waiting": sum(not each.mark for each in drawn),
                "findings": [_finding(each, review, leaves, by=by, attempt=attempt) for each in drawn],
            }
            for rule, drawn in by_rule(findings)
        ],
    }


def by_rule(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """What each rule drew, in the order of their table."""
    drawn: dict[str, list[Finding]] = {rule: [] for rule in RULES}
    for each in findings:
        drawn.setdefault(each.rule, []).append(each)
    return [(rule, found) for rule, found in drawn.items() if found]


def anchor(finding: Finding) -> str:
    """Where a finding stands on the page."""
    return f"finding-{finding.pk}"


def next_anchor(marked: Finding, *, by: Staff) -> str:
    """Where the auditor goes on: the next finding that waits for them, the first when it was the last, or to sign."""
    order = [each for _rule, found in by_rule(marked.review.findings.all()) for each in found]
    here = order.index(marked)
    for each in order[here:] + order[:here]:
        if not each.mark and permissions.may_mark(by, each):
            return anchor(each)
    return SIGNATURE


def _leaves(review: Review, findings: list[Finding]) -> dict[int, Leaf]:
    """The entries told on the page and those at both ends of the span, by their place in the tree."""
    wanted = {review.start, review.end - 1}.union(*(each.entries[:SHOWN] for each in findings))
    return {leaf.index: leaf for leaf in Leaf.objects.filter(index__in=wanted).select_related("entry")}


def _at(leaves: dict[int, Leaf], index: int) -> datetime | None:
    return leaves[index].entry.at if index in leaves else None


def _finding(
    finding: Finding, review: Review, leaves: dict[int, Leaf], *, by: Staff, attempt: Attempt | None
) -> dict[str, Any]:
    told = [leaves[index] for index in finding.entries[:SHOWN] if index in leaves]
    tried = attempt is not None and attempt.finding == finding
    return {
        "row": finding,
        "anchor": anchor(finding),
        "who": review_words.who(finding),
        "detail": review_words.detail(finding),
        "count": review_words.entries(finding.count),
        "opinion": review_words.opinion(finding),
        "entries": [_entry(leaf) for leaf in told],
        "more": finding.count - len(told),
        "is_own": finding.actor == by.reference,
        "is_open": tried or not finding.mark,
        "form": _form(finding, review, by=by, attempt=attempt if tried else None),
    }


def _entry(leaf: Leaf) -> dict[str, str]:
    """One entry in one line; in words already, as there may be thousands on a page."""
    entry = leaf.entry
    return {
        "place": gettext("n° %(index)d") % {"index": leaf.index},
        "address": reverse("admin:dsr_auditentry_change", args=[entry.pk]),
        "iso": entry.at.isoformat(),
        "instant": review_words.minute(entry.at),
        "sentence": review_words.event(entry.event),
        "subject": entry.subject,
    }


def _form(finding: Finding, review: Review, *, by: Staff, attempt: Attempt | None) -> MarkForm | None:
    """The form to mark a finding, for those who may; what was typed too late is not lost."""
    if not permissions.may_mark(by, finding):
        return None
    if attempt:
        return attempt.form
    return None if review.signed_at else MarkForm(finding=finding)
