"""What is wrong with a declaration, said before the service starts: fields forgotten, names unknown, contradictions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from dsr.grounds import UnknownGround, keeping
from dsr.sources import inspecting, verdicts
from dsr.sources.base import SourceError
from dsr.sources.fields import NO_END_YET, NOW, Classified, Held, Owner, Shared
from dsr.sources.free_text import may_be_free
from dsr.sources.selection import field_at

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource

PLACEHOLDER = re.compile(r"%\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend in a declaration; ``name`` is the field or the attribute."""

    name: str
    sentence: str


def unclassified(source: "ModelSource") -> tuple[str, ...]:
    """The fields of the model that the declaration says nothing of, or leaves undecided."""
    decided = {name for name, classified in source.fields.items() if classified.owner is not Owner.UNDECIDED}
    return tuple(field.name for field in source.concrete_fields if field.name not in decided)


def unknown(source: "ModelSource") -> tuple[str, ...]:
    """The classified names that are no field of the model."""
    fields = {field.name for field in source.concrete_fields}
    return tuple(name for name in source.fields if name not in fields)


def contradictions(source: "ModelSource") -> tuple[Fault, ...]:
    """What the declaration says that cannot be, for a declaration with no unknown name."""
    abouts = (_about_ways, _about_sharing, _about_starts, _about_ends, _about_references, _about_attributes)
    faults = [fault for about in abouts for fault in about(source)]
    for name, classified in source.fields.items():
        faults += [Fault(name, sentence) for sentence in _about_field(source, name, classified)]
        if classified.free_text and not (classified.exported and may_be_free(source.field(name))):
            faults.append(Fault(name, _("Un texte libre est un texte exporté, sans liste de choix.")))
    return tuple(faults)


def _about_field(source: "ModelSource", name: str, classified: Classified) -> Iterator[str]:
    field = source.field(name)
    if classified.owner is Owner.UNDECIDED:
        return
    if classified.exported and not classified.label:
        yield _("Un champ exporté doit avoir un libellé.")
    if not classified.exported and not classified.why:
        yield _("Un champ qui n’est pas remis au lecteur doit dire pourquoi.")
    if classified.owner is Owner.NOBODY and not classified.why:
        yield _("Un champ qui n’est pas une donnée personnelle doit dire pourquoi.")
    if classified.owner is Owner.THIRD_PERSON and not classified.role:
        yield _("Un champ qui désigne un tiers doit nommer son rôle.")
    if (
        classified.owner is Owner.READER
        and source.may_leave_rows
        and not (classified.can_be_blanked or classified.kept)
    ):
        yield _("La ligne peut rester : dites ce que l’effacement écrit ici, ou ce qui oblige à garder ce champ.")
    if classified.can_be_blanked and classified.erased_to is None and not field.null:
        yield _("L’effacement ne peut pas vider ce champ, qui n’accepte pas d’être nul.")
    if classified.can_be_blanked and field.unique and classified.erased_to is not None:
        yield _("L’effacement écrirait deux fois la même valeur dans ce champ, qui doit rester unique.")
    if classified.concept and field.is_relation:
        yield _("Un champ qui désigne une autre ligne ne se rectifie pas.")
    yield from _about_grounds(source, classified)


def unsought(source: "ModelSource") -> tuple[str, ...]:
    """The reader's text fields whose name promises an address or a number, and of which nothing says what they are."""
    return tuple(
        name
        for name, each in source.fields.items()
        if each.owner is Owner.READER
        and each.searched is None
        and name not in source.identifying
        and source.field(name).attname in source.table.fields
        and inspecting.identifier_like(name)
    )


def _about_grounds(source: "ModelSource", classified: Classified) -> Iterator[str]:
    for held in classified.kept:
        try:
            keeping(held.ground)
        except UnknownGround as error:
            yield str(error)
        paths = [start for start in held.since if isinstance(start, str)]
        yield from (_no_field(path) for path in paths if not _exists(source, path))
        if held.referenced_by and not _is_relation(source, held.referenced_by):
            yield _("« %(name)s » n’est pas une relation vers cette table.") % {"name": held.referenced_by}
    yield from (_no_field(name) for name in classified.when_corrected if not _exists(source, name))


