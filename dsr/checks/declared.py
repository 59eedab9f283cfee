"""Each data source by itself: it can be loaded, says everything in words, and classifies every field as it can be."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.checks import WARNING, CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateField, FileField
from django.utils import translation
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from dsr.packages.names import legal_name
from dsr.sources import declaration
from dsr.sources.activities import Activity
from dsr.sources.base import Source
from dsr.sources.by_hand import ByHand
from dsr.sources.fields import NOW, Mark
from dsr.sources.model_source import ModelSource

SLUG = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
ACTIVITY = ("code", "name", "purpose", "legal_basis", "categories", "retention", "origin")


@dataclass(frozen=True, slots=True)
class Declared:
    """A source and the path under which the setting names it."""

    path: str
    source: Source


class NotASource(Exception):  # noqa: N818
    """A path of the setting leads to no source that can be asked; the sentence says why."""


def declared() -> tuple[list[Declared], list[Error]]:
    """The sources that can be loaded, in the order of the setting, and what is wrong with the other paths."""
    found, faults = [], []
    if not settings.DSR_SOURCES:
        faults.append(error("E001", "DSR_SOURCES", _("DSR_SOURCES est vide : déclarez-y au moins une source.")))
    for path in settings.DSR_SOURCES:
        try:
            found.append(Declared(path, _load(path)))
        except NotASource as fault:
            faults.append(error("E001", path, str(fault)))
    return found, faults


def of_models() -> list[tuple[str, ModelSource]]:
    """The loadable sources over a model, with their paths, in the order of the setting."""
    return [(each.path, each.source) for each in declared()[0] if isinstance(each.source, ModelSource)]


def error(code: str, about: str, sentence: str) -> Error:
    """One error; ``about`` is the dotted path of what has to be mended."""
    return Error(sentence, obj=about, id=f"dsr.{code}")


def warning(code: str, about: str, sentence: str) -> CheckMessage:
    """One warning, likewise: the service works, but slowly, or not in every storm."""
    return CheckMessage(WARNING, sentence, obj=about, id=f"dsr.{code}")


def _load(path: str) -> Source:
    try:
        kind: Any = import_string(path)
    except ImportError as fault:
        sentence = _("Ce chemin de DSR_SOURCES ne s’importe pas (%(fault)s) : corrigez-le, ou le module qu’il nomme.")
        raise NotASource(sentence % {"fault": fault}) from fault
    if not (isinstance(kind, type) and issubclass(kind, Source)):
        raise NotASource(_("Ce chemin de DSR_SOURCES doit mener à une sous-classe de dsr.sources.base.Source."))
    wanted = [*sorted(getattr(kind, "__abstractmethods__", ())), *_attributes(kind)]
    missing = [name for name in wanted if inspect.isabstract(kind) or not hasattr(kind, name)]
    if missing:
        raise NotASource(_("Il manque à cette source : %(names)s.") % {"names": ", ".join(missing)})
    return kind()


def _attributes(kind: type[Source]) -> tuple[str, ...]:
    """What a declaration has to give, for want of a default."""
    given = ("name", "label", "description", "activity")
    if issubclass(kind, ModelSource):
        return (*given, "model", "identified_by", "fields")
    return (*given, "tool", "to_collect", "to_erase") if issubclass(kind, ByHand) else given


@register("dsr")
def check_sources(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Everything that one declaration can get wrong by itself."""
    found, faults = declared()
    messages: list[CheckMessage] = [*faults, *_names(found)]
    for each in found:
        messages += _words(each)
        if isinstance(each.source, ModelSource):
            messages += _model(each.path, each.source)
    return messages


def _names(found: list[Declared]) -> Iterator[Error]:
    taken: dict[str, str] = {}
    for each in found:
        name = each.source.name
        about = f"{each.path}.name"
        if not SLUG.match(name):
            sentence = _(
                "« %(name)s » : un nom a des minuscules, des chiffres et « _ », 64 signes au plus, sans accent."
            )
            yield error("E002", about, sentence % {"name": name})
        elif legal_name(name) != name:
            sentence = _("« %(name)s » : Windows se réserve ce nom, qui ne peut pas être celui d’un fichier.")
            yield error("E002", about, sentence % {"name": name})
        if name in taken:
            sentence = _("Une autre source, %(other)s, s’appelle déjà « %(name)s » : changez l’un des deux noms.")
            yield error("E003", about, sentence % {"other": taken[name], "name": name})
        taken.setdefault(name, each.path)


