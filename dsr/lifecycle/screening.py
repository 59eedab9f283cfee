"""What other people may be read of in a copy (GDPR Art. 15(4)): find → keep for an officer → mask at packing.

What is found is compared by place and by a keyed token of what it says, so that a package can be made again after what
was found has been destroyed.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dsr import keys
from dsr.audit import log
from dsr.models import prepared
from dsr.models.passage import Decision, MarkedText, Nature, Passage
from dsr.models.prepared import given
from dsr.models.request import DataRequest
from dsr.models.step import Action, Status
from dsr.packages import contacts
from dsr.packages.inventory import Omission
from dsr.packages.masking import Mask
from dsr.sources import base, registry

PURPOSE = "passages"
AROUND = 90  # signs before and after, enough for the sentence
HEARTBEAT_TEXTS = 500
AT_ONCE = 500  # findings in memory

INSTEAD = {
    Nature.EMAIL: _("[masqué : adresse d’une autre personne]"),
    Nature.PHONE: _("[masqué : numéro d’une autre personne]"),
    Nature.MARKED: _("[masqué : donnée d’une autre personne]"),
}
OTHERS = _(
    "Ces passages sont les données d’autres personnes, dont les droits sont aussi protégés (RGPD, article 15.4)."
)

_ANY = prepared.Exists(lambda: Passage.objects.filter(data_request=given("request")))
_MARKED = prepared.Rows(lambda: Passage.objects.filter(data_request=given("request"), nature=Nature.MARKED))
_TEXTS = prepared.Rows(lambda: MarkedText.objects.filter(data_request=given("request"), sealed__isnull=False))

Place = tuple[str, str, str, int, int, str]
Heartbeat = Callable[[int], None]


class Changed(Exception):  # noqa: N818
    """The texts no longer hold the passages that were decided upon: they are read again before anything is packed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One passage: where it stands, what it is, and as JSON the passage between the words around it; not the text."""

    source: str
    row: str
    field: str
    nature: Nature
    start: int
    value: str
    token: str
    excerpt: str

    @property
    def place(self) -> Place:
        """Where it stands and what it says, as ``place_of`` gives it of a passage that was kept."""
        return self.source, self.row, self.field, self.start, len(self.value), self.token


def _excerpt(text: str, start: int, value: str) -> str:
    end = start + len(value)
    before = _last_words(text[max(start - AROUND - 1, 0) : start])
    return json.dumps([before, value, _first_words(text[end : end + AROUND + 1])], ensure_ascii=False)


def _last_words(text: str) -> str:
    """The end of a text, from a whole word on where there is one."""
    if len(text) <= AROUND:
        return text
    cut = text[-AROUND:]
    return "…" + (cut[cut.find(" ") + 1 :] if " " in cut[:-1] else cut)


def _first_words(text: str) -> str:
    """The beginning of a text, up to a whole word where there is one."""
    if len(text) <= AROUND:
        return text
    cut = text[:AROUND]
    return (cut[: cut.rfind(" ")] if " " in cut[1:] else cut) + "…"


def place_of(passage: Passage) -> Place:
    """Where a passage stands and what it says, to compare."""
    return passage.source, passage.row, passage.field, passage.start, passage.length, passage.token


def token(data_request: DataRequest, value: str) -> str:
    """What tells the same value throughout one request, and nothing without the service's key."""
    return keys.keyed(PURPOSE, f"{data_request.reference}\n{contacts.normal(value)}".encode()).hex()


def tied_to(reference: str, place: Sequence[object]) -> str:
    """The place to which a sealed excerpt is tied."""
    return json.dumps([reference, *place], ensure_ascii=False)


def find(data_request: DataRequest, subject: base.Subject, *, heartbeat: Heartbeat) -> Iterator[Finding]:
    """Every passage of the free text in scope that may be another person's, in the order of sources and rows."""
    search, read = _Search(data_request, subject), 0
    for source, rows in registry.in_scope(data_request.scope):
        for text in source.free_texts(subject, rows=rows):
            read += 1
            if read % HEARTBEAT_TEXTS == 0:
                heartbeat(read)
            yield from search.in_text(source.name, text)


