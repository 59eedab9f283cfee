"""What a row says of its own erasure, as numbers that the database computes: most rows need no further look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from functools import reduce
from itertools import combinations
from operator import add
from typing import TYPE_CHECKING, Any, cast

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    ForeignObjectRel,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    When,
)
from django.db.models import Value as Literal
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThanOrEqual, IsNull
from django.utils import timezone

from dsr.sources import selection
from dsr.sources.fields import NO_END_YET, NOW, TODAY, WITH_ROW, Condition, Held, Link, Shared, Start

if TYPE_CHECKING:
    from dsr.sources.classification import Occasion, Sheet

BITS = 60  # in one number, which both engines hold as a signed one of 64


@dataclass(frozen=True, slots=True)
class Sign:
    """What the numbers of a row say; rows of the same numbers share it.

    ``todo`` fields do not hold yet what an erasure writes, ``filled`` ones have something to keep. ``in_force`` are the
    holds that bind on the day, ``pointed`` the relations through which something points here, both by number. ``tie``
    is the field that leads to this reader. A ``shared`` row leads to another reader too, and ``own`` are its fields
    that are this one's. ``files`` are the fields that name a file.
    """

    todo: tuple[str, ...]
    filled: frozenset[str]
    in_force: tuple[int, ...]
    pointed: frozenset[int]
    tie: str
    shared: bool
    own: tuple[str, ...]
    files: tuple[str, ...]


class Marks:
    """The questions of one declaration, each a bit, and how the answers are read."""

    def __init__(self, sheet: "Sheet") -> None:
        self.sheet = sheet
        self.source = source = sheet.source
        asked: list[tuple[str, Any]] = [("todo", name) for name in sheet.blankable]
        asked += [("filled", name) for name in sheet.held_by if self._apart(name)]
        asked += [("in_force", number) for number in sheet.holds]
        asked += [("pointed", number) for number in range(len(sheet.relations))]
        asked += [("tie", number) for number in range(len(source.identified_by))] if sheet.holds else []
        asked += [("shared", 0)] if self.may_share and source.shared is not Shared.ERASE else []
        if source.shared is Shared.BLANK_OWN_FIELDS:
            asked += [("own", number) for number in range(len(source.identified_by))]
        asked += [("file", name) for name in source.file_fields]
        self.asked = tuple(asked)
        self.names = tuple(f"dsr_marks_{number}" for number in range(-(-len(asked) // BITS) or 1))
        self._signs: dict[tuple[int, ...], Sign] = {}

    @property
    def may_share(self) -> bool:
        """Whether two links can lead from one row to two readers: neither waits for the other to be empty."""
        pairs = combinations(self.source.identified_by, 2)
        return any(one.path not in other.unless and other.path not in one.unless for one, other in pairs)

    def columns(self, occasion: "Occasion") -> dict[str, Combinable]:
        """The numbers, as annotations."""
        bits = [
            getattr(self, f"_{question}")(about, occasion, 1 << place % BITS)
            for place, (question, about) in enumerate(self.asked)
        ]
        numbers = (bits[start : start + BITS] or [_number(0)] for start in range(0, BITS * len(self.names), BITS))
        return {name: reduce(add, some) for name, some in zip(self.names, numbers, strict=True)}

    def sign(self, numbers: tuple[int, ...]) -> Sign:
        """What the numbers of a row say."""
        if numbers not in self._signs:
            self._signs[numbers] = self._read(numbers)
        return self._signs[numbers]

    def _read(self, numbers: tuple[int, ...]) -> Sign:
        said: dict[str, list[Any]] = {}
        for place, (question, about) in enumerate(self.asked):
            if numbers[place // BITS] >> place % BITS & 1:
                said.setdefault(question, []).append(about)
        todo = tuple(said.get("todo", ()))
        ties = [_field_of(self.source.identified_by[number]) for number in said.get("tie", ())]
        return Sign(
            todo=todo,
            filled=frozenset(self._something(said.get("filled", []), todo)),
            in_force=tuple(said.get("in_force", ())),
            pointed=frozenset(said.get("pointed", ())),
            tie=ties[0] if ties else "",
            shared="shared" in said,
            own=tuple(self._owned(said.get("own", []))),
            files=tuple(said.get("file", ())),
        )

    def _something(self, filled: list[str], todo: tuple[str, ...]) -> Iterator[str]:
        """The fields that hold something to keep: what is blank already, or an empty text, is nothing."""
        yield from (name for name in filled if name in todo or not self._may_be_empty(name))
        yield from (name for name in todo if not self._apart(name))

    def _owned(self, numbers: list[int]) -> Iterator[str]:
        for number in numbers:
            link = self.source.identified_by[number]
            yield from (_field_of(link), *link.owns)

    def _apart(self, name: str) -> bool:
        """Whether having something to keep is another question than having something to blank."""
        blanked = self.source.fields[name].erased_to
        return blanked is WITH_ROW or blanked is NOW or self._may_be_empty(name)

    def _may_be_empty(self, name: str) -> bool:
        """Whether an empty text may stand where an erasure writes a sentence, or null."""
        blanked, field = self.source.fields[name].erased_to, self.source.field(name)
        return isinstance(field, CharField | TextField) and blanked not in (WITH_ROW, NOW, "")

    def _todo(self, name: str, _occasion: "Occasion", bit: int) -> Combinable:
        """Where the value that an erasure writes does not stand yet; null has nothing to erase."""
        value = self.source.erased_value(name)
        if value is NOW:
            return _bit(Q((f"{name}__isnull", True)), bit)
        filled, otherwise = Q((f"{name}__isnull", False)), ~Q((name, value))
        if value is None:
            return _bit(filled, bit)
        return _bit(filled & otherwise if self.source.field(name).null else otherwise, bit)

    def _filled(self, name: str, _occasion: "Occasion", bit: int) -> Combinable:
        return _bit(~self.source.empty(name), bit)

    def _file(self, name: str, _occasion: "Occasion", bit: int) -> Combinable:
        return _bit(~self.source.empty(name), bit)

    def _in_force(self, number: int, occasion: "Occasion", bit: int) -> Combinable:
        """The first start that is filled decides, and the ground holds from any start that is late enough."""
        held: Held = self.sheet.holds[number]
        holds: Combinable = _number(0)
        for start in reversed(held.since):
            holds = self._since(start, held.ground, occasion, bit, holds)
        return holds if held.when is None else _case(When(held.when, then=holds))

    def _since(self, start: Start, ground: str, occasion: "Occasion", bit: int, otherwise: Any) -> Combinable:
        if start is NO_END_YET:
            return _number(bit)
        first = occasion.first_day(ground)
        if start is TODAY:
            return _number(bit if first <= occasion.on else 0)
        column: Any = self.source.field(start) if isinstance(start, str) else cast("Any", start).output_field
        late_enough = timezone.make_aware(datetime.combine(first, time.min)) if _is_instant(column) else first
        if isinstance(start, str):
            filled: Any = Q((f"{start}__gte", late_enough))
            missing: Any = Q((f"{start}__isnull", True))
        else:
            filled, missing = GreaterThanOrEqual(start, late_enough), IsNull(start, True)
        return _case(When(filled, then=_number(bit)), When(missing, then=otherwise))

    def _pointed(self, number: int, _occasion: "Occasion", bit: int) -> Combinable:
        """Where a row points here; not EXISTS, for which PostgreSQL may read the whole other table at each page.

        SQLite looks a value of IN up in the index itself, as long as nothing else is asked of those rows.
        """
        relation = self.sheet.relations[number]
        column = column_of(relation)
        pointing: QuerySet[Any] = QuerySet(relation.related_model, using=self.source.alias)
        if self.source.connection.vendor == "sqlite":
            return _bit(Q((f"{target_of(relation)}__in", pointing.order_by().values(column))), bit)
        found = pointing.filter(Q((column, OuterRef(target_of(relation))))).values(column)[:1]
        return _bit(IsNull(Subquery(found), False), bit)

    def _shared(self, _number: int, occasion: "Occasion", bit: int) -> Combinable:
        """Where a link leads to somebody who is not this reader."""
        return _bit(reduce(Q.__or__, (self._elsewhere(link, occasion) for link in self.source.identified_by)), bit)

    def _elsewhere(self, link: Link, occasion: "Occasion") -> Q:
        leads = ~self.source.empty(link.path)
        for path in link.unless:
            leads &= self.source.empty(path)
        alone = Link(link.kind, link.path, caseless=link.caseless)
        mine = selection.link_condition(self.source.model, alone, occasion.subject.values(link.kind))
        return leads if mine is None else leads & ~mine

    def _tie(self, number: int, occasion: "Occasion", bit: int) -> Combinable:
        """Where the link leads to this very reader."""
        link = self.source.identified_by[number]
        mine = selection.link_condition(self.source.model, link, occasion.subject.values(link.kind))
        return _number(0) if mine is None else _bit(mine, bit)

    def _own(self, number: int, occasion: "Occasion", bit: int) -> Combinable:
        return self._tie(number, occasion, bit)


def target_of(relation: ForeignObjectRel) -> str:
    """The column here that rows of another table point at."""
    field: Any = relation.field
    return str(field.target_field.attname)


def column_of(relation: ForeignObjectRel) -> str:
    """The column there in which they do."""
    field: Any = relation.field
    return str(field.attname)


def _field_of(link: Link) -> str:
    """The field of the row itself by which a link leads away from it."""
    return link.path.partition("__")[0]


def _number(value: int) -> Literal:
    return Literal(value, output_field=BigIntegerField())


def _case(*whens: When) -> Case:
    return Case(*whens, default=_number(0), output_field=BigIntegerField())


def _bit(condition: Condition | IsNull, bit: int) -> Case:
    return _case(When(condition, then=_number(bit)))


def _is_instant(column: Any) -> bool:
    return isinstance(column, DateTimeField)
