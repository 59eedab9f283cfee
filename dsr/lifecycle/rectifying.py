"""Accepted corrections carried out: what changes where, all of it at once, and what did not come out as decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import ngettext

from dsr import keys
from dsr.lifecycle import identity
from dsr.models.address import AddressChange
from dsr.models.correction import Correction, Decision, Restriction
from dsr.models.request import DataRequest
from dsr.models.statement import Statement
from dsr.models.step import Step
from dsr.sources import base, registry
from dsr.sources.statements import STATEMENT


class Rectification:
    """The work of one step: first the chained corrections, mark by mark, then the others, wherever they stand.

    A correction is chained when another one of the same request makes its old value: it happens only in the fields that
    were marked before any change, so that values trade places, and a second run changes nothing.
    """

    def __init__(self, step: Step) -> None:
        granted = list(step.data_request.corrections.granted().order_by("pk"))
        self.source_name = step.source
        self.granted = granted
        self.chained = {each.pk: each for each in chained(granted)}
        self.changes = [
            base.Change(each.concept, each.old_value, each.outcome, () if each.pk in self.chained else None)
            for each in granted
        ]

    def __call__(self, source: base.Source, subject: base.Subject, cursor: base.Cursor, limit: int) -> base.Chunk:
        """One bounded piece, from the cursor on."""
        marks = [] if "rest" in cursor else self._marks(cursor.get("mark", 0), limit)
        if marks:
            return self._in_places(source, subject, marks)
        chunk = source.rectify(subject, changes=self.changes, limit=limit, cursor=cursor.get("rest", {}))
        _note(self.granted, chunk)
        return chunk if chunk.cursor is None else replace(chunk, cursor={"rest": chunk.cursor})

    def _marks(self, after: int, limit: int) -> list[Restriction]:
        marks = Restriction.objects.filter(source=self.source_name, correction__in=self.chained, pk__gt=after)
        return list(marks.order_by("pk")[:limit]) if self.chained else []

    def _in_places(self, source: base.Source, subject: base.Subject, marks: Sequence[Restriction]) -> base.Chunk:
        places: dict[int, list[base.Place]] = {}
        for mark in marks:
            places.setdefault(mark.correction_id, []).append(base.Place(mark.field, mark.key))
        changes = [
            base.Change(self.chained[pk].concept, self.chained[pk].old_value, self.chained[pk].outcome, tuple(each))
            for pk, each in places.items()
        ]
        done = source.rectify(subject, changes=changes, limit=len(marks) + 1, cursor={})
        _note([self.chained[pk] for pk in places], done)
        return replace(done, cursor={"mark": marks[-1].pk})


def made_by_hand(data_request: DataRequest) -> None:
    """A person corrected whatever was granted."""
    for each in data_request.corrections.granted():
        _remember(each)


def _note(corrections: Sequence[Correction], done: base.Chunk) -> None:
    """Write down what was really made, for those it has to be told to; where a source cannot tell, all of it."""
    for place, correction in enumerate(corrections):
        if done.made.get(place) or (done.changed and not done.made):
            _remember(correction)


def _remember(correction: Correction) -> None:
    if correction.outcome not in correction.made:
        correction.made = [*correction.made, correction.outcome]
        correction.save(update_fields=["made"])


def chained(granted: Sequence[Correction]) -> list[Correction]:
    """Those whose old value another one makes."""
    made = {(each.concept, _folded(each.outcome), each.pk) for each in granted}
    return [
        each
        for each in granted
        if any(
            (concept, value) == (each.concept, _folded(each.old_value)) and pk != each.pk for concept, value, pk in made
        )
    ]


def file_statement(data_request: DataRequest, *, at: datetime) -> None:
    """File the statement that was accepted, unless a field of the newspaper's own has taken it; once."""
    accepted = data_request.corrections.granted().filter(concept=STATEMENT, old_value="").first()
    if accepted is None:
        return
    subject = identity.subject(data_request)
    taken = {value.value for source in registry.sources() for value in source.values(subject)}
    if accepted.outcome and accepted.outcome not in taken:
        change = AddressChange.objects.filter(data_request=data_request, done_at__isnull=False).first()
        filed = {"email": change.address if change else data_request.email, "text": accepted.outcome, "recorded_at": at}
        Statement.objects.get_or_create(reference=data_request.reference, defaults=filed)


def send_back_stale(data_request: DataRequest, *, at: datetime) -> bool:
    """Put what is no longer as the reader saw it before the officer again; whether there is any."""
    stale = [each.pk for each in _stale(data_request)]
    data_request.corrections.filter(pk__in=stale).update(decision=Decision.PENDING, stale_at=at)
    return bool(stale)


def _stale(data_request: DataRequest) -> Iterator[Correction]:
    """Granted corrections whose outcome stands nowhere, or whose old value still does.

    The value that led to the rows leads there no more once it was changed: where it stood, the new one is out of sight.
    """
    subject = identity.subject(data_request)
    granted = list(data_request.corrections.granted())
    in_chain = {each.pk for each in chained(granted)}
    changed = any(result.get("changed") for result in data_request.steps.values_list("result", flat=True))
    led_there = {identifier.value for identifier in subject.identifiers} if changed else set()
    standing = {(each.concept, each.value) for source in registry.sources() for each in source.values(subject)}
    for each in granted:
        old, new = (each.concept, each.old_value), (each.concept, each.outcome)
        hidden = keys.normalised_address(each.old_value) in led_there
        if each.pk in in_chain:
            if not _stands_where_marked(each, subject):
                yield each
        elif old in standing or (each.outcome and new not in standing and not hidden):
            yield each


def _stands_where_marked(correction: Correction, subject: base.Subject) -> bool:
    marked = set(correction.restrictions.values_list("source", "field", "key"))
    held = {
        (source.name, place.field, place.key)
        for source in registry.sources()
        for place in source.places(subject, concept=correction.concept, value=correction.outcome)
    }
    return marked <= held


def refused_in_words(refused: Mapping[str, int]) -> str:
    """What staff read when the database would not write a corrected value: the fields, never the value."""
    rows = sum(refused.values())
    sentence = ngettext(
        "%(rows)d ligne n’a pas pris la valeur corrigée (%(fields)s) : elle y figure déjà, ou n’y tient pas.",
        "%(rows)d lignes n’ont pas pris la valeur corrigée (%(fields)s) : elle y figure déjà, ou n’y tient pas.",
        rows,
    )
    return sentence % {"rows": rows, "fields": ", ".join(refused)}


def _folded(value: str) -> str:
    return value.strip().casefold()
