"""The newspaper's register of processing (GDPR Art. 30), as far as it is about readers; every recipient is invented."""

from django.utils.translation import gettext_lazy as _

from dsr.sources.activities import Activity, Recipient

OURSELVES = _("C’est le journal lui-même, qui travaille sur les données corrigées ou effacées.")
IN_OUR_TOOLS = _("Ce sous-traitant travaille dans nos outils : sa copie est la nôtre, corrigée ou effacée avec elle.")

HOST = Recipient("hebergeur", _("Hébergement Exemple SAS, qui héberge le site et ses bases"), not_told=IN_OUR_TOOLS)
READERS_DESK = Recipient("service-lecteurs", _("le service des lecteurs du journal"), not_told=OURSELVES)

ACCOUNTS = Activity(
    code="comptes",
    name=_("Espace lecteur"),
    purpose=_("Vous ouvrir un compte, vous y reconnaître et vous en donner les services."),
    legal_basis=_("Le contrat : les conditions d’utilisation que vous avez acceptées (RGPD, article 6.1.b)."),
    categories=_("Identité, coordonnées, date de naissance, pseudonyme, dates de connexion, adresse IP."),
    recipients=(READERS_DESK, HOST),
    retention=_("Tant que le compte est ouvert, puis ce que la loi impose de garder d’un auteur de commentaires."),
    origin=_("Vous-même, à l’ouverture du compte et dans votre espace ; votre navigateur pour l’adresse IP."),
)

BILLING = Activity(
    code="abonnements",
    name=_("Abonnements et facturation"),
    purpose=_("Servir votre abonnement, l’encaisser, le facturer et tenir notre comptabilité."),
    legal_basis=_("Le contrat d’abonnement (RGPD, article 6.1.b) et nos obligations comptables et fiscales (6.1.c)."),
    categories=_("Identité, adresses de livraison et de facturation, offre, montants, mandat, carte tronquée."),
    recipients=(
        Recipient("service-abonnements", _("le service des abonnements du journal"), not_told=OURSELVES),
        Recipient(
            "banque",
            _("Banque Exemple SA, qui encaisse les paiements"),
            email="donnees.personnelles@banque.example.org",
        ),
        Recipient(
            "portage",
            _("Portage Exemple SARL, qui livre le journal imprimé"),
            by_hand=_("Ouvrez l’extranet du porteur, corrigez ou retirez l’abonné, et gardez la date du bordereau."),
        ),
        Recipient(
            "expert-comptable", _("Cabinet Exemple, notre expert-comptable"), email="cabinet@comptable.example.org"
        ),
        HOST,
    ),
    retention=_(
        "Le contrat : cinq ans après sa fin, dix s’il a été conclu en ligne pour 120 € ou plus. Les factures : dix ans "
        "après la clôture de l’exercice. Le numéro de carte tronqué : treize mois après le débit."
    ),
    origin=_("Vous-même, à la souscription ; notre banque pour les paiements."),
)

LETTERS = Activity(
    code="lettres",
    name=_("Lettres d’information et messages"),
    purpose=_("Vous envoyer les lettres que vous avez choisies et, si vous l’avez accepté, d’autres messages."),
    legal_basis=_("Votre consentement, que vous pouvez retirer à tout moment (RGPD, article 6.1.a)."),
    categories=_("Adresse électronique, listes choisies, dates d’inscription et d’ouverture, choix exprimés."),
    recipients=(
        Recipient("service-lettres", _("le service des lettres du journal"), not_told=OURSELVES),
        Recipient("routage", _("Routage Exemple SAS, qui achemine les courriels"), not_told=IN_OUR_TOOLS),
        HOST,
    ),
    retention=_("Jusqu’à votre désinscription ; la preuve d’un consentement, cinq ans après son retrait."),
    origin=_("Vous-même, à l’inscription ; l’ouverture d’une lettre est mesurée par une image qu’elle contient."),
)

COMMUNITY = Activity(
    code="commentaires",
    name=_("Commentaires et modération"),
    purpose=_("Publier vos commentaires, les modérer et traiter les signalements."),
    legal_basis=_("Notre intérêt légitime à un débat ouvert et paisible (RGPD, article 6.1.f)."),
    categories=_("Signature, adresse électronique, adresse IP, navigateur, textes, décisions des modérateurs."),
    recipients=(
        Recipient("moderateurs", _("les modérateurs du journal"), not_told=OURSELVES),
        Recipient("moderation", _("Modération Exemple SARL, qui modère la nuit et le week-end"), not_told=IN_OUR_TOOLS),
        Recipient(
            "public",
            _("le public, pour la signature et le texte publiés"),
            not_told=_("Le public ne peut pas être prévenu un par un ; la page publiée est corrigée ou vidée."),
        ),
        HOST,
    ),
    retention=_("Tant que l’article est en ligne, ou jusqu’à votre demande d’effacement."),
    origin=_("Vous-même ; les lecteurs qui signalent un commentaire ; nos modérateurs."),
    automated_decisions=_("Un filtre met de côté les commentaires indésirables ; un modérateur peut les rétablir."),
)

AUDIENCE = Activity(
    code="lecture",
    name=_("Mesure de lecture"),
    purpose=_("Savoir quels articles sont lus, retrouver vos lectures et vous en recommander d’autres."),
    legal_basis=_("Notre intérêt légitime à connaître l’audience de nos articles (RGPD, article 6.1.f)."),
    categories=_("Articles ouverts pendant que vous étiez connecté, date et durée de lecture."),
    recipients=(
        Recipient("redaction", _("la rédaction du journal, sous forme de totaux"), not_told=OURSELVES),
        HOST,
    ),
    retention=_("Treize mois après la lecture."),
    origin=_("Votre navigation sur le site pendant que vous êtes connecté."),
)

SUPPORT = Activity(
    code="assistance",
    name=_("Assistance aux lecteurs"),
    purpose=_("Répondre à vos messages et résoudre vos difficultés."),
    legal_basis=_("Le contrat, ou notre intérêt légitime à vous répondre (RGPD, article 6.1.b et 6.1.f)."),
    categories=_("Identité, coordonnées, adresse IP, messages, pièces jointes, réponses."),
    recipients=(
        READERS_DESK,
        Recipient("accueil", _("Accueil Exemple SAS, qui répond au téléphone"), not_told=IN_OUR_TOOLS),
        HOST,
    ),
    retention=_("Trois ans après le dernier échange."),
    origin=_("Vous-même, par le formulaire ou par courriel."),
)
