"""What a reader already asked of this service and what was decided: their data, too, kept on the ground DSR."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from dsr import grounds
from dsr.models.identity import Identifier as Proof
from dsr.models.request import DataRequest
from dsr.sources import past_columns, past_reading, snapshot
from dsr.sources import past_words as words
from dsr.sources.activities import Activity, Recipient, Text
from dsr.sources.base import (
    Chunk,
    Column,
    Cursor,
    Found,
    FreeText,
    Identifier,
    KeptRows,
    Preview,
    Rows,
    Source,
    Subject,
)

GROUND: Final = "DSR"
OURSELVES: Final = gettext_lazy("Ils ont les données sous les yeux, telles qu’elles sont devenues.")

ACTIVITY: Final = Activity(
    code="droits",
    name=gettext_lazy("Demandes sur les données personnelles"),
    purpose=gettext_lazy("Recevoir vos demandes, y répondre dans les délais et pouvoir le montrer."),
    legal_basis=gettext_lazy("Une obligation légale : RGPD, article 6.1.c, combiné aux articles 5.2, 12 et 15 à 22."),
    categories=gettext_lazy("Adresses, demandes, corrections souhaitées, questions et réponses, décisions, courriers."),
    recipients=(
        Recipient("agents-demandes", gettext_lazy("les agents du journal chargés de ces demandes"), not_told=OURSELVES),
        Recipient("dpo", gettext_lazy("le délégué à la protection des données du journal"), not_told=OURSELVES),
    ),
    retention=gettext_lazy(
        "Plusieurs années après la clôture de la demande, le temps où notre réponse peut être contestée ; la date est "
        "dite pour chacune."
    ),
    origin=gettext_lazy("Vous-même, en faisant une demande ; nos agents, en y répondant."),
)


class PastRequests(Source):
    """The requests proven to be the reader's, the running one among them; ``forget`` alone destroys them.

    A request is theirs by an identifier that was verified for it. An address that somebody typed proves nothing, nor
    does it when staff typed it. Volatile: each step of the running request changes what there is to tell.
    """

    name = "past_requests"
    label = gettext_lazy("Demandes sur vos données")
    description = gettext_lazy("Ce que vous nous avez demandé sur vos données, nos décisions et nos courriers.")
    activity = ACTIVITY
    volatile = True
    about_requests = True
    databases = (DEFAULT_DB_ALIAS,)

    def find(self, subject: Subject, *, rows: Rows = None) -> Found:
        """Count them."""
        return Found(theirs(subject, rows).count())

    def revealed(self, subject: Subject) -> frozenset[Identifier]:  # noqa: ARG002
        """None: one request could else lead to the data of another person."""
        return frozenset()

    def plan(self, subject: Subject, *, on: date, rows: Rows = None) -> Preview:
        """All are kept, each until its own retention ends; that of an open one is counted as if it closed now."""
        until: dict[date, int] = {}
        for closed_at in theirs(subject, rows).order_by().values_list("closed_at", flat=True):
            end = grounds.keeping(GROUND).last_day(timezone.localdate(closed_at) if closed_at else on)
            until[end] = until.get(end, 0) + 1
        kept = tuple(sorted(KeptRows(GROUND, end, count) for end, count in until.items()))
        return Preview(erased=0, rewritten=0, kept=kept)

    def erase(self, subject: Subject, *, on: date, limit: int, cursor: Cursor, rows: Rows = None) -> Chunk:  # noqa: ARG002
        """Nothing: they are the proof that the erasure was asked and done."""
        return Chunk(cursor=None)

    def columns(self) -> tuple[Column, ...]:
        """A request, and under it what belongs to it."""
        return past_columns.COLUMNS

    def withheld(self) -> tuple[tuple[Text, Text], ...]:
        """Who handled the requests, and what opens them."""
        return past_columns.WITHHELD

    @property
    def free_text(self) -> dict[str, Text]:
        """All that people wrote in them."""
        return past_columns.written()

    def free_texts(self, subject: Subject, *, rows: Rows = None) -> Iterator[FreeText]:
        """Of each request its own texts, then those of what belongs to it."""
        for data_request, beside in past_reading.each(_keys(subject, rows), beside=past_reading.WORDS):
            for path, text in words.written(data_request, beside):
                if text:
                    yield FreeText(data_request.reference, path, text)

    def collect(self, subject: Subject, *, rows: Rows = None) -> Iterator[str]:
        """Each request with its questions, corrections, copies, letters and what it left standing."""
        for data_request, beside in past_reading.each(_keys(subject, rows)):
            yield json.dumps(words.record(data_request, beside), ensure_ascii=False, separators=(",", ":"))


def theirs(subject: Subject, rows: Rows = None) -> QuerySet[DataRequest]:
    """Those that an identifier of the reader was verified for, and those that joined one of them once proven."""
    theirs = Q(pk__in=[])
    for kind in {identifier.kind for identifier in subject.identifiers}:
        theirs |= Q(kind=kind, value__in=subject.values(kind))
    alias = snapshot.reading_alias(DEFAULT_DB_ALIAS)
    keys = list(Proof.objects.using(alias).verified().filter(theirs).values_list("data_request", flat=True).distinct())
    found = DataRequest.objects.using(alias).filter(Q(pk__in=keys) | Q(joined_to__in=keys, confirmed_at__isnull=False))
    if rows is not None:
        found = found.filter(reference__in=rows)
    if subject.before:
        found = found.filter(entered_at__lt=subject.before)
    return found.order_by("pk")


def _keys(subject: Subject, rows: Rows) -> list[int]:
    return list(theirs(subject, rows).values_list("pk", flat=True))
