"""The printed report of one review: everything its template shows, in the words of whoever prints it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsr.admin import review_words, words
from dsr.admin.review_page import by_rule
from dsr.models.review import Finding, Review
from dsr.models.tree import Leaf

TEMPLATE = "admin/dsr/review/report.typ"


def data(review: Review, *, at: datetime) -> dict[str, Any]:
    """What the template reads; every value is text, and the words between them come along."""
    findings = list(review.findings.select_related("marked_by"))
    return {
        "lang": (get_language() or settings.LANGUAGE_CODE)[:2],
        "title": _("Relecture du journal %(reference)s") % {"reference": review.reference},
        "newspaper": settings.DSR_NEWSPAPER_NAME,
        "words": _words(),
        "facts": _facts(review, at=at, findings=len(findings)),
        "figures": [[sentence, str(count)] for sentence, count in review_words.figures(review)],
        "total": str(review.end - review.start),
        "rules": [
            {
                "title": words.rule(rule),
                "why": review_words.why(rule),
                "findings": [_finding(each) for each in drawn],
            }
            for rule, drawn in by_rule(findings)
        ],
        "checkpoint": review.checkpoint.note,
    }


def _words() -> dict[str, str]:
    return {
        "figures": _("Ce qui s’est passé"),
        "event": _("Événement"),
        "count": _("Entrées"),
        "total": _("Total"),
        "findings": _("Constats"),
        "no_findings": _("Aucune règle n’a rien relevé."),
        "checkpoint": _("Point de contrôle relu"),
        "checkpoint_means": _(
            "Le service a signé ce texte : il dit combien d’entrées le journal avait, et leur racine."
        ),
        "page": _("page"),
        "of": _("sur"),
    }


def _facts(review: Review, *, at: datetime, findings: int) -> list[list[str]]:
    """Label and value, in order."""
    signed = (
        _("le %(instant)s par %(who)s") % {"instant": review_words.minute(review.signed_at), "who": review.signed_by}
        if review.signed_at
        else _("non signée")
    )
    return [
        [_("Référence"), review.reference],
        [_("Période"), review_words.days(*_ends(review))],
        [_("Journal"), review_words.span(review)],
        [_("Ouverte le"), review_words.minute(review.opened_at)],
        [_("À signer avant le"), date_format(review.due_on, "j F Y")],
        [_("Signée"), signed],
        [_("Constats"), review_words.found(findings)],
        [_("Imprimée le"), review_words.minute(at)],
    ]


def _ends(review: Review) -> tuple[datetime | None, datetime | None]:
    """The instants of the first and the last entry."""
    at = dict(Leaf.objects.filter(index__in=[review.start, review.end - 1]).values_list("index", "entry__at"))
    return at.get(review.start), at.get(review.end - 1)


def _finding(finding: Finding) -> dict[str, str]:
    more = finding.count > len(finding.entries)
    return {
        "who": review_words.who(finding),
        "detail": review_words.detail(finding),
        "count": review_words.entries(finding.count),
        "places": _("n° %(places)s") % {"places": ", ".join(map(str, finding.entries)) + (" …" if more else "")},
        "mark": review_words.opinion(finding).word,
        "note": finding.note,
        "by": _marked(finding),
    }


def _marked(finding: Finding) -> str:
    if not finding.marked_at:
        return ""
    return _("apprécié par %(who)s le %(instant)s") % {
        "who": finding.marked_by,
        "instant": review_words.minute(finding.marked_at),
    }
