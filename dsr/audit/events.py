"""Every event of the log: its sentence, and the only facts it may carry."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of entry; facts are codes, counts, dates and digests of ciphertext, never words about anyone.

    ``told`` is how the reader is told of it: the life of the request and what was done, not how the desk works.
    """

    sentence: str | Promise
    facts: frozenset[str] = frozenset()
    told: str | Promise = ""


def _event(sentence: str | Promise, *facts: str, told: str | Promise = "") -> Event:
    return Event(sentence, frozenset(facts), told)


EVENTS: dict[str, Event] = {
    "request.received": _event(
        _("Demande reçue"), "kind", "channel", "language", "scope", told=_("Votre demande nous est parvenue")
    ),
    "request.confirmed": _event(_("Boîte aux lettres prouvée"), "means", told=_("Votre adresse est confirmée")),
    "request.joined": _event(
        _("Une seconde demande identique a rejoint celle-ci"),
        "reference",
        told=_("Une demande identique a rejoint celle-ci"),
    ),
    "request.reminded": _event(
        _("Rappel envoyé au lecteur"), "number", told=_("Nous vous avons rappelé de confirmer votre adresse")
    ),
    "request.withdrawn": _event(_("Demande retirée"), "joined_to", told=_("La demande est retirée")),
    "request.expired": _event(
        _("Demande close, la boîte aux lettres n’ayant pas répondu"),
        told=_("La demande est close, faute de confirmation"),
    ),
    "request.scoped": _event(
        _("Portée précisée par le lecteur"), "scope", told=_("Vous avez précisé ce qu’elle concerne")
    ),
    "request.assigned": _event(_("Demande confiée à un agent"), "to"),
    "request.routed": _event(
        _("Demande transmise à la rédaction en chef"), told=_("Elle est transmise à la rédaction en chef")
    ),
    "request.asked": _event(
        _("Question posée au lecteur"), "about", "contestable", told=_("Nous vous avons posé une question")
    ),
    "request.replied": _event(_("Réponse du lecteur enregistrée"), told=_("L’examen de votre demande reprend")),
    "request.unrouted": _event(_("Demande reprise à la rédaction en chef"), told=_("Elle est reprise par nos agents")),
    "request.accepted": _event(_("Demande acceptée"), told=_("Elle est acceptée")),
    "request.refused": _event(_("Demande refusée"), "ground", "advised", told=_("Elle est refusée")),
    "request.extended": _event(_("Délai prolongé"), "ground", "until", told=_("Le délai de réponse est prolongé")),
    "request.approved": _event(
        _("Effacement approuvé par un second agent"),
        "plan",
        "fingerprint",
        told=_("Une seconde personne a approuvé l’effacement"),
    ),
    "request.sent_back": _event(_("Renvoyée à l’examen")),
    "request.plan_changed": _event(
        _("Les données ont changé depuis l’approbation : nouveau plan à approuver"), "fingerprint"
    ),
    "request.returned": _event(_("Revenue à l’examen pendant l’exécution"), "reason"),
    "request.answered": _event(_("Réponse donnée"), "kept", told=_("Elle a reçu sa réponse")),
    "request.viewed": _event(_("Dossier consulté")),
    "request.forgotten": _event(_("Dossier détruit au terme de sa conservation"), "state"),
    "identifier.vouched": _event(_("Identifiant relevé sur un document"), "kind"),
    "identifier.verified": _event(_("Identifiant vérifié"), "kind", "means"),
    "correction.wished": _event(
        _("Correction souhaitée par le lecteur"), "concept", told=_("Vous avez demandé une correction")
    ),
    "correction.decided": _event(
        _("Correction décidée"), "concept", "decision", "ground", told=_("Une correction est décidée")
    ),
    "plan.made": _event(_("Plan d’effacement établi"), "plan", "fingerprint", "erased", "rewritten", "kept"),
    "step.done": _event(_("Étape faite"), "source", "action", "erased", "rewritten", "changed"),
    "step.failed": _event(_("Une étape demande un regard"), "source", "action", "attempts"),
    "step.retried": _event(_("Étape relancée"), "source", "action"),
    "erasure.verified": _event(
        _("Effacement vérifié par une seconde recherche"),
        "remaining",
        "kept",
        told=_("Une seconde recherche a vérifié l’effacement"),
    ),
    "suppression.recorded": _event(
        _("Opposition aux messages enregistrée"), "addresses", told=_("Votre opposition à nos messages est enregistrée")
    ),
    "code.sent": _event(_("Code envoyé au lecteur"), "purpose"),
    "code.used": _event(_("Code accepté"), "purpose"),
    "code.failed": _event(_("Code refusé"), "purpose"),
    "package.sealed": _event(
        _("Paquet scellé"), "digest", "size", "omissions", told=_("Votre copie est composée et scellée")
    ),
    "package.downloaded": _event(_("Paquet téléchargé"), "digest", told=_("Votre copie a été remise contre un code")),
    "package.printed": _event(
        _("Paquet ouvert par un agent pour l’envoi postal"), "digest", told=_("Votre copie est préparée pour la poste")
    ),
    "package.destroyed": _event(_("Paquet détruit"), "digest", told=_("Votre copie est détruite")),
    "notice.sent": _event(_("Courrier parti"), "letter", "by_post", "posted_on"),
    "notice.retried": _event(_("Courrier renvoyé"), "letter"),
    "notice.failed": _event(_("Un courrier demande un regard"), "letter", "attempts"),
    "desk.searched": _event(_("Recherche faite dans les demandes"), "results"),
    "log.viewed": _event(_("Journal consulté")),
}

TOLD = frozenset(code for code, event in EVENTS.items() if event.told)
