"""What a field can hold: a wished value is tried against the model before anybody decides of it."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, UniqueConstraint
from django.utils.translation import gettext as _

from dsr.sources.base import UnacceptableValue, ValueTaken
from dsr.sources.selection import AnyField

if TYPE_CHECKING:
    from dsr.sources.model_source import ModelSource


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
        value = field.clean(parsed(field, text), None)
    except ValidationError as error:
        raise UnacceptableValue(" ".join(error.messages)) from error
    if value not in (None, "") and _is_taken(source, field, value):
        raise ValueTaken(_("Cette valeur ne peut pas être enregistrée : elle est déjà utilisée."))


def parsed(field: AnyField, text: str) -> Any:
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
