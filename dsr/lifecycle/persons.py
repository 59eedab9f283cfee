"""What officers do about other people in a copy: decide passage by passage, mark what no machine finds, go on."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.audit import log
from dsr.lifecycle import claim, execution, screening, transition
from dsr.models.passage import Decision, MarkedText, Passage
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status
from dsr.permissions import DecidedMeanwhile, Refusal
from dsr.sources import registry

LONGEST = 500
NOTHING: Final[Mapping[int, str]] = MappingProxyType({})


class NoDecision(Refusal):
    """A decision that is not in the closed list."""

    code = "no-decision"
    sentence = _("Masquez le passage, ou choisissez dans la liste pourquoi le laisser.")


class PassagesUndecided(Refusal):
    """The packing waits until each passage has its decision."""

    code = "passages-undecided"
    sentence = _("Décidez d’abord de chaque passage.")


class NothingToMark(Refusal):
    """No words, too many, or a source that has no free text in this request."""

    code = "nothing-to-mark"
    sentence = _("Écrivez le passage tel qu’il est, et choisissez une source où il se lit.")


@transaction.atomic
def decide(
    data_request: DataRequest,
    *,
    decisions: Mapping[int, str],
    everywhere: Collection[int] = (),
    instead_of: Mapping[int, str] = NOTHING,
    by: Staff,
    at: datetime,
) -> DataRequest:
    """Mask or leave passages, by their ids; those in ``everywhere`` stand for the others that say the same.

    Of these what nobody decided is decided so, and what stood as the one did; what was decided since is left.
    ``instead_of`` are the decisions that the officer read, where there were any: raises DecidedMeanwhile, and decides
    nothing, when one of them stands no more.
    """
    data_request = transition.lock(data_request)
    permissions.check("decide_passages", by, data_request)
    if not set(decisions.values()) <= set(Decision.values) - {Decision.UNDECIDED}:
        raise NoDecision
    passages = data_request.passages.in_bulk(list(decisions))
    if any(each.decision not in {decisions[pk], instead_of.get(pk, "")} for pk, each in passages.items()):
        raise DecidedMeanwhile
    for code in dict.fromkeys(decisions.values()):
        named = [pk for pk, each in decisions.items() if each == code]
        alike = _alike([passages[pk] for pk in named if pk in everywhere and pk in passages])
        _decide(data_request, Q(pk__in=named) | alike & ~Q(pk__in=list(decisions)), code, by, at)
    return data_request


def _alike(passages: Collection[Passage]) -> Q:
    """Those that say the same and have no decision, or the same one for as long."""
    found = Q(token__in=[each.token for each in passages], decision=Decision.UNDECIDED)
    for each in passages:
        if each.decision:
            found |= Q(token=each.token, decision=each.decision, decided_at__lte=each.decided_at)
    return found


@transaction.atomic
def mask_rest(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """Mask every passage that has no decision yet."""
    data_request = transition.lock(data_request)
    permissions.check("decide_passages", by, data_request)
    _decide(data_request, Q(decision=Decision.UNDECIDED), Decision.MASK, by, at)
    return data_request


def _decide(data_request: DataRequest, chosen: Q, code: str, by: Staff, at: datetime) -> None:
    """Those that already stand so are left as they are, and not counted."""
    todo = data_request.passages.filter(chosen).exclude(decision=code)
    count = todo.update(decision=code, decided_at=at, decided_by=by)
    if count:
        facts: dict[str, log.Fact] = {"decision": code, "passages": count}
        log.record("passage.decided", about=data_request, by=by, at=at, facts=facts)


@transaction.atomic
def mark(data_request: DataRequest, *, source: str, text: str, by: Staff, at: datetime, row: str = "") -> MarkedText:
    """Have a text masked wherever it stands in one source, or in one row of it; it is looked for before the packing.

    While passages are being decided it is looked for at once; while the package is being read, once it is sent back.
    """
    data_request = transition.lock(data_request)
    permissions.check("mark_passage", by, data_request)
    searched = {each.name for each, _rows in registry.in_scope(data_request.scope) if each.free_text}
    if source not in searched or not 0 < len(text.strip()) <= LONGEST:
        raise NothingToMark
    marked = MarkedText.objects.create(
        data_request=data_request,
        source=source,
        row=row.strip(),
        token=screening.token(data_request, text.strip()),
        sealed=screening.seal_text(data_request, text.strip(), source=source),
        created_at=at,
        created_by=by,
    )
    log.record("passage.marked", about=data_request, by=by, at=at, facts={"source": source})
    if data_request.steps.filter(action=Action.SCREEN).unfinished().exists():
        screening.again(data_request)
    return marked


@transaction.atomic
def finish(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """Every passage is decided: the package is composed."""
    data_request = transition.lock(data_request)
    permissions.check("finish_screening", by, data_request)
    if data_request.passages.undecided().exists():
        raise PassagesUndecided
    step = data_request.steps.select_for_update().get(action=Action.SCREEN, status=Status.WAITING)
    claim.finish(step, by=by, at=at)
    execution.settle(data_request, at=at)
    return data_request
