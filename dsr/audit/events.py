"""Every event of the log: its sentence, and the only facts it may carry."""

from django.utils.translation import gettext_lazy as _

from dsr.audit.event import Event
from dsr.audit.event import event as _event
from dsr.audit.package_events import PACKAGES

EVENTS: dict[str, Event] = {
    **PACKAGES,
    "request.received": _event(
        _("Demande reçue"),
        _("a déposé {subject}"),
        "kind",
        "channel",
        "language",
        "scope",
        told=_("Votre demande nous est parvenue"),
    ),
    "request.confirmed": _event(
        _("Boîte aux lettres prouvée"),
        _("a prouvé sa boîte aux lettres pour {subject}"),
        "means",
        told=_("Votre adresse est confirmée"),
    ),
    "request.joined": _event(
        _("Une seconde demande identique a rejoint celle-ci"),
        _("a joint à {subject} une seconde demande identique"),
        "reference",
        told=_("Une demande identique a rejoint celle-ci"),
    ),
    "request.reminded": _event(
        _("Rappel envoyé au lecteur"),
        _("a rappelé {subject} au lecteur"),
        "number",
        told=_("Nous vous avons rappelé de confirmer votre adresse"),
    ),
    "request.withdrawn": _event(
        _("Demande retirée"), _("a retiré {subject}"), "joined_to", told=_("La demande est retirée")
    ),
    "request.expired": _event(
        _("Demande close, la boîte aux lettres n’ayant pas répondu"),
        _("a clos {subject}, la boîte aux lettres n’ayant pas répondu"),
        told=_("La demande est close, faute de confirmation"),
    ),
    "request.scoped": _event(
        _("Portée précisée par le lecteur"),
        _("a précisé la portée de {subject}"),
        "scope",
        told=_("Vous avez précisé ce qu’elle concerne"),
    ),
    "request.assigned": _event(_("Demande confiée à un agent"), _("a confié {subject}"), "to"),
    "request.routed": _event(
        _("Demande transmise à la rédaction en chef"),
        _("a transmis {subject} à la rédaction en chef"),
        told=_("Elle est transmise à la rédaction en chef"),
    ),
    "request.asked": _event(
        _("Question posée au lecteur"),
        _("a posé une question au lecteur sur {subject}"),
        "about",
        "contestable",
        told=_("Nous vous avons posé une question"),
    ),
    "request.replied": _event(
        _("Réponse du lecteur enregistrée"),
        _("a enregistré la réponse du lecteur sur {subject}"),
        told=_("L’examen de votre demande reprend"),
    ),
    "request.unrouted": _event(
        _("Demande reprise à la rédaction en chef"),
        _("a repris {subject} à la rédaction en chef"),
        told=_("Elle est reprise par nos agents"),
    ),
    "request.accepted": _event(_("Demande acceptée"), _("a accepté {subject}"), told=_("Elle est acceptée")),
    "request.refused": _event(
        _("Demande refusée"), _("a refusé {subject}"), "ground", "advised", told=_("Elle est refusée")
    ),
    "request.extended": _event(
        _("Délai prolongé"),
        _("a prolongé le délai de {subject}"),
        "ground",
        "until",
        told=_("Le délai de réponse est prolongé"),
    ),
    "request.approved": _event(
        _("Effacement approuvé par un second agent"),
        _("a approuvé l’effacement de {subject}"),
        "plan",
        "fingerprint",
        told=_("Une seconde personne a approuvé l’effacement"),
    ),
    "request.sent_back": _event(_("Renvoyée à l’examen"), _("a renvoyé {subject} à l’examen")),
    "request.plan_changed": _event(
        _("Les données ont changé depuis l’approbation : nouveau plan à approuver"),
        _("a constaté que les données de {subject} ont changé depuis l’approbation"),
        "fingerprint",
        "sources",
    ),
    "request.returned": _event(
        _("Revenue à l’examen pendant l’exécution"), _("a ramené {subject} à l’examen pendant l’exécution"), "reason"
    ),
    "request.answered": _event(
        _("Réponse donnée"), _("a répondu à {subject}"), "kept", told=_("Elle a reçu sa réponse")
    ),
    "request.viewed": _event(
        _("Dossier consulté"), _("a consulté {subject}"), looked=_("pour instruire votre demande")
    ),
    "request.forgotten": _event(
        _("Dossier détruit au terme de sa conservation"), _("a détruit {subject} au terme de sa conservation"), "state"
    ),
    "identifier.vouched": _event(
        _("Identifiant relevé sur un document"), _("a relevé un identifiant sur un document pour {subject}"), "kind"
    ),
    "identifier.verified": _event(
        _("Identifiant vérifié"), _("a vérifié un identifiant pour {subject}"), "kind", "means"
    ),
    "correction.wished": _event(
        _("Correction souhaitée par le lecteur"),
        _("a souhaité une correction dans {subject}"),
        "concept",
        told=_("Vous avez demandé une correction"),
    ),
    "correction.decided": _event(
        _("Correction décidée"),
        _("a décidé une correction de {subject}"),
        "concept",
        "decision",
        "ground",
        told=_("Une correction est décidée"),
    ),
    "proof.attached": _event(
        _("Justificatif joint par le lecteur"),
        _("a joint un justificatif à {subject}"),
        "digest",
        "size",
        told=_("Vous avez joint un justificatif"),
    ),
    "proof.seen": _event(
        _("Justificatif consulté"),
        _("a consulté un justificatif de {subject}"),
        "digest",
        told=_("Un agent a consulté votre justificatif"),
    ),
    "proof.destroyed": _event(
        _("Justificatif détruit"),
        _("a détruit un justificatif de {subject}"),
        "digest",
        told=_("Votre justificatif est détruit"),
    ),
    "address.asked": _event(
        _("Confirmation demandée à la nouvelle adresse"),
        _("a demandé à la nouvelle adresse de confirmer {subject}"),
        told=_("Nous avons écrit à la nouvelle adresse pour qu’elle confirme"),
    ),
    "address.confirmed": _event(
        _("Nouvelle adresse confirmée, l’ancienne avertie"),
        _("a confirmé la nouvelle adresse de {subject}"),
        "until",
        told=_("La nouvelle adresse est confirmée, l’ancienne est avertie"),
    ),
    "address.contested": _event(
        _("Nouvelle adresse contestée depuis l’ancienne"),
        _("a contesté depuis l’ancienne boîte la nouvelle adresse de {subject}"),
        told=_("Le changement d’adresse est contesté depuis l’ancienne boîte"),
    ),
    "address.changed": _event(
        _("Nouvelle adresse en vigueur"),
        _("a mis en vigueur la nouvelle adresse de {subject}"),
        told=_("La nouvelle adresse prend effet"),
    ),
    "restriction.laid": _event(
        _("Champs contestés marqués d’une limitation"),
        _("a marqué d’une limitation les champs contestés de {subject}"),
        "contested",
        told=_("L’usage des données contestées est limité le temps de l’examen"),
    ),
    "restriction.lifted": _event(
        _("Limitation levée, le lecteur étant averti"),
        _("a levé la limitation des champs de {subject}"),
        "contested",
        told=_("L’usage des données contestées n’est plus limité"),
    ),
    "plan.made": _event(
        _("Plan d’effacement établi"),
        _("a établi le plan d’effacement de {subject}"),
        "plan",
        "fingerprint",
        "erased",
        "rewritten",
        "kept",
    ),
    "contract.chosen": _event(
        _("Choix du lecteur pour le contrat en cours"),
        _("a choisi ce que devient le contrat en cours dans {subject}"),
        "ending",
        told=_("Vous avez choisi ce que devient votre contrat en cours"),
    ),
    "contract.still_runs": _event(
        _("Le contrat déclaré terminé court encore : l’étape revient à l’agent"),
        _("a constaté que le contrat déclaré terminé dans {subject} court encore"),
    ),
    "step.done": _event(
        _("Étape faite"), _("a fait une étape de {subject}"), "source", "action", "erased", "rewritten", "changed"
    ),
    "step.failed": _event(
        _("Une étape demande un regard"),
        _("a laissé une étape de {subject} qui demande un regard"),
        "source",
        "action",
        "attempts",
    ),
    "step.retried": _event(_("Étape relancée"), _("a relancé une étape de {subject}"), "source", "action"),
    "erasure.verified": _event(
        _("Effacement vérifié par une seconde recherche"),
        _("a vérifié l’effacement de {subject} par une seconde recherche"),
        "remaining",
        "kept",
        told=_("Une seconde recherche a vérifié l’effacement"),
    ),
    "erasure.replayed": _event(
        _("Effacement refait après une restauration"),
        _("a refait après une restauration l’effacement de {subject}"),
        "reference",
        "erased",
        "rewritten",
        "kept",
        told=_("Une sauvegarde restaurée, vos données ont été effacées à nouveau"),
    ),
    "erasure.interrupted": _event(
        _("Effacement commencé avant une restauration, et jamais fini"),
        _("a constaté qu’un effacement commencé avant une restauration n’a jamais fini"),
        "reference",
    ),
    "restore.noticed": _event(
        _("La base est plus ancienne que ce qui est gardé hors d’elle"),
        _("a constaté que la base est plus ancienne que ce qui est gardé hors d’elle"),
        "sign",
    ),
    "restore.replayed": _event(
        _("Registre des effacements rejoué"),
        _("a rejoué le registre des effacements"),
        "replayed",
        "left",
        "suppressions",
        "checkpoints",
    ),
    "ledger.compared": _event(
        _("Registre des effacements comparé à toutes les sources"),
        _("a comparé le registre des effacements à toutes les sources"),
        "records",
        "returned",
    ),
    "ledger.forgotten": _event(
        _("Clé et effacements d’un mois détruits, sa dernière sauvegarde ayant expiré"),
        _("a détruit la clé et les effacements d’un mois, sa dernière sauvegarde ayant expiré"),
        "epoch",
        "records",
    ),
    "resurgence.settled": _event(
        _("Effacement à reprendre réglé"), _("a réglé un effacement à reprendre"), "reference", "why"
    ),
    "recipient.listed": _event(
        _("Destinataire à prévenir"), _("a relevé un destinataire à prévenir pour {subject}"), "recipient"
    ),
    "recipient.told": _event(
        _("Destinataire prévenu"),
        _("a prévenu un destinataire des données de {subject}"),
        "recipient",
        "by_hand",
        "on",
        told=_("Un destinataire de vos données est prévenu"),
    ),
    "recipient.impossible": _event(
        _("Destinataire impossible à prévenir"),
        _("a dit pourquoi un destinataire des données de {subject} ne peut pas être prévenu"),
        "recipient",
        "ground",
        told=_("Un destinataire de vos données n’a pas pu être prévenu"),
    ),
    "recipient.replied": _event(
        _("Réponse d’un destinataire"),
        _("a noté la réponse d’un destinataire des données de {subject}"),
        "recipient",
        "on",
    ),
    "erasure.searched": _event(
        _("Anciennes valeurs recherchées partout"),
        _("a recherché partout les anciennes valeurs de {subject}"),
        *("tables", "mentions", "remaining"),
        told=_("Vos anciennes coordonnées ont été recherchées dans toutes nos tables"),
    ),
    "mention.decided": _event(
        _("Mentions décidées"), _("a décidé de mentions pour {subject}"), "source", "decision", "reason", "count"
    ),
    "certificate.made": _event(
        _("Certificat d’effacement établi"),
        _("a établi le certificat d’effacement de {subject}"),
        "digest",
        told=_("Le certificat de l’effacement est établi"),
    ),
    "kept.purged": _event(
        _("Conservation arrivée à son terme : effacé"),
        _("a effacé ce que {subject} gardait et dont le motif a pris fin"),
        "erased",
        "rewritten",
        "kept",
        told=_("Ce que la loi faisait garder est arrivé à son terme et a été effacé"),
    ),
    "suppression.recorded": _event(
        _("Opposition aux messages enregistrée"),
        _("a enregistré l’opposition aux messages de {subject}"),
        "addresses",
        told=_("Votre opposition à nos messages est enregistrée"),
    ),
    "suppression.lifted": _event(
        _("Opposition levée par une nouvelle inscription"), _("a levé une opposition aux messages"), "consented_on"
    ),
    "suppression.consulted": _event(
        _("Liste d’opposition interrogée"), _("a interrogé la liste d’opposition"), "addresses", "results"
    ),
    "code.sent": _event(_("Code envoyé au lecteur"), _("a envoyé un code pour {subject}"), "purpose"),
    "code.used": _event(_("Code accepté"), _("a donné le bon code pour {subject}"), "purpose"),
    "code.failed": _event(_("Code refusé"), _("a donné un code refusé pour {subject}"), "purpose"),
    "passage.listed": _event(
        _("Textes libres parcourus : des passages sont à examiner"),
        _("a parcouru les textes libres de {subject}"),
        "passages",
        "undecided",
    ),
    "passage.marked": _event(
        _("Passage désigné pour être masqué"),
        _("a désigné un passage à masquer dans {subject}"),
        "source",
        looked=_("pour y masquer ce qui est à d’autres personnes"),
    ),
    "passage.decided": _event(
        _("Passages masqués ou laissés"),
        _("a décidé de passages de {subject}"),
        "decision",
        "passages",
        looked=_("pour y masquer ce qui est à d’autres personnes"),
    ),
    "notice.sent": _event(
        _("Courrier parti"), _("a envoyé un courrier de {subject}"), "letter", "by_post", "posted_on", "days_late"
    ),
    "notice.retried": _event(_("Courrier renvoyé"), _("a renvoyé un courrier de {subject}"), "letter"),
    "notice.failed": _event(
        _("Un courrier demande un regard"),
        _("a laissé un courrier de {subject} qui demande un regard"),
        "letter",
        "attempts",
    ),
    "desk.searched": _event(
        _("Recherche faite dans les demandes"), _("a fait une recherche dans les demandes"), "results"
    ),
    "log.viewed": _event(_("Journal consulté"), _("a consulté le journal")),
    "log.verified": _event(_("Journal vérifié en entier"), _("a vérifié le journal en entier"), "entries", "problems"),
    "checkpoint.mailed": _event(
        _("Point de contrôle envoyé au délégué"), _("a envoyé un point de contrôle au délégué"), "entries"
    ),
    "review.opened": _event(_("Relecture ouverte"), _("a ouvert la relecture {subject}"), "start", "end", "findings"),
    "review.marked": _event(_("Constat apprécié"), _("a apprécié un constat de {subject}"), "rule", "finding", "mark"),
    "review.signed": _event(
        _("Relecture signée"), _("a signé la relecture {subject}"), "start", "end", "root", "explained", "follow_up"
    ),
    "settings.changed": _event(_("Réglage changé"), _("a constaté un réglage changé"), "setting"),
    "staff.added": _event(_("Membre de l’équipe ajouté"), _("a ajouté un membre de l’équipe"), "member", "groups"),
    "staff.changed": _event(
        _("Membre de l’équipe modifié"), _("a modifié un membre de l’équipe"), "member", "fields", "groups"
    ),
    "staff.disarmed": _event(
        _("Second facteur retiré"), _("a retiré le second facteur d’un membre de l’équipe"), "member"
    ),
    "group.changed": _event(_("Groupe modifié"), _("a modifié un groupe"), "group", "fields", "permissions"),
    "group.removed": _event(_("Groupe supprimé"), _("a supprimé un groupe"), "group"),
}

TOLD = frozenset(code for code, event in EVENTS.items() if event.told)
LOOKED = frozenset(code for code, event in EVENTS.items() if event.looked)
