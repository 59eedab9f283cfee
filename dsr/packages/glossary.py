"""What the codes in a reader's records mean (décret 2019-536, art. 80), as far as the sources hold coded fields."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from dsr.packages.inventory import Inventory
from dsr.packages.section import Texts
from dsr.sources.activities import Text
from dsr.sources.base import Codes

EXPLAINED = 40  # a longer list, of countries or languages, is explained beside each code of the copy


def of(inventory: Inventory) -> Iterator[tuple[Text, Texts]]:
    """For each coded field of each source that holds records: its heading, then every code with its meaning."""
    for holding in inventory.held():
        for label, codes in holding.source.codes() if holding.rows else ():
            heading = _("%(source)s, %(field)s") % {"source": holding.source.label, "field": label}
            yield heading, _explained(codes)


def _explained(codes: Codes) -> Texts:
    if len(codes) > EXPLAINED:
        return (_("Dans la copie, chaque code est suivi de ce qu’il veut dire."),)
    return tuple(_("%(code)s : %(meaning)s") % {"code": code, "meaning": meaning} for code, meaning in codes)
