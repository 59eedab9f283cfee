"""Corrections over one model: what stands and where, and the change made wherever the old value still stands."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import DataError, IntegrityError, transaction
from django.db.models import DateTimeField, EmailField, Q, QuerySet
from django.db.models.functions import Lower
from django.db.models.lookups import In
from django.utils import timezone

from dsr.sources.acceptable import parsed
from dsr.sources.base import Change, Chunk, Cursor, Place, Subject, Value
from dsr.sources.fields import NOW
from dsr.sources.selection import AnyField, Key, in_rows, lowered, pages
from dsr.sources.walking import walk

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of one field, by its place in the call, and the fields that change with it."""

    place: int
    name: str
    still: Q
    written: dict[str, Any]


def values(source: "ModelSource", subject: Subject) -> list[Value]:
    """What stands in the rectifiable fields of the reader's own rows, each value once, an address without case."""
    found: dict[tuple[str, str], Value] = {}
    for name, concept in source.concepts.items():
        for text in _standing(source, name, subject):
            value = Value(concept, text, source.fields[name].label)
            found.setdefault((concept, text.lower() if _caseless(source.field(name)) else text), value)
    return sorted(found.values())


def _standing(source: "ModelSource", name: str, subject: Subject) -> Iterator[str]:
    own = source.own(subject)
    if own is None:
        return
    found = source.rows().filter(own).order_by(name).values_list(name, flat=True).distinct()
    if not source.completable:
        found = found.exclude(source.empty(name))
    for value in found:
        yield value.isoformat() if isinstance(value, date) else str("" if value is None else value)


def places(source: "ModelSource", subject: Subject, concept: str, value: str) -> Iterator[Place]:
    """The fields of the reader's own rows where the value stands, in keyset order."""
    key, own = source.row_key, source.own(subject)
    for name, each in source.concepts.items():
        if own is None or each != concept or not (value or source.completable):
            continue
        standing = source.rows().filter(own, _still(source, source.field(name), value))
        for page in pages(standing.values(*key.names), key):
            yield from (Place(name, key.text(tuple(row[part] for part in key.names))) for row in page)


def rectify(source: "ModelSource", subject: Subject, changes: Sequence[Change], cursor: Cursor, limit: int) -> Chunk:
    """Make the changes wherever the old value still stands, kept rows included.

    What identifies rows changes last: once an address is corrected, it leads to the rows no more.
    """
    amendments = sorted(_amendments(source, changes), key=lambda each: _identifies(source, each.name))
    work = _Rectification(source, [(each, way) for each in amendments for way in source.branches(subject)])
    with transaction.atomic(using=source.alias):
        reached = walk(
            source.row_key, [work.still(number) for number in range(len(work.tasks))], cursor, limit, work.act
        )
    return Chunk(cursor=reached, changed=sum(work.made.values()), refused=work.refused, made=work.made)


def _amendments(source: "ModelSource", changes: Sequence[Change]) -> Iterator[Amendment]:
    for place, change in enumerate(changes):
        for name, concept in source.concepts.items():
            if concept == change.concept and (change.old or source.completable):
                field = source.field(name)
                new = parsed(field, change.new)
                written = {name: new, **source.fields[name].when_corrected}
                still = _still(source, field, change.old) & ~_equal(field, new)
                yield Amendment(place, name, still & _there(source, name, change), written)


def _there(source: "ModelSource", name: str, change: Change) -> Q:
    """The rows where the change is to happen, when it names its places."""
    if change.places is None:
        return Q()
    return in_rows(source.row_key, [place.key for place in change.places if place.field == name])


def _still(source: "ModelSource", field: AnyField, old: str) -> Q:
    if not old:
        return source.empty(field.name)
    if _caseless(field):
        return Q(In(Lower(field.name), sorted(set(lowered(old)))))
    return Q((field.name, field.to_python(old)))


def _equal(field: AnyField, value: Any) -> Q:
    return Q((f"{field.name}__isnull", True)) if value is None else Q((field.name, value))


def _identifies(source: "ModelSource", name: str) -> bool:
    return any(link.path == name for link in source.identified_by)


def _caseless(field: AnyField) -> bool:
    return isinstance(field, EmailField)


class _Rectification:
    """One chunk: how many rows each change changed, and in how many the database would not write the new value."""

    def __init__(self, source: "ModelSource", tasks: Sequence[tuple[Amendment, Q]]) -> None:
        self.source = source
        self.tasks = tasks
        self.made: Counter[int] = Counter()
        self.refused: dict[str, int] = {}

    def still(self, number: int) -> QuerySet[Any]:
        """The rows of one task where the old value still stands."""
        amendment, way = self.tasks[number]
        return self.source.rows().filter(way, amendment.still)

    def act(self, number: int, keys: Sequence[Key]) -> None:
        """Change those rows together, or one by one when the database refuses some."""
        if all(self._write(number, some) for some in self.source.row_key.within(keys)):
            return
        alone = [condition for key in keys for condition in self.source.row_key.within([key])]
        if refused := sum(not self._write(number, condition) for condition in alone):
            label = str(self.source.fields[self.tasks[number][0].name].label)
            self.refused[label] = self.refused.get(label, 0) + refused

    def _write(self, number: int, condition: Q) -> bool:
        """Whether the database took it: the value may stand in another row, or be too long for a column of its own."""
        amendment, _way = self.tasks[number]
        try:
            with transaction.atomic(using=self.source.alias):
                changed = self.still(number).filter(condition).update(**amendment.written)
        except (IntegrityError, DataError):
            return False
        if changed:
            self.made[amendment.place] += changed
        return True


def stop_messages(source: "ModelSource", subject: Subject, at: datetime, cursor: Cursor, limit: int) -> Chunk:
    """Write what stops the messages in the rows where it does not stand yet."""
    changed = 0
    still = _not_stopped(source)
    if still is None:
        return Chunk(cursor=None)
    tasks = [source.rows().filter(way, still) for way in source.branches(subject)]
    written = {name: _moment(source, name, value, at) for name, value in source.on_objection.items()}

    def act(number: int, keys: Sequence[Key]) -> None:
        nonlocal changed
        changed += sum(tasks[number].filter(some).update(**written) for some in source.row_key.within(keys))

    with transaction.atomic(using=source.alias):
        reached = walk(source.row_key, tasks, cursor, limit, act)
    return Chunk(cursor=reached, changed=changed)


def _not_stopped(source: "ModelSource") -> Q | None:
    """Where one of the fields says otherwise; an instant is only what tells when, unless nothing else tells."""
    told = {name: value for name, value in source.on_objection.items() if value is not NOW}
    if told:
        return ~Q(*(_equal(source.field(name), value) for name, value in told.items()))
    unset = [Q((f"{name}__isnull", True)) for name in source.on_objection]
    return Q(*unset) if unset else None


def _moment(source: "ModelSource", name: str, value: Any, at: datetime) -> Any:
    if value is not NOW:
        return value
    return at if isinstance(source.field(name), DateTimeField) else timezone.localdate(at)
