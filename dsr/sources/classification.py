"""What a declaration says of one row on one day: which fields a ground holds and until when, which still have to go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, F, ForeignObjectRel, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from dsr.grounds import keeping
from dsr.sources.base import Rows, StoredFile, Subject
from dsr.sources.fields import NO_END_YET, NOW, TODAY, WITH_ROW, Condition, Held
from dsr.sources.selection import Key

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

Until = tuple[str, date | None]  # a ground, and the last day on which it holds (None: case by case)
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Occasion:
    """An erasure: whose, on which day, which rows; ``foreseen`` while the sources before this one have not run yet."""

    subject: Subject
    on: date
    rows: Rows = None
    foreseen: bool = True
    ends: dict[tuple[str, date], date | None] = field(default_factory=dict, compare=False)  # computed so far

    def last_day(self, ground: str, start: date) -> date | None:
        """The last day of a ground that starts on that day."""
        if (ground, start) not in self.ends:
            self.ends[ground, start] = keeping(ground).until(start)
        return self.ends[ground, start]


@dataclass(slots=True)
class Verdict:
    """What becomes of one row: ``bound`` fields are not blanked, those of them that hold something are ``held``."""

    key: Key
    facts: Facts
    bound: dict[str, Until] = field(default_factory=dict)
    held: dict[str, Until] = field(default_factory=dict)
    stays: bool = False
    blank: tuple[str, ...] = ()
    files: tuple[StoredFile, ...] = ()

    @property
    def kept(self) -> list[Until]:
        """The grounds that decide, each once."""
        return sorted(set(self.held.values()), key=lambda each: (each[0], each[1] or date.max))

    @property
    def disposition(self) -> str:
        """What happens, in a word, for the fingerprint."""
        if not self.stays:
            return "erase"
        return "+".join(["rewrite"] * bool(self.blank) + ["keep"] * bool(self.held)) or "done"


class Sheet:
    """The questions that one declaration puts to each row, and how the answers are read."""

    def __init__(self, source: "ModelSource") -> None:
        self.source = source
        by_identity = {id(held): held for each in source.fields.values() for held in each.kept}
        self.holds: dict[int, Held] = dict(enumerate(by_identity.values()))
        numbers = {identity: number for number, identity in enumerate(by_identity)}
        self.held_by = {
            name: [numbers[id(held)] for held in each.kept] for name, each in source.fields.items() if each.kept
        }
        self.blankable = tuple(name for name, each in source.fields.items() if each.can_be_blanked)
        self.relations: tuple[ForeignObjectRel, ...] = tuple(
            each
            for each in source.model._meta.get_fields(include_hidden=True)
            if isinstance(each, ForeignObjectRel) and (each.one_to_many or each.one_to_one)
        )

        self.threads = tuple(each for each in self.relations if each.related_model is source.model)

    @property
    def may_stay(self) -> bool:
        """Whether an erasure may leave rows behind."""
        return bool(self.holds or self.relations)

    def pointed_at(self, rows: Sequence[Verdict], relation: ForeignObjectRel) -> list[Verdict]:
        """Those of the rows that something points at through the relation."""
        number = self.relations.index(relation)
        return [row for row in rows if row.facts[f"dsr_pointed_{number}"] is not None]

    def names(self) -> list[str]:
        """The columns that are read as they stand: keys, what foreign keys point at, names of files."""
        targets = [target_of(relation) for relation in self.relations]
        return list(dict.fromkeys([*self.source.row_key.names, *targets, *self.source.file_fields]))

    def questions(self) -> dict[str, Any]:
        """The columns that are computed."""
        asked: dict[str, Any] = {f"dsr_todo_{name}": _yes_or_no(self._todo(name)) for name in self.blankable}
        for number, held in self.holds.items():
            if held.when is not None:
                asked[f"dsr_when_{number}"] = _yes_or_no(held.when)
            for place, start in enumerate(held.since):
                if start is not TODAY and start is not NO_END_YET:
                    asked[f"dsr_since_{number}_{place}"] = F(start) if isinstance(start, str) else start
        asked |= {f"dsr_filled_{name}": _yes_or_no(self._filled(name)) for name in self.held_by}
        asked |= {f"dsr_pointed_{number}": self._pointing(each) for number, each in enumerate(self.relations)}
        if self.holds:
            for number, link in enumerate(self.source.identified_by):
                asked[f"dsr_tie_{number}"] = _yes_or_no(~self.source.empty(link.path))
        return asked

    def _pointing(self, relation: ForeignObjectRel) -> Subquery:
        """One row that points here; not EXISTS, for which PostgreSQL may read the whole other table at each page."""
        column = column_of(relation)
        pointing: QuerySet[Any] = QuerySet(relation.related_model, using=self.source.alias)
        return Subquery(pointing.filter(Q((column, OuterRef(target_of(relation))))).values(column)[:1])

    def _todo(self, name: str) -> Q:
        """Where the value that an erasure writes does not stand yet; null has nothing to erase."""
        value = self.source.erased_value(name)
        if value is NOW:
            return Q((f"{name}__isnull", True))
        filled = Q((f"{name}__isnull", False))
        return filled if value is None else filled & ~Q((name, value))

    def _filled(self, name: str) -> Q:
        """Where there is something to keep."""
        blanked = self.source.fields[name].erased_to
        return ~self.source.empty(name) if blanked is WITH_ROW or blanked is NOW else self._todo(name)

    def in_force(self, facts: Facts, occasion: Occasion) -> dict[int, Until]:
        """The holds that bind the row, by their number; those that hang on a reference are yet to be confirmed."""
        found = {number: self._until(number, held, facts, occasion) for number, held in self.holds.items()}
        return {number: until for number, until in found.items() if until is not None}

    def _until(self, number: int, held: Held, facts: Facts, occasion: Occasion) -> Until | None:
        if held.when is not None and not facts[f"dsr_when_{number}"]:
            return None
        for place, start in enumerate(held.since):
            if start is NO_END_YET:
                return held.ground, None
            value = occasion.on if start is TODAY else _day(facts[f"dsr_since_{number}_{place}"])
            if value is not None:
                until = occasion.last_day(held.ground, value)
                return (held.ground, until) if until is None or until >= occasion.on else None
        return None

    def bound(self, in_force: Mapping[int, Until]) -> dict[str, Until]:
        """The fields that a ground binds, each by the one that lasts longest."""
        bound = {}
        for name, numbers in self.held_by.items():
            binding = [in_force[number] for number in numbers if number in in_force]
            if binding:
                bound[name] = max(binding, key=lambda each: each[1] or date.max)
        return bound

    def to_blank(self, row: Verdict) -> tuple[str, ...]:
        """The fields that have to go from a row that stays; what ties a kept row to its reader is kept with it."""
        spared = {*row.bound, self._tie(row.facts) if row.held else ""}
        return tuple(name for name in self.blankable if row.facts[f"dsr_todo_{name}"] and name not in spared)

    def _tie(self, facts: Facts) -> str:
        for number, link in enumerate(self.source.identified_by):
            if facts[f"dsr_tie_{number}"]:
                return link.path.partition("__")[0]
        return ""

    def files(self, facts: Facts, names: tuple[str, ...]) -> Iterator[StoredFile]:
        """The files that go with those fields."""
        for name in names:
            if name in self.source.file_fields and facts[name]:
                yield StoredFile(str(facts[name]), self.source.storage_alias(name))


def target_of(relation: ForeignObjectRel) -> str:
    """The column here that rows of another table point at."""
    field: Any = relation.field
    return str(field.target_field.attname)


def column_of(relation: ForeignObjectRel) -> str:
    """The column there in which they do."""
    field: Any = relation.field
    return str(field.attname)


def _yes_or_no(condition: Condition) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None
