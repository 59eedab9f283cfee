"""What a source holds of the reader and does not hand over, as its declaration says it."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from dsr.packages.inventory import Omission
from dsr.sources.base import Source
from dsr.sources.fields import AS_IT_IS, Classified, Owner
from dsr.sources.model_source import ModelSource

OTHER_PERSON = _("C’est la donnée d’une autre personne : son rôle est indiqué à la place.")

MENTIONED = _("Dans ce qu’une autre personne a écrit sur vous, c’est sa donnée : une mention en tient la place.")


def withheld(source: Source) -> list[Omission]:
    """What the source says it keeps back; the reader's fields left out of the copy; where a role stands for someone."""
    omissions = [Omission(source.name, what, why) for what, why in source.withheld()]
    if isinstance(source, ModelSource):
        omissions += [each for name, field in source.fields.items() for each in _of_field(source, name, field)]
    return omissions


def _of_field(source: ModelSource, name: str, field: Classified) -> Iterator[Omission]:
    label = field.label or name
    if field.owner is Owner.READER and not field.exported:
        yield Omission(source.name, label, field.why)
    elif field.owner is Owner.THIRD_PERSON:
        yield Omission(source.name, label, OTHER_PERSON)
    elif field.owner is Owner.READER and source.mentioned_by and field.others_see is not AS_IT_IS:
        yield Omission(source.name, label, MENTIONED)
