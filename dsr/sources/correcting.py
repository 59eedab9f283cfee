"""Corrections over one model: what stands, what a field can hold, the change made wherever the old value stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, EmailField, F, Q, QuerySet, UniqueConstraint
from django.db.models.functions import Lower
from django.db.models.lookups import In
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsr.sources.base import Change, Chunk, Cursor, Subject, UnacceptableValue, Value
from dsr.sources.fields import NOW
from dsr.sources.selection import AnyField, Key, lowered
from dsr.sources.walking import walk

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of one field, and the fields that change with it."""

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


def validate(source: "ModelSource", concept: str, value: str) -> None:
    """Raise UnacceptableValue when a field that holds the concept cannot hold the value."""
    for name, each in source.concepts.items():
        if each == concept:
            _validate_field(source, name, value)


def _validate_field(source: "ModelSource", name: str, text: str) -> None:
    field = source.field(name)
    if "\x00" in text:
        raise UnacceptableValue(_("Un caractère de cette valeur ne peut pas être enregistré."))
    if not text.strip() and any(link.path == name for link in source.identified_by):
        raise UnacceptableValue(_("Cette donnée nous sert à vous retrouver : elle se corrige, mais ne se vide pas."))
    try:
        value = field.clean(_parsed(field, text), None)
    except ValidationError as error:
        raise UnacceptableValue(" ".join(error.messages)) from error
    if value not in (None, "") and _is_taken(source, field, value):
        raise UnacceptableValue(_("Cette valeur ne peut pas être enregistrée : elle est déjà utilisée."))


def _parsed(field: AnyField, text: str) -> Any:
    """The text as a value of the field, nothing being null where nothing else may say so."""
    return None if text == "" and field.null else field.to_python(text)


def _is_taken(source: "ModelSource", field: AnyField, value: Any) -> bool:
    if field.unique and source.rows().filter(Q((field.name, value))).exists():
        return True
    row = source.model(**{field.name: value})
    for constraint in source.model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and _fields_of(constraint) == {field.name}:
            try:
                constraint.validate(source.model, row, using=source.alias)
            except ValidationError:
                return True
    return False


def _fields_of(constraint: UniqueConstraint) -> set[str]:
    expressions: Any = constraint.expressions
    parts = (part for each in expressions for part in ((each,) if isinstance(each, F) else each.flatten()))
    leaves: Any = [part for part in parts if isinstance(part, F)]
    return {*constraint.fields, *(leaf.name for leaf in leaves)}


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
    return Chunk(cursor=reached, changed=work.changed, messages=work.messages())


def _amendments(source: "ModelSource", changes: Sequence[Change]) -> Iterator[Amendment]:
    for change in changes:
        for name, concept in source.concepts.items():
            if concept == change.concept and (change.old or source.completable):
                field = source.field(name)
                new = _parsed(field, change.new)
                written = {name: new, **source.fields[name].when_corrected}
                yield Amendment(name, _still(source, field, change.old) & ~_equal(field, new), written)


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
    """One chunk: how many rows it changed, and how many could not hold the new value beside another of theirs."""

    def __init__(self, source: "ModelSource", tasks: Sequence[tuple[Amendment, Q]]) -> None:
        self.source = source
        self.tasks = tasks
        self.changed = self.clashes = 0

    def still(self, number: int) -> QuerySet[Any]:
        """The rows of one task where the old value still stands."""
        amendment, way = self.tasks[number]
        return self.source.rows().filter(way, amendment.still)

    def act(self, number: int, keys: Sequence[Key]) -> None:
        """Change those rows together, or one by one when a unique constraint refuses some."""
        if not all(self._write(number, some) for some in self.source.row_key.within(keys)):
            alone = [condition for key in keys for condition in self.source.row_key.within([key])]
            self.clashes += sum(not self._write(number, condition) for condition in alone)

    def _write(self, number: int, condition: Q) -> bool:
        try:
            with transaction.atomic(using=self.source.alias):
                self.changed += self.still(number).filter(condition).update(**self.tasks[number][0].written)
        except IntegrityError:
            return False
        return True

    def messages(self) -> tuple[str, ...]:
        """What staff should know of the rows left as they were."""
        if not self.clashes:
            return ()
        sentence = ngettext(
            "%(source)s : %(count)s ligne n’a pas été corrigée, la nouvelle valeur y figure déjà.",
            "%(source)s : %(count)s lignes n’ont pas été corrigées, la nouvelle valeur y figure déjà.",
            self.clashes,
        )
        return (sentence % {"source": self.source.label, "count": self.clashes},)


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
