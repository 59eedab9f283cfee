"""What a contract that still runs is called, to the reader who chooses what becomes of it and to whoever ends it."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from dsr.sources.activities import Text


@dataclass(frozen=True, slots=True)
class ContractWords:
    """The two choices as the reader reads them, and what staff do before anything is erased when it is ``now``."""

    now: Text
    at_term: Text
    to_end: Text


DEFAULT: Final = ContractWords(
    now=_("Mettre fin à mon contrat maintenant"),
    at_term=_("Effacer le reste maintenant, et ceci au terme du contrat"),
    to_end=_(
        "Le lecteur met fin à son contrat. Arrêtez le prélèvement et réglez le remboursement dans l’outil de "
        "facturation, puis inscrivez la fin du contrat dans les données du journal. Rien ne s’efface avant : une fois "
        "l’étape cochée, le plan est refait."
    ),
)
