"""Letters of the outcome: the copy, the corrections, the erasure with all that it kept, the end of messages."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dsr import deadlines, grounds
from dsr.leaving import LEAVING
from dsr.models.correction import Correction, Decision
from dsr.models.erasure import Kept
from dsr.models.identity import Secret
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.recipient import Untold
from dsr.models.request import DataRequest
from dsr.models.verification import Certificate, Mention
from dsr.notifications.writing import in_words, quoted, write
from dsr.sources import own_tables, registry
from dsr.sources.activities import Text

OWN: Final = {
    "DSR": _("Cette demande, notre décision, nos courriers et l’adresse où nous vous les avons envoyés"),
    "DSR+": _("Vos demandes, cette demande comprise, nos décisions, nos courriers et les adresses où ils sont allés"),
    "OPPO": _("Empreinte illisible de votre adresse, et sa date"),
}


@dataclass(frozen=True)
class KeptLine:
    """One category kept on one ground: its last end date in words ("" when case by case), and each end date's rows."""

    category: Text
    rows: int
    until: Text
    reference: Text
    sentence: Text
    ends: list[tuple[int, Text]] = field(default_factory=list)


@dataclass(frozen=True)
class LeftLine:
    """Mentions of the reader that stay in other people's rows of one source, for one reason."""

    category: Text
    count: int
    reference: Text
    sentence: Text


def package_ready(
    data_request: DataRequest, *, package: Package, secret: Secret | None, rows: int, at: datetime
) -> Notice:
    """The copy is ready: the code, how to open it, until when; with no ``rows``, that we hold nothing (GDPR Art. 15).

    By post there is no code: the copy goes with the letter.
    """
    context = {
        "rows": rows,
        "everything": data_request.is_about_everything,
        "available_until": in_words(deadlines.receipt_day(package.expires_at)),
    }
    return write(data_request, "package_ready", at=at, context=context, secret=secret, answers=True)


def package_again(data_request: DataRequest, *, package: Package, secret: Secret | None, at: datetime) -> Notice:
    """A fresh copy, of what we hold on that day, is ready: the code, how to open it, until when."""
    context = {"available_until": in_words(deadlines.receipt_day(package.expires_at))}
    return write(data_request, "package_again", at=at, context=context, secret=secret)


def rectified(data_request: DataRequest, *, at: datetime) -> Notice:
    """Each correction by its label: made, made in part and why, or refused with its ground (GDPR Art. 16).

    No value is repeated.
    """
    corrections = list(data_request.corrections.order_by("pk"))
    labels = registry.labels()
    decided = {decision: [each for each in corrections if each.decision == decision] for decision in Decision}
    context = {
        "accepted": [_label(each, labels) for each in decided[Decision.ACCEPTED]],
        "in_part": [
            {"label": _label(each, labels), "reason": quoted(each.reason)} for each in decided[Decision.IN_PART]
        ],
        "refused": [_refused(each, labels) for each in decided[Decision.REFUSED]],
        **_recipients(data_request),
    }
    return write(data_request, "rectified", at=at, context=context, answers=True)


def erased(
    data_request: DataRequest,
    *,
    kept: Iterable[Kept],
    at: datetime,
    left: Iterable[Mention] = (),
    nothing_found: bool = False,
) -> Notice:
    """What is gone, and each thing that stays with its ground, article and end date (GDPR Art. 17, 12(4)).

    ``left`` are the mentions that stay in other people's rows, each told by its source and the reason.
    """
    rows = list(kept)
    context = {
        "everything": data_request.is_about_everything,
        "nothing_found": nothing_found,
        "scope": [_source_label(name) for name in data_request.scope],
        "kept": [*_kept_lines(rows), *_kept_always(data_request, rows, at)],
        **_recipients(data_request),
        "left": _left_lines(left),
        "in_backups_until": in_words(deadlines.receipt_day(at) + timedelta(days=settings.DSR_BACKUP_DAYS)),
        "certified": Certificate.objects.filter(data_request=data_request).exists(),
    }
    return write(data_request, "erased", at=at, context=context, answers=True)


