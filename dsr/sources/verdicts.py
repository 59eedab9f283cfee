"""What becomes of each row: kept on a ground, staying because a row that stays points at it, or going."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from django.db.models import F, ForeignObjectRel, Q, QuerySet
from django.utils.translation import gettext as _

from dsr.sources import registry
from dsr.sources.base import SourceError
from dsr.sources.classification import Occasion, Verdict
from dsr.sources.selection import Key, in_rows, not_of, pages
from dsr.sources.signs import column_of, target_of
from dsr.sources.sweeping import Alike

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

POINTS_AT = "dsr_points_at"


def verdicts(
    source: "ModelSource", found: QuerySet[Any], occasion: Occasion, *, points_at: str = ""
) -> Iterator[list[Verdict]]:
    """The verdict on each of the reader's own rows that were found, a page at a time, in keyset order."""
    for rows in _read(source, found, occasion, points_at):
        _settle_threads(source, rows, occasion)
        for row in rows:
            row.blank = source.sheet.to_blank(row) if row.stays else ()
            row.files = tuple(source.sheet.files(row.facts, row.blank if row.stays else source.file_fields))
        yield rows


def alone(source: "ModelSource", alike: Alike, occasion: Occasion) -> Verdict | None:
    """The verdict on every one of those rows, None when what points at each, or its files, have to be seen first."""
    sheet = source.sheet
    row = Verdict((), sheet.facts(alike.days) if alike.days else {}, sheet.marks.sign(alike.numbers))
    binding = sheet.in_force(row, occasion)
    sheet.judge(row, binding)
    if any(sheet.holds[number].referenced_by for number in binding) or (row.sign.pointed and not row.stays):
        return None
    row.blank = sheet.to_blank(row) if row.stays else ()
    return None if set(row.sign.files) & set(row.blank if row.stays else row.sign.files) else row


def kept_fields(source: "ModelSource", occasion: Occasion, keys: Sequence[Key]) -> dict[Key, set[str]]:
    """The columns that a ground keeps in those rows, by their key; a row that is the reader's no more keeps nothing."""
    own = source.own(occasion.subject)
    found: dict[Key, set[str]] = {}
    for condition in source.row_key.within(keys) if own is not None and keys else ():
        for page in verdicts(source, source.rows().filter(own, condition), occasion):
            for row in page:
                found[row.key] = {source.field(name).attname for name in source.sheet.spared(row)}
    return found


def _read(source: "ModelSource", found: QuerySet[Any], occasion: Occasion, points_at: str) -> Iterator[list[Verdict]]:
    """The rows with what can be said of them without their own kind: grounds, and references from other tables."""
    sheet, marks = source.sheet, source.sheet.marks
    asked = found.values(
        *sheet.names(),
        **marks.columns(occasion),
        **(sheet.starts() if occasion.foreseen else {}),
        **({POINTS_AT: F(points_at)} if points_at else {}),
    )
    key, numbers = itemgetter(*source.row_key.names), itemgetter(*marks.names)
    for page in pages(asked, source.row_key):
        rows = [Verdict(_tuple(key(facts)), facts, marks.sign(_tuple(numbers(facts)))) for facts in page]
        _settle_grounds(source, rows, occasion)
        _settle_references(source, [row for row in rows if not row.stays], occasion)
        yield rows


def _settle_grounds(source: "ModelSource", rows: Sequence[Verdict], occasion: Occasion) -> None:
    sheet = source.sheet
    binding = [sheet.in_force(row, occasion) for row in rows]
    for relation in sheet.relations:
        hanging = [number for number, held in sheet.holds.items() if is_named(relation, (held.referenced_by,))]
        asked = [row for row, held in zip(rows, binding, strict=True) if any(number in held for number in hanging)]
        staying = _staying_references(source, relation, asked, occasion)
        for row, held in zip(rows, binding, strict=True):
            for number in hanging if row.facts[target_of(relation)] not in staying else ():
                held.pop(number, None)
    for row, held in zip(rows, binding, strict=True):
        sheet.judge(row, held)


def _settle_references(source: "ModelSource", rows: Sequence[Verdict], occasion: Occasion) -> None:
    for relation in source.sheet.relations:
        if relation in source.sheet.threads:
            continue
        staying = _staying_references(source, relation, rows, occasion)
        for row in rows:
            row.stays = row.stays or row.facts[target_of(relation)] in staying
        _must_be_declared(source, relation, bool(staying))


