"""What a proven reader says of a request before it is decided: which rows it is about, which values to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from dsr.audit import log
from dsr.lifecycle import addresses, identity, restricting, transition
from dsr.lifecycle.intake import UnknownSource, known_scope, reach
from dsr.models.correction import Correction, Decision
from dsr.models.request import DataRequest
from dsr.permissions import NotNow, Refusal
from dsr.sources import base, registry
from dsr.sources.statements import STATEMENT
from dsr.states import Kind, State

SUMMARIES = 200
UNDECIDED = {"decision": Decision.PENDING, "ground": "", "granted_value": "", "reason": "", "stale_at": None}


class NotCorrectable(Refusal):
    """A correction to something that may not be corrected."""

    code = "not-correctable"
    sentence = _("Cette donnée ne peut pas être corrigée.")

    def __init__(self, concept: str, sentence: str = "") -> None:
        super().__init__(sentence)
        self.concept = concept


class StaleValue(NotCorrectable):
    """The value the reader saw is no longer the one that stands."""

    code = "stale-value"
    sentence = _("Cette donnée a changé entre-temps : rechargez la page pour voir sa valeur actuelle.")


class UnacceptableWish(NotCorrectable):
    """The wished value cannot be held."""

    code = "unacceptable-value"
    sentence = _("Cette valeur ne peut pas être enregistrée.")


@dataclass(frozen=True, slots=True)
class Wish:
    """One value the reader wishes changed: ``old`` is the value they saw."""

    concept: str
    old: str
    new: str
    explanation: str = ""


@transaction.atomic
def choose_scope(data_request: DataRequest, *, scope: base.Scope, at: datetime) -> DataRequest:
    """The proven reader ticks what the request is about, before an officer decides."""
    data_request = _examined(data_request)
    known = known_scope(scope)
    for source, summaries in choosable(data_request):
        ticked, allowed = known.get(source.name), {summary.key for summary in summaries}
        if isinstance(ticked, list) and not set(ticked) <= allowed:
            raise UnknownSource
    facts: dict[str, log.Fact] = {"scope": reach(known)}
    try:
        with transaction.atomic():
            return transition.amend(
                data_request, event="request.scoped", by=log.READER, at=at, facts=facts, scope=known
            )
    except IntegrityError as error:
        raise NotNow(_("Vous avez déjà une demande ouverte de cette nature et de cette portée.")) from error


@transaction.atomic
def wish(data_request: DataRequest, *, wishes: Sequence[Wish], at: datetime) -> DataRequest:
    """The proven reader says which values to change; each stands as they saw it and can hold what they wish."""
    data_request = _examined(data_request)
    if data_request.kind != Kind.RECTIFICATION:
        raise NotNow
    standing = {(value.concept, value.value) for value in correctable(data_request)}
    concepts = {concept for concept, _value in standing}
    for each in wishes:
        if each.concept not in concepts:
            raise NotCorrectable(each.concept)
        if (each.concept, each.old) not in standing:
            raise StaleValue(each.concept)
        check_acceptable(each.concept, each.new, taken=each.concept != identity.EMAIL)
        _keep(data_request, each, at=at)
    addresses.ask(data_request, at=at)
    restricting.lay(data_request, at=at)
    return data_request


def correctable(data_request: DataRequest) -> list[base.Value]:
    """The values that a proven reader may ask to correct, each once however many rows hold it, an address without case.

    Where a source takes statements, there is one to be made, of which nothing stands yet (GDPR Art. 16).
    """
    subject = registry.expand(identity.subject(data_request).identifiers)
    standing = sorted(value for source in registry.sources() if not source.by_hand for value in source.values(subject))
    if data_request.kind == Kind.RECTIFICATION and (label := registry.labels().get(STATEMENT)):
        standing.append(base.Value(STATEMENT, "", label))
    found: dict[tuple[str, str], base.Value] = {}
    for each in standing:
        found.setdefault((each.concept, each.value.casefold() if each.concept == identity.EMAIL else each.value), each)
    return sorted(found.values())


def stands(data_request: DataRequest, concept: str, value: str) -> bool:
    """Whether the value stands in a row of the reader's already."""
    folded = value.strip().casefold()
    return any(
        each.concept == concept and each.value.strip().casefold() == folded for each in correctable(data_request)
    )


def choosable(data_request: DataRequest) -> list[tuple[base.Source, list[base.RowSummary]]]:
    """The sources that hold something of a proven reader, with their rows in words."""
    subject = registry.expand(identity.subject(data_request).identifiers)
    rows = [(source, source.summaries(subject, limit=SUMMARIES)) for source in registry.sources() if not source.by_hand]
    return [(source, summaries) for source, summaries in rows if summaries]


def _examined(data_request: DataRequest) -> DataRequest:
    """The request, held, if its reader is proven and no officer has decided yet."""
    locked = transition.lock(data_request)
    if locked.state != State.REVIEW or not locked.confirmed_at:
        raise NotNow
    return locked


def check_acceptable(concept: str, value: str, *, taken: bool = True) -> None:
    """Raise UnacceptableWish when a source cannot hold the value.

    Without ``taken`` a value that may stand only once and stands already passes: a reader learns of no address whether
    it is known, an officer does.
    """
    for source in registry.sources():
        try:
            source.validate(concept, value)
        except base.UnacceptableValue as error:
            if taken or not isinstance(error, base.ValueTaken):
                raise UnacceptableWish(concept, str(error)) from error


def _keep(data_request: DataRequest, each: Wish, *, at: datetime) -> None:
    """Write the wish down, to be decided anew; one that changes nothing any more is taken back."""
    wished = data_request.corrections.filter(concept=each.concept, old_value=each.old)
    if each.new == each.old:
        wished.delete()
        return
    Correction.objects.update_or_create(
        data_request=data_request, concept=each.concept, old_value=each.old, defaults={**UNDECIDED, **_said(each)}
    )
    log.record("correction.wished", about=data_request, by=log.READER, at=at, facts={"concept": each.concept})


def _said(each: Wish) -> dict[str, str]:
    return {"new_value": each.new, "explanation": each.explanation}
