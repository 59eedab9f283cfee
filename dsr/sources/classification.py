"""What a declaration says of one row on one day: which fields a ground holds and until when, which still have to go."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, DateTimeField, F, ForeignObjectRel, Func
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from dsr.grounds import keeping
from dsr.sources.base import Rows, StoredFile, Subject
from dsr.sources.fields import NO_END_YET, TODAY, Held, Shared
from dsr.sources.selection import Key
from dsr.sources.signs import Marks, Sign, target_of

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

TWO_CENTURIES = 73_050  # days: no ground lasts longer
SHARED_GROUND = "PARTAGE"

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

    def first_day(self, ground: str) -> date:
        """The earliest start from which the ground still holds; a later start never ends sooner."""
        today = self.on.toordinal()
        days = range(max(today - TWO_CENTURIES, 1), today + 2)
        place = bisect_left(days, True, key=lambda day: self._holds(ground, date.fromordinal(day)))
        return date.fromordinal(days[place] if place < len(days) else days[-1] + 1)

    def _holds(self, ground: str, start: date) -> bool:
        until = self.last_day(ground, start)
        return until is None or until >= self.on


class Day(Func):
    """The local day of an instant; SQLite, which keeps texts and knows no time zones, gives its minute instead."""

    arity = 1
    output_field = CharField()  # no converter on the way

    def as_sql(self, compiler: SQLCompiler, connection: Any, *_template: Any, **_context: Any) -> tuple[str, Any]:
        """Have the database know the zone."""
        sql, parameters = compiler.compile(self.source_expressions[0])
        zone = timezone.get_current_timezone_name()
        day: tuple[str, Any] = connection.ops.datetime_cast_date_sql(sql, tuple(parameters), zone)
        return day

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **_context: Any) -> tuple[str, Any]:  # noqa: ARG002
        """Leave the zone to whoever reads it."""
        sql, parameters = compiler.compile(self.source_expressions[0])
        return f"substr({sql}, 1, 16)", parameters


@dataclass(slots=True)
class Verdict:
    """What becomes of one row: ``bound`` fields are not blanked, those of them that hold something are ``held``.

    ``sign`` is what the row says by itself; ``undecided`` rows are another reader's, too, and no declaration says what
    then happens.
    """

    key: Key
    facts: Facts
    sign: Sign
    bound: dict[str, Until] = field(default_factory=dict)
    held: dict[str, Until] = field(default_factory=dict)
    stays: bool = False
    blank: tuple[str, ...] = ()
    files: tuple[StoredFile, ...] = ()
    undecided: bool = False

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

    @cached_property
    def marks(self) -> Marks:
        """What the database is asked of each row."""
        return Marks(self)

    @property
    def may_stay(self) -> bool:
        """Whether an erasure may leave rows behind."""
        return bool(self.holds or self.relations or self.marks.may_share)

    def pointed_at(self, rows: Sequence[Verdict], relation: ForeignObjectRel) -> list[Verdict]:
        """Those of the rows that something points at through the relation."""
        number = self.relations.index(relation)
        return [row for row in rows if number in row.sign.pointed]

    def names(self) -> list[str]:
        """The columns that are read as they stand: keys, what foreign keys point at, names of files."""
        targets = [target_of(relation) for relation in self.relations]
        return list(dict.fromkeys([*self.source.row_key.names, *targets, *self.source.file_fields]))

    def starts(self) -> dict[str, Any]:
        """The columns from which grounds count, for a plan, which says until when."""
        return {
            f"dsr_since_{number}_{place}": F(start) if isinstance(start, str) else start
            for number, held in self.holds.items()
            for place, start in enumerate(held.since)
            if start is not TODAY and start is not NO_END_YET
        }

    def days(self) -> dict[str, Any]:
        """The days of those columns, as either engine has them at hand."""
        return {
            name: Day(start) if isinstance(self.typed(start), DateTimeField) else start
            for name, start in self.starts().items()
        }

    def typed(self, start: Any) -> Any:
        """The field whose values a start has."""
        return self.source.field(start.name) if hasattr(start, "name") else start.output_field

    def facts(self, days: Sequence[Any]) -> Facts:
        """What was read in those columns."""
        zone = self.source.connection.timezone
        return {name: _read(day, zone) for name, day in zip(self.starts(), days, strict=True)}

    def in_force(self, row: Verdict, occasion: Occasion) -> dict[int, Until]:
        """The holds that bind the row, by number; those that hang on a reference are yet to be confirmed.

        Until when is known where the starts were read.
        """
        return {number: self._until(number, self.holds[number], row.facts, occasion) for number in row.sign.in_force}

    def _until(self, number: int, held: Held, facts: Facts, occasion: Occasion) -> Until:
        for place, start in enumerate(held.since):
            if start is NO_END_YET:
                break
            value = occasion.on if start is TODAY else _day(facts.get(f"dsr_since_{number}_{place}"))
            if value is not None:
                return held.ground, occasion.last_day(held.ground, value)
        return held.ground, None

    def bound(self, in_force: Mapping[int, Until]) -> dict[str, Until]:
        """The fields that a ground binds, each by the one that lasts longest."""
        bound = {}
        for name, numbers in self.held_by.items():
            binding = [in_force[number] for number in numbers if number in in_force]
            if binding:
                bound[name] = max(binding, key=lambda each: each[1] or date.max)
        return bound

    def judge(self, row: Verdict, in_force: Mapping[int, Until]) -> None:
        """Settle what the row and its grounds say, before anything that points at it is looked at."""
        row.bound = self.bound(in_force)
        row.held = {name: until for name, until in row.bound.items() if name in row.sign.filled}
        if row.sign.shared and self.source.shared is Shared.BLANK_OWN_FIELDS:
            row.held = {name: until for name, until in row.held.items() if name in row.sign.own}
        elif row.sign.shared:
            row.held = {**row.held, "": (SHARED_GROUND, None)}
            row.undecided = self.source.shared is None
        row.stays = bool(row.held) or row.sign.shared

    def to_blank(self, row: Verdict) -> tuple[str, ...]:
        """The fields that have to go from a row that stays; what ties a kept row to its reader is kept with it."""
        spared = self.spared(row)
        return tuple(name for name in row.sign.todo if name not in spared)

    def spared(self, row: Verdict) -> set[str]:
        """The fields that stay in the row: kept on a ground, what ties it then to its reader, another reader's."""
        others = {name for name in self.source.fields if name not in row.sign.own} if row.sign.shared else set()
        return {*others, *row.bound, row.sign.tie if row.held else ""} - {""}

    def files(self, facts: Facts, names: tuple[str, ...]) -> Iterator[StoredFile]:
        """The files that go with those fields."""
        for name in names:
            if name in self.source.file_fields and facts[name]:
                yield StoredFile(str(facts[name]), self.source.storage_alias(name))


def _read(day: Any, zone: tzinfo | None) -> Any:
    """A day or an instant that SQLite keeps as a text."""
    if not isinstance(day, str):
        return day
    instant = datetime.fromisoformat(day)
    if len(day) == len("2026-01-31"):
        return instant.date()
    return timezone.make_aware(instant, zone) if zone and timezone.is_naive(instant) else instant


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None
