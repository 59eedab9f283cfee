"""What a reader wrote to the support desk, with what they attached, and what was answered."""

from django.utils.translation import gettext_lazy as _

from dsr.readers.models import SupportMessage
from dsr.sources.fields import by, not_personal, personal, third_person
from dsr.sources.model_source import ModelSource

from .activities import SUPPORT


class SupportMessages(ModelSource):
    """No ground keeps them: a complaint that becomes a claim is put under a legal hold by its reference."""

    name = "support_messages"
    label = _("Messages à l’assistance")
    description = _("Vos messages à notre service des lecteurs, leurs pièces jointes et nos réponses.")
    activity = SUPPORT
    model = SupportMessage
    identified_by = (by("account", "account"), by("email", "email", unless="account"))
    summary = _("Le %(created_at)s : %(subject)s")
    dated_by = "created_at"
    fields = {
        "id": not_personal(_("Numéro"), because=_("Un numéro interne, qui ne dit rien de vous.")),
        "account": personal(_("Numéro de compte")),
        "name": personal(_("Nom et prénom"), concept="full_name"),
        "email": personal(_("Adresse électronique"), concept="email"),
        "phone": personal(_("Téléphone"), concept="phone"),
        "ip": personal(_("Adresse IP")),
        "subject": personal(_("Objet"), free_text=True),
        "body": personal(_("Message")),
        "attachment": personal(_("Pièce jointe")),
        "attachment_name": personal(_("Nom du fichier reçu"), free_text=True),
        "answer": personal(_("Réponse")),
        "answered_by": third_person(_("Répondu par"), role=_("un membre du service des lecteurs")),
        "created_at": personal(_("Reçu le")),
        "answered_at": personal(_("Répondu le")),
    }