class _Search:
    """What is looked for in the texts of one request."""

    def __init__(self, data_request: DataRequest, subject: base.Subject) -> None:
        self._data_request, self._subject = data_request, subject
        own = [identifier.value for identifier in subject.identifiers]
        self._known = contacts.Known([*contacts.published(), *own, data_request.email])
        self._own: contacts.Known | None = None
        self._texts = [(each.source, each.row, unseal_text(each)) for each in marked_texts(data_request)]
        self._marked: dict[tuple[str, str, str], list[Passage]] = {}
        for passage in _MARKED(request=data_request.pk):
            self._marked.setdefault((passage.source, passage.row, passage.field), []).append(passage)

    def in_text(self, source: str, text: base.FreeText) -> Iterator[Finding]:
        """The contacts of others, then what officers marked and does not stand inside one of them."""
        taken: set[tuple[int, str]] = set()
        for nature, start, value in [*self._contacts(text), *self._by_hand(source, text)]:
            if (start, value) not in taken:
                taken.add((start, value))
                said, around = token(self._data_request, value), _excerpt(text.text, start, value)
                yield Finding(source, text.row, text.field, nature, start, value, said, around)

    def _contacts(self, text: base.FreeText) -> Iterator[tuple[Nature, int, str]]:
        for contact in contacts.find(text.text):
            if contact not in self._known and contact not in self._readers_own():
                yield Nature(contact.kind), contact.start, contact.value

    def _readers_own(self) -> contacts.Known:
        """The values that the reader's own rows hold: asked of the sources once something was found."""
        if self._own is None:
            values = (each.value for source in registry.sources() for each in source.values(self._subject))
            self._own = contacts.Known(list(values))
        return self._own

    def _by_hand(self, source: str, text: base.FreeText) -> Iterator[tuple[Nature, int, str]]:
        for where, row, wanted in self._texts:
            if where == source and row in {"", text.row}:
                yield from ((Nature.MARKED, start, wanted) for start in _all_starts(wanted, text.text))
        for passage in self._marked.get((source, text.row, text.field), ()):
            value = text.text[passage.start : passage.start + passage.length]
            if token(self._data_request, value) == passage.token:
                yield Nature.MARKED, passage.start, value


def _all_starts(wanted: str, text: str) -> Iterator[int]:
    start = text.find(wanted)
    while start >= 0:
        yield start
        start = text.find(wanted, start + len(wanted))


def marked_texts(data_request: DataRequest) -> Iterator[MarkedText]:
    """The texts that officers asked to be masked, as long as they are not destroyed."""
    for marked in _TEXTS(request=data_request.pk):
        marked.data_request = data_request
        yield marked


def seal_text(data_request: DataRequest, text: str, *, source: str) -> bytes:
    """A marked text, sealed."""
    return keys.seal(PURPOSE, text.encode(), tied_to=tied_to(data_request.reference, [source]))


def unseal_text(marked: MarkedText) -> str:
    """A marked text, read."""
    place = tied_to(marked.data_request.reference, [marked.source])
    return keys.unseal(PURPOSE, marked.sealed or b"", tied_to=place).decode()


def excerpt(passage: Passage) -> tuple[str, str, str] | None:
    """The words before, the passage, the words after; None once destroyed."""
    if passage.sealed is None:
        return None
    place = tied_to(passage.data_request.reference, place_of(passage))
    before, value, after = json.loads(keys.unseal(PURPOSE, passage.sealed, tied_to=place))
    return before, value, after


def some(found: Iterator[Finding]) -> list[Finding]:
    """As many of them as are kept at once; fewer are the last."""
    return list(islice(found, AT_ONCE))


def keep(data_request: DataRequest, findings: Sequence[Finding], *, turn: int, at: datetime) -> None:
    """Have some of what was found on the list, with the decisions that still fit; ``turn`` numbers the search."""
    earlier = _listed(data_request, findings)
    met = [earlier[each.place].pk for each in findings if each.place in earlier]
    data_request.passages.filter(pk__in=met).update(turn=turn)
    _seal_again(data_request, earlier, findings)
    decided = {_moved(place): row for place, row in earlier.items() if row.decision}
    marked = {(each.source, each.token): each for each in data_request.marked_texts.all()}
    fresh = [
        _row(data_request, each, decided.get(_moved(each.place)), marked.get((each.source, each.token)), at)
        for each in findings
        if each.place not in earlier
    ]
    for passage in fresh:
        passage.turn = turn
    Passage.objects.bulk_create(fresh)


def _listed(data_request: DataRequest, findings: Sequence[Finding]) -> dict[Place, Passage]:
    """The passages on the list in the rows of those that were found."""
    rows: dict[str, set[str]] = {}
    for finding in findings:
        rows.setdefault(finding.source, set()).add(finding.row)
    there = (data_request.passages.filter(source=source, row__in=each) for source, each in rows.items())
    return {place_of(passage): passage for passages in there for passage in passages}


