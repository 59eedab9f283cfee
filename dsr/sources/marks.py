"""The restricted mark beside a row (GDPR Art. 18): for whoever shows the rows of a source."""

from typing import Any

from django.db.models import CharField, Exists, Model, OuterRef, QuerySet, Value
from django.db.models.functions import Cast

from dsr.models.correction import Restriction
from dsr.sources import registry
from dsr.sources.activities import Text
from dsr.sources.model_source import ModelSource


def of_row(row: Model) -> list[Text]:
    """The labels of the fields of the row that are contested."""
    source = _source(type(row))
    if source is None or row.pk is None:
        return []
    marks = Restriction.objects.live().filter(source=source.name, key=source.row_key.text(source.key_of(row)))
    return [
        source.fields[name].label for name in dict.fromkeys(marks.order_by("field").values_list("field", flat=True))
    ]


def beside(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with ``is_restricted``; for tables whose key is one field, else it is always false."""
    source = _source(rows.model)
    mark: Any = Value(value=False)
    if source and len(source.row_key.names) == 1:
        key = Cast(OuterRef(source.row_key.names[0]), CharField())
        mark = Exists(Restriction.objects.live().filter(source=source.name, key=key))
    marked: QuerySet[Any] = rows.annotate(is_restricted=mark)
    return marked


def _source(model: type[Model]) -> ModelSource | None:
    return next((each for each in registry.sources() if isinstance(each, ModelSource) and each.model is model), None)
