"""Every event of the log: its sentence, and the only facts it may carry."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of entry; facts are codes, counts, dates and digests of ciphertext, never words about anyone."""

    sentence: str | Promise
    facts: frozenset[str] = frozenset()


def _event(sentence: str | Promise, *facts: str) -> Event:
    return Event(sentence, frozenset(facts))


EVENTS: dict[str, Event] = {
    "request.received": _event(_("Demande reçue"), "kind", "channel", "language", "scope"),
    "request.confirmed": _event(_("Boîte aux lettres prouvée"), "means"),
    "request.joined": _event(_("Une seconde demande identique a rejoint celle-ci"), "reference"),
    "request.reminded": _event(_("Rappel envoyé au lecteur"), "number"),
    "request.withdrawn": _event(_("Demande retirée"), "joined_to"),
    "request.expired": _event(_("Demande close, la boîte aux lettres n’ayant pas répondu")),
    "request.scoped": _event(_("Portée précisée par le lecteur"), "scope"),
    "request.assigned": _event(_("Demande confiée à un agent"), "to"),
    "request.routed": _event(_("Demande transmise à la rédaction en chef")),
    "request.asked": _event(_("Question posée au lecteur"), "about", "contestable"),
    "request.replied": _event(_("Le lecteur a répondu")),
    "request.accepted": _event(_("Demande acceptée")),
    "request.refused": _event(_("Demande refusée"), "ground", "advised"),
    "request.extended": _event(_("Délai prolongé"), "ground", "until"),
    "request.approved": _event(_("Effacement approuvé par un second agent"), "plan", "fingerprint"),
    "request.sent_back": _event(_("Renvoyée à l’examen")),
    "request.plan_changed": _event(
        _("Les données ont changé depuis l’approbation : nouveau plan à approuver"), "fingerprint"
    ),
    "request.returned": _event(_("Revenue à l’examen pendant l’exécution"), "reason"),
    "request.answered": _event(_("Réponse donnée"), "kept"),
    "request.viewed": _event(_("Dossier consulté")),
    "request.forgotten": _event(_("Dossier détruit au terme de sa conservation"), "state"),
    "identifier.vouched": _event(_("Identifiant relevé sur un document"), "kind"),
    "identifier.verified": _event(_("Identifiant vérifié"), "kind", "means"),
    "correction.wished": _event(_("Correction souhaitée par le lecteur"), "concept"),
    "correction.decided": _event(_("Correction décidée"), "concept", "decision", "ground"),
    "plan.made": _event(_("Plan d’effacement établi"), "plan", "fingerprint", "erased", "rewritten", "kept"),
    "step.done": _event(_("Étape faite"), "source", "action", "erased", "rewritten", "changed"),
    "step.failed": _event(_("Une étape demande un regard"), "source", "action", "attempts"),
    "step.retried": _event(_("Étape relancée"), "source", "action"),
    "erasure.verified": _event(_("Effacement vérifié par une seconde recherche"), "remaining", "kept"),
    "suppression.recorded": _event(_("Opposition aux messages enregistrée"), "addresses"),
    "code.sent": _event(_("Code envoyé au lecteur"), "purpose"),
    "code.used": _event(_("Code accepté"), "purpose"),
    "code.failed": _event(_("Code refusé"), "purpose"),
    "package.sealed": _event(_("Paquet scellé"), "digest", "size", "omissions"),
    "package.downloaded": _event(_("Paquet téléchargé"), "digest"),
    "package.printed": _event(_("Paquet ouvert par un agent pour l’envoi postal"), "digest"),
    "package.destroyed": _event(_("Paquet détruit"), "digest"),
    "notice.sent": _event(_("Courrier parti"), "letter", "by_post", "posted_on"),
    "notice.failed": _event(_("Un courrier demande un regard"), "letter", "attempts"),
    "desk.searched": _event(_("Recherche faite dans les demandes"), "results"),
    "log.viewed": _event(_("Journal consulté")),
}
