"""What a source holds of the reader and does not hand over, as its declaration says it."""

from django.utils.translation import gettext_lazy as _

from dsr.packages.inventory import Omission
from dsr.sources.base import Source
from dsr.sources.fields import Owner
from dsr.sources.model_source import ModelSource

OTHER_PERSON = _("C’est la donnée d’une autre personne : son rôle est indiqué à la place.")


def withheld(source: Source) -> list[Omission]:
    """The reader's fields left out of the copy, with the declared reason, and those where a role stands for someone."""
    if not isinstance(source, ModelSource):
        return []
    omissions = []
    for name, field in source.fields.items():
        if field.owner is Owner.READER and not field.exported:
            omissions.append(Omission(source.name, field.label or name, field.why))
        elif field.owner is Owner.THIRD_PERSON:
            omissions.append(Omission(source.name, field.label or name, OTHER_PERSON))
    return omissions
