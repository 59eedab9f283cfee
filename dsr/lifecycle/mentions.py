"""What becomes of a mention of the erased reader in another person's row: masked, or left for a reason of the law.

The erasure is not answered before each is decided; then the search is made once more, which shows that what was masked
is gone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.audit import log
from dsr.leaving import LEAVING
from dsr.lifecycle import old_values, transition, verification
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status
from dsr.models.verification import Fate, Mention
from dsr.permissions import NotNow, Refusal
from dsr.sources import searching
from dsr.sources.needles import Needles

AT_ONCE: Final = 1_000
A_PAGE: Final = 100


class NoMention(Refusal):
    """Nothing was ticked, or what was ticked is decided already."""

    code = "no-mention"
    sentence = _("Choisissez au moins une mention qui reste à décider.")


class NoReasonToLeave(Refusal):
    """A mention is left for a reason of the closed list, and masked without one."""

    code = "no-reason-to-leave"
    sentence = _("Dites pourquoi ces mentions sont laissées, en choisissant une raison de la liste.")


class Unmaskable(Refusal):
    """The value cannot be written anew where it stands."""

    code = "unmaskable"
    sentence = _(
        "Une de ces mentions ne peut pas être masquée d’ici (un nom de fichier, un champ qui refuse d’être vidé) : "
        "corrigez-la dans l’outil du journal, ou laissez-la avec sa raison. Aucune n’a été changée."
    )


class Changed(Refusal):
    """The row changed while it was being masked."""

    code = "mention-changed"
    sentence = _("Un de ces textes a changé entre-temps : relisez-le. Aucun n’a été changé.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A mention as an officer reads it: what stands around it, in pieces, the old values marked."""

    mention: Mention
    pieces: list[tuple[str, bool]]


@transaction.atomic
def show(data_request: DataRequest, *, after: int, by: Staff, at: datetime) -> list[Shown]:
    """The next undecided mentions after that one; that they were read is recorded, and by whom."""
    permissions.check_may_view(by)
    found = list(data_request.mentions.undecided().filter(pk__gt=after).order_by("pk")[:A_PAGE])
    needles = _needles(data_request) if found else Needles(())
    log.record("request.viewed", about=data_request, by=by, at=at)
    return [Shown(mention, needles.parts(verification.passage(mention))) for mention in found]


def first(data_request: DataRequest) -> list[int]:
    """The undecided mentions that one decision can be about, the first found first."""
    return list(data_request.mentions.undecided().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def mask(data_request: DataRequest, *, mentions: Sequence[int], by: Staff, at: datetime) -> int:
    """Write those passages anew in the other people's rows; returns how many.

    All or none in the service's own database; a row of another one is written first, and once more changes nothing.
    """
    chosen = _chosen(data_request, mentions, by=by)
    if not all(mention.maskable for mention in chosen):
        raise Unmaskable
    needles = _needles(data_request)
    tables = {place.name: place.table for place in verification.places()}
    for mention in chosen:
        _mask(mention, tables.get(mention.source), needles)
    return _decide(data_request, chosen, decision=Fate.MASKED, reason="", by=by, at=at)


@transaction.atomic
def leave(data_request: DataRequest, *, mentions: Sequence[int], reason: str, by: Staff, at: datetime) -> int:
    """Leave those passages for a reason of ``LEAVING``, which the reader is told; returns how many."""
    if reason not in LEAVING:
        raise NoReasonToLeave
    chosen = _chosen(data_request, mentions, by=by)
    return _decide(data_request, chosen, decision=Fate.LEFT, reason=reason, by=by, at=at)


def _chosen(data_request: DataRequest, mentions: Sequence[int], *, by: Staff) -> list[Mention]:
    locked = transition.lock(data_request)
    permissions.check("decide_mentions", by, locked)
    if not _waiting(locked):
        raise NotNow
    chosen = list(locked.mentions.undecided().filter(pk__in=list(mentions)[:AT_ONCE]))
    if not chosen or len(chosen) != len(set(mentions)):
        raise NoMention
    return chosen


def _mask(mention: Mention, table: searching.Table | None, needles: Needles) -> None:
    key = table.key.parse(mention.row_key) if table else None
    if table is None or key is None or mention.field not in table.fields:
        raise Unmaskable
    try:
        with transaction.atomic(using=table.alias):
            done = searching.mask(table, key, mention.field, needles)
    except IntegrityError as error:
        raise Unmaskable from error
    if not done:
        raise Changed


def _decide(
    data_request: DataRequest, chosen: Sequence[Mention], *, decision: Fate, reason: str, by: Staff, at: datetime
) -> int:
    decided = Mention.objects.filter(pk__in=[mention.pk for mention in chosen])
    decided.update(decision=decision, reason=reason, decided_by=by, decided_at=at, passage=None)
    for source, count in Counter(mention.source for mention in chosen).items():
        facts: dict[str, log.Fact] = {"source": source, "decision": decision, "reason": reason, "count": count}
        log.record("mention.decided", about=data_request, by=by, at=at, facts=facts)
    if not data_request.mentions.undecided().exists():
        _waiting(data_request, resume=True)
    return len(chosen)


def _waiting(data_request: DataRequest, *, resume: bool = False) -> bool:
    """Whether the verification waits for these decisions; made, it is due again and searches once more."""
    waiting = data_request.steps.filter(action=Action.VERIFY, status=Status.WAITING)
    return bool(waiting.update(status=Status.PENDING, lease_until=None)) if resume else waiting.exists()


def _needles(data_request: DataRequest) -> Needles:
    step = data_request.steps.filter(action=Action.VERIFY).exclude(status=Status.CANCELLED).get()
    return Needles.of(value for value in old_values.values(step) if value.is_unique)
