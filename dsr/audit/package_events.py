"""The events of the package that answers an access: made, read before it leaves, opened, taken, destroyed."""

from django.utils.translation import gettext_lazy as _

from dsr.audit.event import Event, event

PACKAGES: dict[str, Event] = {
    "package.sealed": event(
        _("Paquet scellé"),
        _("a scellé le paquet de {subject}"),
        "digest",
        "size",
        "omissions",
        told=_("Votre copie est composée et scellée"),
    ),
    "package.requested": event(
        _("Nouvelle copie demandée par le lecteur"),
        _("a demandé une nouvelle copie pour {subject}"),
        told=_("Vous avez demandé une nouvelle copie"),
    ),
    "package.opened": event(
        _("Paquet ouvert avec un code"),
        _("a ouvert le paquet de {subject} avec un code"),
        "digest",
        told=_("Votre copie a été ouverte avec un code"),
    ),
    "package.examined": event(
        _("Paquet relu avant sa remise"),
        _("a relu le paquet de {subject}"),
        "digest",
        looked=_("pour relire votre copie avant de vous la remettre"),
    ),
    "package.released": event(
        _("Paquet relu, et remis"),
        _("a remis le paquet de {subject} après l’avoir relu"),
        "digest",
        told=_("Une personne a relu votre copie avant sa remise"),
    ),
    "package.sent_back": event(
        _("Paquet à composer de nouveau"), _("a fait composer de nouveau le paquet de {subject}"), "digest"
    ),
    "package.downloaded": event(
        _("Paquet téléchargé"),
        _("a téléchargé le paquet de {subject}"),
        "digest",
        told=_("Votre copie a été téléchargée"),
    ),
    "package.resumed": event(
        _("Partie du paquet téléchargée"),
        _("a téléchargé une partie du paquet de {subject}"),
        "digest",
        "first",
        "last",
    ),
    "package.file_taken": event(
        _("Un fichier du paquet téléchargé"),
        _("a téléchargé un fichier du paquet de {subject}"),
        "digest",
        "size",
        told=_("Un fichier de votre copie a été téléchargé"),
    ),
    "package.read": event(
        _("Paquet lu en ligne"),
        _("a lu en ligne le paquet de {subject}"),
        "digest",
        told=_("Votre copie a été lue en ligne"),
    ),
    "package.printed": event(
        _("Paquet ouvert par un agent pour l’envoi postal"),
        _("a ouvert le paquet de {subject} pour l’envoi postal"),
        "digest",
        told=_("Votre copie est préparée pour la poste"),
        looked=_("pour vous envoyer votre copie par la poste"),
    ),
    "package.destroyed": event(
        _("Paquet détruit"), _("a détruit le paquet de {subject}"), "digest", told=_("Votre copie est détruite")
    ),
}
