"""The mark on contested fields: laid when the reader wishes, lifted once the letter that decides has left (Art. 18)."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.db import transaction

from dsr.audit import log
from dsr.lifecycle import identity, rounds, transition
from dsr.models.correction import Correction, Restriction
from dsr.models.request import DataRequest
from dsr.sources import registry

AT_ONCE = 1000


def lay(data_request: DataRequest, *, at: datetime) -> None:
    """Mark each field of each row where a contested value stands; a mark that is there already stays as it is."""
    subject = registry.expand(identity.subject(data_request).identifiers)
    before = _count(data_request)
    for correction in data_request.corrections.all():
        for source in registry.sources():
            places = source.places(subject, concept=correction.concept, value=correction.old_value)
            marks = (
                Restriction(correction=correction, source=source.name, field=place.field, key=place.key, since=at)
                for place in places
            )
            _save(marks)
    if laid := _count(data_request) - before:
        log.record("restriction.laid", about=data_request, by=log.SYSTEM, at=at, facts={"contested": laid})


def lift(*, at: datetime) -> int:
    """Remove the marks whose reader was told what was decided; returns of how many requests."""
    over = Restriction.objects.over().values("correction__data_request")
    return rounds.over(DataRequest.objects.filter(pk__in=over), partial(_lift, at=at))


def page(*, source: str, after: int, size: int) -> list[Restriction]:
    """The live marks of one source, or of all, in the order in which they were laid."""
    marks = Restriction.objects.live().filter(pk__gt=after)
    return list((marks.filter(source=source) if source else marks).order_by("pk")[:size])


@transaction.atomic
def _lift(data_request: DataRequest, *, at: datetime) -> None:
    held = transition.lock(data_request)
    lifted = Restriction.objects.over().filter(correction__data_request=held).delete()[0]
    if lifted:
        log.record("restriction.lifted", about=held, by=log.SYSTEM, at=at, facts={"contested": lifted})


def _count(data_request: DataRequest) -> int:
    return Restriction.objects.filter(correction__in=Correction.objects.filter(data_request=data_request)).count()


def _save(marks: Iterator[Restriction]) -> None:
    some: list[Restriction] = []
    for mark in marks:
        some.append(mark)
        if len(some) == AT_ONCE:
            Restriction.objects.bulk_create(some, ignore_conflicts=True)
            some = []
    Restriction.objects.bulk_create(some, ignore_conflicts=True)
