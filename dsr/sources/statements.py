"""The supplementary statements of readers (GDPR Art. 16): copied, corrected and erased like all that is theirs."""

from typing import Final

from django.utils.translation import gettext_lazy

from dsr.models.statement import Statement
from dsr.sources.fields import by, not_personal, personal
from dsr.sources.model_source import ModelSource
from dsr.sources.past_requests import ACTIVITY

STATEMENT: Final = "statement"


class Statements(ModelSource):
    """Where a statement is filed when no other source has a completable field for it."""

    name = "statements"
    label = gettext_lazy("Déclarations complémentaires")
    description = gettext_lazy("Ce que vous avez ajouté à vos données pour les compléter.")
    activity = ACTIVITY
    model = Statement
    identified_by = (by("email", "email"),)
    dated_by = "recorded_at"
    summary = gettext_lazy("Déclaration du %(recorded_at)s")
    fields = {
        "id": not_personal(because=gettext_lazy("Un numéro interne, qui ne dit rien de vous.")),
        "reference": personal(gettext_lazy("Demande")),
        "email": personal(gettext_lazy("Adresse électronique"), concept="email"),
        "text": personal(gettext_lazy("Déclaration complémentaire"), concept=STATEMENT),
        "recorded_at": personal(gettext_lazy("Enregistrée le")),
    }