def close_list(data_request: DataRequest, *, turn: int, at: datetime) -> int:
    """All was searched: what this search did not find goes from the list; returns how many passages wait."""
    if not _ANY(request=data_request.pk):
        return 0
    data_request.passages.exclude(turn=turn).delete()
    found, undecided = data_request.passages.count(), data_request.passages.undecided().count()
    if found:
        facts: dict[str, log.Fact] = {"passages": found, "undecided": undecided}
        log.record("passage.listed", about=data_request, by=log.SYSTEM, at=at, facts=facts)
    return undecided


def _seal_again(data_request: DataRequest, earlier: Mapping[Place, Passage], findings: Sequence[Finding]) -> None:
    """What was destroyed with an earlier package is there to be read again."""
    destroyed = [each for each in findings if each.place in earlier and earlier[each.place].sealed is None]
    for finding in destroyed:
        earlier[finding.place].sealed = _sealed(data_request, finding)
    Passage.objects.bulk_update([earlier[each.place] for each in destroyed], ["sealed"])


def _sealed(data_request: DataRequest, finding: Finding) -> bytes:
    return keys.seal(PURPOSE, finding.excerpt.encode(), tied_to=tied_to(data_request.reference, finding.place))


def _moved(place: Place) -> tuple[str, ...]:
    """The same words in the same field, wherever they stand there."""
    source, row, field, _start, _length, what = place
    return source, row, field, what


def _row(
    data_request: DataRequest, finding: Finding, earlier: Passage | None, marked: MarkedText | None, at: datetime
) -> Passage:
    source, row, field, start, length, what = finding.place
    passage = Passage(
        data_request=data_request, source=source, row=row, field=field, start=start, length=length, token=what
    )
    passage.nature = finding.nature
    passage.sealed = _sealed(data_request, finding)
    if earlier:
        passage.decision, passage.decided_at, passage.decided_by = earlier.decision, at, earlier.decided_by
    elif marked and marked.row in {"", row}:
        passage.decision, passage.decided_at, passage.decided_by = Decision.MASK, at, marked.created_by
    return passage


def masks(data_request: DataRequest, subject: base.Subject, *, heartbeat: Heartbeat) -> dict[str, list[Mask]]:
    """What each source has to mask; raises Changed unless the texts hold exactly the passages that were decided."""
    found, met = find(data_request, subject, heartbeat=heartbeat), 0
    masked: dict[str, list[Mask]] = {}
    while findings := some(found):
        listed = _listed(data_request, findings)
        if not all(each.place in listed and listed[each.place].decision for each in findings):
            raise Changed
        for each in findings:
            if listed[each.place].decision == Decision.MASK:
                masked.setdefault(each.source, []).append(_mask(data_request, each))
        met += len(findings)
    if met != (data_request.passages.count() if met or _ANY(request=data_request.pk) else 0):
        raise Changed
    return masked


def _mask(data_request: DataRequest, finding: Finding) -> Mask:
    with translation.override(data_request.language):
        instead = str(INSTEAD[finding.nature])
    return Mask(finding.row, finding.field, finding.start, finding.value, instead)


def omissions(data_request: DataRequest, masked: dict[str, list[Mask]]) -> list[Omission]:
    """What is masked, field by field of each row, for the manifest; in the language of the package."""
    counts = Counter((name, mask.field, mask.row) for name, passages in masked.items() for mask in passages)
    with translation.override(data_request.language):
        return [
            Omission(name, _masked_in_words(_label(name, field), row, count), str(OTHERS))
            for (name, field, row), count in counts.items()
        ]


def _label(source: str, field: str) -> str:
    return str(registry.source(source).free_text[base.column_of(field)])


def _masked_in_words(field: str, row: str, count: int) -> str:
    words = ngettext("%(field)s, ligne %(row)s : %(n)d passage", "%(field)s, ligne %(row)s : %(n)d passages", count)
    return words % {"field": field, "row": row, "n": count}


def again(data_request: DataRequest) -> None:
    """The texts are read again before anything is packed; whoever reads them now finds the step lost."""
    reset = {
        "attempts": F("attempts") + 1,
        "status": Status.PENDING,
        "lease_until": None,
        "failures": 0,
        "finished_at": None,
        "finished_by": "",
    }
    data_request.steps.filter(action=Action.SCREEN).exclude(status=Status.CANCELLED).update(**reset)


def destroy(data_request: DataRequest) -> None:
    """What was found of other people is no longer needed once the package has left; later steps number anew."""
    data_request.passages.update(sealed=None, turn=0)
    data_request.marked_texts.update(sealed=None)