def objection_done(data_request: DataRequest, *, at: datetime) -> Notice:
    """No more messages, and the token that remembers it (GDPR Art. 21(3))."""
    ground = grounds.keeping("OPPO")
    context = {"until": _until(ground, at), "reference_of_law": ground.reference}
    return write(data_request, "objection_done", at=at, context=context, answers=True)


def _recipients(data_request: DataRequest) -> dict[str, Any]:
    """Who was told of it, by name, and who could not be, with the reason (GDPR Art. 19)."""
    names = {code: each.name for code, each in registry.recipients().items()}
    rows = [(names.get(row.recipient, row.recipient), row) for row in data_request.recipients.all()]
    return {
        "told": [name for name, row in rows if row.told_on],
        "untold": [
            {"name": name, "sentence": Untold(row.untold).label, "explanation": quoted(row.explanation)}
            for name, row in rows
            if row.untold
        ],
    }


def _refused(correction: Correction, labels: dict[str, Text]) -> dict[str, Text]:
    ground = grounds.refusing(correction.ground)
    return {"label": _label(correction, labels), "sentence": ground.sentence, "reference": ground.reference}


def _label(correction: Correction, labels: dict[str, Text]) -> Text:
    return labels.get(correction.concept, correction.concept)


def _source_label(name: str) -> Text:
    """The words of a source or of a table of our own; its name once the newspaper has removed it from its settings."""
    told = own_tables.labels() | {source.name: source.label for source in registry.sources()}
    return told.get(name, name)


def _kept_lines(kept: Iterable[Kept]) -> list[KeptLine]:
    """One line per source and ground, those judged case by case apart; the last end date decides."""

    def place(row: Kept) -> tuple[str, str, bool]:
        return row.source, row.ground, row.until is None

    ordered = sorted(kept, key=lambda row: (*place(row), row.until or date.max))
    return [_kept_line(list(rows)) for _key, rows in groupby(ordered, key=place)]


def _kept_line(rows: list[Kept]) -> KeptLine:
    ground = grounds.keeping(rows[0].ground)
    ends: list[tuple[int, Text]] = [(row.rows, in_words(row.until)) for row in rows if row.until]
    count = sum(row.rows for row in rows)
    ours = ground.code == "DSR"
    return KeptLine(
        category=OWN["DSR" if count == 1 else "DSR+"] if ours else _source_label(rows[0].source),
        rows=0 if ours and count == 1 else count,
        until=ends[-1][1] if ends else "",
        reference=ground.reference,
        sentence=ground.sentence,
        ends=ends if len(ends) > 1 else [],
    )


def _left_lines(left: Iterable[Mention]) -> list[LeftLine]:
    """One line for each source and reason."""
    counted = Counter((mention.source, mention.reason) for mention in left)
    return [
        LeftLine(_source_label(source), count, LEAVING[reason].reference, LEAVING[reason].sentence)
        for (source, reason), count in sorted(counted.items())
    ]


def _kept_always(data_request: DataRequest, kept: list[Kept], at: datetime) -> list[KeptLine]:
    """The request itself unless a source told of it, and the objection that an erasure of everything records."""
    told = any(row.ground == "DSR" for row in kept)
    codes = ["DSR"] * (not told) + ["OPPO"] * data_request.is_about_everything
    return [
        KeptLine(OWN[ground.code], 0, _until(ground, at), ground.reference, ground.sentence)
        for ground in map(grounds.keeping, codes)
    ]


def _until(ground: grounds.KeepingGround, at: datetime) -> Text:
    """The last day in words of what is kept from now on; "" when case by case."""
    until = ground.until(deadlines.receipt_day(at))
    return in_words(until) if until else ""