def _staying_references(
    source: "ModelSource", relation: ForeignObjectRel, rows: Sequence[Verdict], occasion: Occasion
) -> set[Any]:
    """Which of those rows will be pointed at by rows of another table.

    In a run the sources before this one are done, and whatever still points here stays. A plan asks their verdicts: a
    row that stays, emptied of what pointed here, holds nothing.
    """
    column = column_of(relation)
    targets = {row.facts[target_of(relation)] for row in source.sheet.pointed_at(rows, relation)}
    if not targets:
        return set()
    pointing: QuerySet[Any] = QuerySet(relation.related_model, using=source.alias).filter(Q((f"{column}__in", targets)))
    other = _source_of(relation, source) if _whole(occasion) else None
    own = other.own(occasion.subject) if other else None
    if other is None or own is None:
        return _distinct(pointing, column)
    staying = _distinct(not_of(own, pointing), column)
    for page in verdicts(other, pointing.filter(own), occasion, points_at=column) if other.sheet.may_stay else ():
        staying |= {row.facts[POINTS_AT] for row in page if row.stays and relation.field.name not in row.blank}
        if staying >= targets:
            break
    return staying


def _settle_threads(source: "ModelSource", rows: Sequence[Verdict], occasion: Occasion) -> None:
    """Let a row stay when, below it in its own table, one stays: a reply by somebody else, or kept on a ground."""
    above: dict[Key, set[Key]] = defaultdict(set)
    staying: set[Key] = set()
    frontier = [row for row in rows if not row.stays]
    seen = {row.key for row in frontier}
    while frontier:
        below: list[Verdict] = []
        for relation in source.sheet.threads:
            at = {row.facts[target_of(relation)]: row.key for row in source.sheet.pointed_at(frontier, relation)}
            own, others = _answers(source, relation, at, occasion) if at else ([], set())
            own = [row for row in own if relation.field.name not in source.sheet.to_blank(row)]
            for row in own:
                above[row.key].add(at[row.facts[POINTS_AT]])
            found = {at[target] for target in others} | {row.key for row in own if row.stays}
            _must_be_declared(source, relation, bool(found))
            staying |= found
            below += own
        frontier = [row for row in below if not row.stays and row.key not in seen]
        seen |= {row.key for row in frontier}
    reached = _closure(staying, above)
    for row in rows:
        row.stays = row.stays or row.key in reached


def _answers(
    source: "ModelSource", relation: ForeignObjectRel, at: dict[Any, Key], occasion: Occasion
) -> tuple[list[Verdict], set[Any]]:
    """The reader's own rows that point at those, and which of those other people's rows point at."""
    column = column_of(relation)
    pointing = source.rows().filter(Q((f"{column}__in", at)))
    own = (source.own(occasion.subject) or Q(pk__in=[])) & in_rows(source.row_key, occasion.rows)
    mine = [row for page in _read(source, pointing.filter(own), occasion, column) for row in page]
    return mine, _distinct(not_of(own, pointing), column)


def _tuple(value: Any) -> tuple[Any, ...]:
    """What ``itemgetter`` gives, as a tuple also where it was asked for one thing."""
    return value if isinstance(value, tuple) else (value,)


def _closure(start: set[Key], above: dict[Key, set[Key]]) -> set[Key]:
    reached: set[Key] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += above.get(key, ())
    return reached


def _must_be_declared(source: "ModelSource", relation: ForeignObjectRel, found: bool) -> None:
    if found and not is_named(relation, source.stays_for):
        sentence = _("La source « %(source)s » efface des lignes que désigne encore « %(relation)s », non déclaré.")
        raise SourceError(sentence % {"source": source.name, "relation": _full_name(relation)})


def is_named(relation: ForeignObjectRel, names: Sequence[str]) -> bool:
    """Whether a declaration means this relation: ``replies`` or ``Comment.parent``."""
    return relation.name in names or _full_name(relation) in names


def _full_name(relation: ForeignObjectRel) -> str:
    return f"{relation.related_model.__name__}.{relation.field.name}"


def _source_of(relation: ForeignObjectRel, source: "ModelSource") -> "ModelSource | None":
    """The declared source of the table that points here, on the same database."""
    for each in registry.sources():
        model, alias = getattr(each, "model", None), getattr(each, "alias", None)
        if model is relation.related_model and alias == source.alias:
            return cast("ModelSource", each)
    return None


def _whole(occasion: Occasion) -> bool:
    return occasion.foreseen and occasion.subject.whole and occasion.rows is None


def _distinct(found: QuerySet[Any], column: str) -> set[Any]:
    return set(found.order_by().values_list(column, flat=True).distinct())
