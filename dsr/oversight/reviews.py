"""The review of the log: opened by itself each month, marked finding by finding, signed; never of one's own acts."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from dsr import deadlines, permissions
from dsr.audit import checkpoints, log, sequencer, tree
from dsr.audit.note import Checkpoint as Stated
from dsr.audit.note import NoteError
from dsr.models.audit import AuditEntry
from dsr.models.review import Finding, Mark, Review, new_reference
from dsr.models.staff import Staff
from dsr.models.tree import Checkpoint, Leaf
from dsr.oversight import keeping
from dsr.oversight.rules import OF_REVIEWING, RULES
from dsr.oversight.span import Span
from dsr.permissions import Refusal

SHOWN = 50  # entries listed with a finding; its count is of all
GRACE = timedelta(days=2)


class NothingNew(Refusal):
    """The log holds nothing that was not reviewed, or no checkpoint can be signed over it."""

    code = "nothing-new"
    sentence = _("Rien de nouveau à relire : le journal n’a pas de point de contrôle depuis la dernière relecture.")


class NoNote(Refusal):
    """A mark says why."""

    code = "no-note"
    sentence = _("Dites en quelques mots ce que vous avez vu.")


class Unmarked(Refusal):
    """A review is signed once each finding has its mark."""

    code = "unmarked"
    sentence = _("Il reste des constats sans appréciation.")


class NotOurs(Refusal):
    """The checkpoint of the review is signed by no key that is known."""

    code = "not-ours"
    sentence = _("Le point de contrôle n’est signé par aucune clé connue : voyez DSR_LOG_PAST_KEYS.")


class AlreadySigned(Refusal):
    """What is signed stays as it is."""

    code = "already-signed"
    sentence = _("Cette relecture est déjà signée.")


def next_on(*, at: datetime) -> date | None:
    """The day on which the next review opens by itself; None while the log is empty."""
    last = Review.objects.first()
    first = Leaf.objects.filter(index=0).select_related("entry").first()
    if last is None and first is None:
        return None
    began = last.opened_at if last else first.entry.at  # type: ignore[union-attr]
    return deadlines.months_later(deadlines.receipt_day(min(began, at)), settings.DSR_REVIEW_MONTHS)


def overdue(*, at: datetime) -> int:
    """How many reviews should be signed by now, or should have opened by themselves and did not."""
    today, due = deadlines.receipt_day(at), next_on(at=at)
    missing = due is not None and due + GRACE < today and _has_news(_reviewed())
    return Review.objects.overdue(today).count() + missing


def open_due(*, at: datetime) -> Review | None:
    """Open the review of the month if its day has come and there is something to review."""
    due = next_on(at=at)
    if due is None or deadlines.receipt_day(at) < due:
        return None
    try:
        return _open(by=log.SYSTEM, at=at)
    except NothingNew:
        return None


def open_now(*, by: Staff, at: datetime) -> Review:
    """An auditor opens one before its day; raises NothingNew when nothing happened since the last."""
    permissions.check_may_review(by)
    return _open(by=by, at=at)


@transaction.atomic
def mark(finding: Finding, *, mark: Mark, note: str, by: Staff, at: datetime) -> Finding:
    """Say of a finding that it is explained or to follow up, and why; the last word counts, until the signature."""
    review = _lock(finding.review)
    permissions.check_may_mark(by, finding)
    note = note.replace("\r\n", "\n").strip()
    if not note:
        raise NoNote
    finding.mark, finding.note, finding.marked_by, finding.marked_at = Mark(mark), note, by, at
    finding.save(update_fields=["mark", "note", "marked_by", "marked_at"])
    facts: dict[str, log.Fact] = {"rule": finding.rule, "finding": finding.pk, "mark": mark}
    log.record("review.marked", about=review, by=by, at=at, facts=facts)
    return finding


@transaction.atomic
def sign(review: Review, *, by: Staff, at: datetime) -> Review:
    """Sign a review off; the entry of the log names the checkpoint that was reviewed."""
    review = _lock(review)
    permissions.check_may_review(by)
    marks = review.findings.aggregate(
        unmarked=Count("pk", filter=Q(mark="")),
        explained=Count("pk", filter=Q(mark=Mark.EXPLAINED)),
        follow_up=Count("pk", filter=Q(mark=Mark.FOLLOW_UP)),
    )
    if marks.pop("unmarked"):
        raise Unmarked
    root = _stated(review.checkpoint).root.hex()
    review.signed_by, review.signed_at = by, at
    review.save(update_fields=["signed_by", "signed_at"])
    log.record(
        "review.signed", about=review, by=by, at=at,
        facts={"start": review.start, "end": review.end, "root": root, **marks},
    )  # fmt: skip
    return review


def _open(*, by: log.Actor, at: datetime) -> Review:
    sequencer.run()
    keeping.publish(at=at)
    checkpoint, start = Checkpoint.objects.first(), _reviewed()
    if checkpoint is None or not start < checkpoint.size <= tree.size() or not _has_news(start):
        raise NothingNew
    _stated(checkpoint)
    span = Span(start, checkpoint.size)
    drawn = _drawn(span)
    try:
        return _keep(span, checkpoint, drawn, by=by, at=at)
    except IntegrityError as error:
        if Review.objects.filter(start=start).exists():  # somebody opened it meanwhile
            raise NothingNew from error
        raise


def _stated(checkpoint: Checkpoint) -> Stated:
    """What a checkpoint states; raises NotOurs."""
    try:
        return checkpoints.opened(checkpoint.note)
    except NoteError as error:
        raise NotOurs from error


def _reviewed() -> int:
    """How many of the leaves were reviewed, or are being so, by what the log says: its table could be added to."""
    opened = AuditEntry.objects.filter(event="review.opened").order_by("-pk").first()
    return int(opened.facts.get("end", 0)) if opened else 0


def _has_news(start: int) -> bool:
    """Whether anything stands in the tree from that leaf on, besides what reviewing itself wrote."""
    return AuditEntry.objects.filter(leaf__index__gte=start).exclude(event__in=OF_REVIEWING).exists()


@transaction.atomic
def _keep(span: Span, checkpoint: Checkpoint, drawn: list[Finding], *, by: log.Actor, at: datetime) -> Review:
    review = Review.objects.create(
        reference=new_reference(),
        start=span.start,
        checkpoint=checkpoint,
        figures=span.figures(),
        opened_at=at,
        due_on=deadlines.receipt_day(at) + timedelta(days=settings.DSR_REVIEW_DAYS),
    )
    for finding in drawn:
        finding.review = review
    Finding.objects.bulk_create(drawn)
    facts: dict[str, log.Fact] = {"start": span.start, "end": span.end, "findings": len(drawn)}
    log.record("review.opened", about=review, by=by, at=at, facts=facts)
    return review


def _drawn(span: Span) -> list[Finding]:
    """One finding for each rule, person and code that the rule drew; an entry counts once in it."""
    places: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for code, rule in RULES.items():
        for each in rule.draw(span):
            places[code, each.actor, each.detail].add(each.index)
    return [
        Finding(rule=code, actor=actor, detail=detail, count=len(indexes), entries=sorted(indexes)[:SHOWN])
        for (code, actor, detail), indexes in places.items()
    ]


def _lock(review: Review) -> Review:
    """The review, held until the transaction ends; raises AlreadySigned."""
    locked = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if locked.signed_at:
        raise AlreadySigned
    return locked