def _about_ways(source: "ModelSource") -> Iterator[Fault]:
    if not source.identified_by:
        yield Fault("identified_by", _("Rien ne dit à quel lecteur une ligne appartient."))
    for link in (*source.identified_by, *source.mentioned_by):
        for path in (link.path, *link.unless):
            if not _exists(source, path):
                yield Fault("identified_by", _no_field(path))
    for revealed in source.reveals:
        if not _exists(source, revealed.path):
            yield Fault("reveals", _no_field(revealed.path))


def _about_sharing(source: "ModelSource") -> Iterator[Fault]:
    if source.identified_by and source.sheet.marks.may_share and source.shared is None:
        sentence = _("Deux liens peuvent mener à deux lecteurs : dites dans « shared » ce que devient la ligne.")
        yield Fault("shared", sentence)
    owned = [name for link in source.identified_by for name in link.owns]
    yield from (Fault("identified_by", _no_field(name)) for name in owned if name not in source.fields)
    if source.shared is Shared.BLANK_OWN_FIELDS:
        ties = [link.path.partition("__")[0] for link in source.identified_by]
        stuck = {name for name in (*ties, *owned) if name in source.fields and not source.fields[name].can_be_blanked}
        sentence = _("La ligne partagée reste à l’autre lecteur : dites ce que l’effacement écrit dans ce champ.")
        yield from (Fault(name, sentence) for name in sorted(stuck))


def _about_starts(source: "ModelSource") -> Iterator[Fault]:
    """A ground whose start were blanked would hold no more: the next look would erase what the law has us keep."""
    for name, classified in source.fields.items():
        goes = classified.can_be_blanked and classified.erased_to is not NOW
        if goes and any(name in held.since and held not in classified.kept for held in _holds(source)):
            sentence = _("La durée d’un autre champ part de celui-ci, que l’effacement viderait : gardez les deux.")
            yield Fault(name, sentence)


def _about_ends(source: "ModelSource") -> Iterator[Fault]:
    """What cannot be blanked has to be kept as long as its row is, or it would outlast its own ground there."""
    for name, classified in source.fields.items():
        stuck = classified.owner is Owner.READER and classified.kept and not classified.can_be_blanked
        if stuck and not _lasts_as_its_row(source, classified):
            sentence = _(
                "La ligne peut rester quand ce qui garde ce champ a pris fin : dites ce que l’effacement écrit ici, ou "
                "gardez-le pour tout ce qui garde la ligne."
            )
            yield Fault(name, sentence)


def _lasts_as_its_row(source: "ModelSource", classified: Classified) -> bool:
    """Whether each ground of the row is one of the field's, and so is each reference for which the row stays."""
    held_along = {held.referenced_by for held in classified.kept if held.when is None and held.since == (NO_END_YET,)}
    return all(held in classified.kept for held in _holds(source)) and held_along >= set(source.stays_for)


def _holds(source: "ModelSource") -> Iterator[Held]:
    yield from (held for each in source.fields.values() for held in each.kept)


def _about_references(source: "ModelSource") -> Iterator[Fault]:
    for name in source.stays_for:
        if not _is_relation(source, name):
            sentence = _("« %(name)s » n’est pas une relation vers cette table.") % {"name": name}
            yield Fault("stays_for", sentence)
    for relation in source.sheet.threads:
        if not relation.field.null:
            yield Fault(relation.field.name, _("Une ligne qui désigne sa propre table doit pouvoir ne plus le faire."))


def _about_attributes(source: "ModelSource") -> Iterator[Fault]:
    attributes = {
        "key": source.key,
        "dated_by": (source.dated_by,) if source.dated_by else (),
        "on_objection": tuple(source.on_objection),
        "summary": tuple(PLACEHOLDER.findall(str(source.summary))),
    }
    for attribute, names in attributes.items():
        for name in names:
            if not _exists(source, name):
                yield Fault(attribute, _no_field(name))
    for name in source.file_fields:
        try:
            source.storage_alias(name)
        except SourceError as error:
            yield Fault(name, str(error))


def _exists(source: "ModelSource", path: str) -> bool:
    try:
        field_at(source.model, path)
    except (FieldDoesNotExist, AttributeError):
        return False
    return True


def _is_relation(source: "ModelSource", name: str) -> bool:
    return any(verdicts.is_named(relation, (name,)) for relation in source.sheet.relations)


def _no_field(path: str) -> str:
    return _("« %(path)s » n’est pas un champ du modèle.") % {"path": path}
