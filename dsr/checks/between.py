"""The sources beside each other: one table each, erased in an order that works, no reference that reaches across."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.db.models import CASCADE, ForeignKey, ForeignObjectRel
from django.utils.translation import gettext as _

from dsr.checks.declared import Declared, declared, error, of_models
from dsr.sources import declaration, inspecting, verdicts
from dsr.sources.model_source import ModelSource


@register("dsr")
def check_between(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """What two declarations can get wrong together; nothing is said while one cannot be loaded."""
    found, faults = declared()
    if faults:
        return []
    models = [(path, source) for path, source in of_models() if not declaration.unknown(source)]
    return [*_same_table(models), *_identifying(found), *_order(models), *_references(models)]


def _same_table(models: list[tuple[str, ModelSource]]) -> Iterator[Error]:
    for (_path, one), (path, other) in combinations(models, 2):
        if (one.alias, one.model._meta.db_table) == (other.alias, other.model._meta.db_table):
            sentence = _("La source « %(other)s » déclare déjà cette table : gardez une seule source par table.")
            yield error("E004", f"{path}.model", sentence % {"other": one.name})


def _identifying(found: list[Declared]) -> Iterator[Error]:
    """The account is erased last, so that the reader can still be found while the rest goes."""
    models = [each.source for each in found if isinstance(each.source, ModelSource)]
    leading = [source for source in models if _needed(source, models)]
    if leading and found[-1].source not in leading:
        sentence = _("« %(name)s » donne aux autres sources de quoi retrouver le lecteur : déclarez-la en dernier.")
        yield error("E012", "DSR_SOURCES", sentence % {"name": leading[-1].name})


def _needed(source: ModelSource, models: list[ModelSource]) -> bool:
    """Whether it reveals an identifier by which another one finds its rows."""
    revealed = {each.kind for each in source.reveals}
    used = {
        link.kind for other in models if other is not source for link in (*other.identified_by, *other.mentioned_by)
    }
    return bool(revealed & used)


def _order(models: list[tuple[str, ModelSource]]) -> Iterator[Error]:
    """Rows go before those they point at; of two tables that point at each other, either may be first."""
    for (_path, one), (path, other) in combinations(models, 2):
        if _points_at(other, one) and not _points_at(one, other):
            sentence = _("Ses lignes désignent celles de « %(one)s » : déclarez cette source avant « %(one)s ».")
            yield error("E013", path, sentence % {"one": one.name})


def _points_at(one: ModelSource, other: ModelSource) -> bool:
    if one.alias != other.alias:
        return False
    return any(isinstance(field, ForeignKey) and field.related_model is other.model for field in one.concrete_fields)


def _references(models: list[tuple[str, ModelSource]]) -> Iterator[Error]:
    """What a reference does to somebody else's row when the row that it points at goes."""
    for path, source in models:
        for relation in source.sheet.relations:
            if relation.on_delete is CASCADE and not _is_part_of_a_row(relation):
                sentence = _(
                    "« %(relation)s » disparaît avec la ligne de « %(source)s » qu’il désigne (CASCADE), fût-il d’un "
                    "autre lecteur : mettez PROTECT ou DO_NOTHING."
                )
                yield error("E014", f"{path}.model", sentence % {"relation": _named(relation), "source": source.name})
        for relation in inspecting.rewriting(source.model):
            if not verdicts.is_named(relation, source.stays_for):
                sentence = _(
                    "« %(relation)s » change quand la ligne de « %(source)s » qu’il désigne disparaît : nommez-le dans "
                    "« stays_for », ou mettez PROTECT."
                )
                named = {"relation": _named(relation), "source": source.name}
                yield error("E014", f"{path}.stays_for", sentence % named)


def _is_part_of_a_row(relation: ForeignObjectRel) -> bool:
    """Whether the row that points is a many-to-many relation's, or the rest of an inheriting row."""
    theirs = relation.related_model._meta
    return bool(theirs.auto_created) or relation.field in theirs.parents.values()


def _named(relation: ForeignObjectRel) -> str:
    return f"{relation.related_model.__name__}.{relation.field.name}"
