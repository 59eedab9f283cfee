"""What stood in a reader's rows before an erasure: which rows, and the values to look for again afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import EmailField, GenericIPAddressField, Q

from dsr.sources import selection
from dsr.sources.base import Subject
from dsr.sources.fields import Link, Owner, Revealed, Sought
from dsr.sources.needles import OldValue, texts
from dsr.sources.selection import not_of

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

AT_ONCE: Final = 200

BY_CONCEPT: Final[Mapping[str, Sought]] = {
    "email": Sought.EMAIL,
    "phone": Sought.PHONE,
    "given_name": Sought.NAME,
    "family_name": Sought.NAME,
    "full_name": Sought.NAME,
    "pen_name": Sought.NAME,
}
BY_IDENTIFIER: Final[Mapping[str, Sought]] = {"email": Sought.EMAIL, "phone": Sought.PHONE}


@dataclass(frozen=True, slots=True)
class OldRows:
    """A page of the reader's rows: their keys, and the values that stood in them."""

    keys: tuple[selection.Key, ...]
    values: frozenset[OldValue]


def identifying(source: "ModelSource") -> dict[str, Sought]:
    """The reader's own text fields in which something stands that is looked for afterwards, and what it is."""
    links: tuple[Link | Revealed, ...] = (*source.identified_by, *source.reveals)
    by_link = {link.path: BY_IDENTIFIER.get(link.kind, Sought.NUMBER) for link in links}
    found: dict[str, Sought] = {}
    for name, each in source.fields.items():
        field = source.field(name)
        if each.owner is Owner.READER and field.attname in source.table.fields:
            sought = each.searched or BY_CONCEPT.get(each.concept) or _by_type(field) or by_link.get(name)
            if sought and sought is not Sought.NOTHING:
                found[name] = sought
    return found


def _by_type(field: selection.AnyField) -> Sought | None:
    if isinstance(field, EmailField):
        return Sought.EMAIL
    return Sought.IP if isinstance(field, GenericIPAddressField) else None


def of_subject(subject: Subject) -> frozenset[OldValue]:
    """The identifiers that lead to the reader's rows."""
    return frozenset(
        OldValue(BY_IDENTIFIER.get(each.kind, Sought.NUMBER).value, each.value) for each in subject.identifiers
    )


def old_rows(source: "ModelSource", subject: Subject) -> Iterator[OldRows]:
    """The reader's own rows, a page at a time, along each way that leads to them."""
    wanted = source.identifying
    names = list(dict.fromkeys([*source.row_key.names, *wanted]))
    for way in source.branches(subject):
        for page in selection.pages(source.rows().filter(way).values(*names), source.row_key):
            keys = tuple(tuple(row[name] for name in source.row_key.names) for row in page)
            values = {
                OldValue(sought.value, text)
                for row in page
                for name, sought in wanted.items()
                for text in texts(row[name])
            }
            yield OldRows(keys, frozenset(values))


def somebody_elses(
    sources: "Sequence[ModelSource]", subject: Subject, values: Sequence[OldValue]
) -> frozenset[OldValue]:
    """Those that lead to other people's rows: a reader may sign with an address that is another reader's.

    Looked for, they would put each row of that other reader before an officer.
    """
    found: set[OldValue] = set()
    for source in sources:
        own = source.own(subject)
        for link in source.identified_by:
            kind = BY_IDENTIFIER.get(link.kind, Sought.NUMBER).value
            alike = [each for each in values if each.kind == kind]
            for start in range(0, len(alike), AT_ONCE):
                found |= _leading_elsewhere(source, link, alike[start : start + AT_ONCE], own)
    return frozenset(found)


def _leading_elsewhere(source: "ModelSource", link: Link, values: Sequence[OldValue], own: Q | None) -> set[OldValue]:
    condition = selection.link_condition(source.model, link, [each.value for each in values])
    if condition is None:
        return set()
    found = source.rows().filter(condition)
    if own is not None:
        found = not_of(own, found)
    there = {str(value).lower() for value in found.order_by().values_list(link.path, flat=True).distinct()}
    return {each for each in values if each.value.lower() in there}