def _words(each: Declared) -> Iterator[Error]:
    source = each.source
    if not isinstance(source.activity, Activity):
        yield error("E005", f"{each.path}.activity", _("L’activité doit être une dsr.sources.activities.Activity."))
        return
    told = {name: getattr(source, name) for name in ("label", "description")}
    told |= {f"activity.{name}": getattr(source.activity, name) for name in ACTIVITY}
    if isinstance(source, ByHand):
        told |= {name: getattr(source, name) for name in ("tool", "to_collect", "to_erase", "to_rectify", "to_stop")}
    for name, text in told.items():
        if not _said(text):
            yield error(
                "E005", f"{each.path}.{name}", _("Il manque ici une phrase : écrivez-la en français, au moins.")
            )


def _said(text: Any) -> bool:
    """Whether a text, or each of several, says something in French."""
    texts = text if isinstance(text, tuple) else (text,)
    with translation.override("fr"):
        return bool(texts) and all(str(each).strip() for each in texts)


def _model(path: str, source: ModelSource) -> Iterator[CheckMessage]:
    yield from _database(path, source)
    for parent in source.model._meta.parents.values():
        sentence = _("Cette table hérite de celle de %(parent)s : donnez à chacune un modèle à elle (draft_source).")
        yield error("E010", path, sentence % {"parent": parent.model._meta.label if parent else "?"})
    for name in declaration.unclassified(source):
        sentence = _("Champ non classé : dites s’il est au lecteur, à un tiers ou à personne, et ce qu’il devient.")
        yield error("E006", f"{path}.{name}", sentence)
    unknown = declaration.unknown(source)
    for name in unknown:
        sentence = _("Ce champ n’est pas dans %(model)s : retirez-le, ou corrigez son nom.")
        yield error("E007", f"{path}.{name}", sentence % {"model": source.model._meta.label})
    if not unknown:
        for fault in declaration.contradictions(source):
            yield error("E008", f"{path}.{fault.name}", fault.sentence)
        yield from _values(path, source)
        yield from _dates(path, source)
        yield from _sought(path, source)


def _dates(path: str, source: ModelSource) -> Iterator[CheckMessage]:
    if not source.dated_by and any(link.caseless for link in source.identified_by):
        sentence = _(
            "Rien ne date ces lignes, qu’une adresse rattache à un lecteur : après une restauration, elles ne seraient "
            "pas effacées à nouveau d’elles-mêmes. Nommez dans « dated_by » le champ qui dit quand une ligne est née."
        )
        yield warning("W005", f"{path}.dated_by", sentence)


def _sought(path: str, source: ModelSource) -> Iterator[CheckMessage]:
    for name in declaration.unsought(source) if source.alias in connections else ():
        sentence = _(
            "Ce champ semble désigner une seule personne : dites par « searched » ce qu’un effacement y cherchera "
            "ensuite (Sought.PHONE, Sought.NUMBER… ou Sought.NOTHING)."
        )
        yield error("E027", f"{path}.{name}", sentence)


def _database(path: str, source: ModelSource) -> Iterator[CheckMessage]:
    if source.alias not in connections:
        sentence = _("« %(alias)s » n’est pas une base de DATABASES : corrigez « using », ou ajoutez cette base.")
        yield error("E011", f"{path}.using", sentence % {"alias": source.alias})
    elif source.alias != DEFAULT_DB_ALIAS and not source.remote:
        sentence = _("Ces lignes sont dans une autre base, qui s’enregistre à part : déclarez « remote = True ».")
        yield error("E011", f"{path}.remote", sentence)


def _values(path: str, source: ModelSource) -> Iterator[Error]:
    """What is written into a field has to fit there; null is for the declaration's own checks to say."""
    for name, classified in source.fields.items():
        if classified.can_be_blanked and classified.erased_to is not None:
            yield from _value(path, source, name, classified.erased_to)
        for other, value in classified.when_corrected.items():
            yield from _value(path, source, other, value)
    for name, value in source.on_objection.items():
        yield from _value(path, source, name, value)


def _value(path: str, source: ModelSource, name: str, value: Any) -> Iterator[Error]:
    if not _fits(source, name, value):
        sentence = _("Le champ « %(name)s » ne peut pas contenir la valeur déclarée : donnez-en une qu’il accepte.")
        yield error("E009", f"{path}.{name}", sentence % {"name": name})


def _fits(source: ModelSource, name: str, value: Any) -> bool:
    field = next((each for each in source.concrete_fields if each.name == name), None)
    if field is None:
        return True  # said elsewhere
    if isinstance(value, Mark):
        return value is NOW and isinstance(field, DateField)
    if value is None:
        return field.null
    if isinstance(field, FileField):
        return not value
    if isinstance(value, Promise):
        with translation.override(settings.LANGUAGE_CODE):
            value = str(value)
    try:
        field.run_validators(field.to_python(value))
    except ValidationError:
        return False
    return value == "" or not field.flatchoices or value in dict(field.flatchoices)
