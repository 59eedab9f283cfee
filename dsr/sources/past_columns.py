"""What a reader is told of a request, under which headings, and what is left out and why."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from dsr.sources.activities import Text
from dsr.sources.base import Column

COLUMNS: Final = (
    Column("reference", _("Référence")),
    Column("kind", _("Objet")),
    Column("state", _("État")),
    Column("channel", _("Reçue par")),
    Column("language", _("Langue")),
    Column("email", _("Adresse électronique")),
    Column("postal_address", _("Adresse postale")),
    Column("message", _("Votre message")),
    Column("scope", _("Ce qu’elle concerne")),
    Column("about_article", _("Article concerné")),
    Column("ending", _("Votre choix pour un contrat en cours")),
    Column("minor", _("Mineur lors de la collecte")),
    Column("received_at", _("Reçue le")),
    Column("entered_at", _("Enregistrée le")),
    Column("confirmed_at", _("Confirmée le")),
    Column("due_on", _("Réponse due le")),
    Column("extended_at", _("Délai prolongé le")),
    Column("extension", _("Motif de la prolongation")),
    Column("decided_at", _("Décidée le")),
    Column("refusal", _("Motif du refus")),
    Column("dpo_advice", _("Avis du délégué à la protection des données")),
    Column("reply", _("Notre réponse")),
    Column("closed_at", _("Close le")),
    Column("answer_sent_at", _("Réponse partie le")),
    Column(
        "identifiers",
        _("À quoi nous vous avons reconnu"),
        (
            Column("kind", _("Nature")),
            Column("value", _("Valeur")),
            Column("means", _("Vérifiée par")),
            Column("verified_at", _("Vérifiée le")),
        ),
    ),
    Column(
        "questions",
        _("Questions que nous vous avons posées"),
        (
            Column("about", _("Sur")),
            Column("reason", _("Question")),
            Column("asked_at", _("Posée le")),
            Column("answer", _("Réponse")),
            Column("answered_at", _("Répondue le")),
        ),
    ),
    Column(
        "corrections",
        _("Corrections souhaitées"),
        (
            Column("what", _("Donnée")),
            Column("old_value", _("Valeur que vous avez vue")),
            Column("new_value", _("Valeur souhaitée")),
            Column("explanation", _("Explication")),
            Column("decision", _("Décision")),
            Column("granted_value", _("Valeur retenue")),
            Column("reason", _("Raison")),
            Column("refusal", _("Motif du refus")),
        ),
    ),
    Column(
        "proofs",
        _("Justificatifs que vous avez joints"),
        (
            Column("content_type", _("Type de fichier")),
            Column("size", _("Taille en octets")),
            Column("received_at", _("Reçu le")),
            Column("destroyed_at", _("Détruit le")),
        ),
    ),
    Column(
        "address_change",
        _("Changement d’adresse électronique"),
        (
            Column("address", _("Nouvelle adresse")),
            Column("asked_at", _("Demandé le")),
            Column("confirmed_at", _("Confirmé le")),
            Column("effective_at", _("Prend effet le")),
            Column("objected_at", _("Contesté le")),
            Column("done_at", _("Fait le")),
        ),
    ),
    Column(
        "recipients",
        _("Destinataires prévenus"),
        (
            Column("who", _("Destinataire")),
            Column("told_on", _("Prévenu le")),
            Column("untold", _("Pourquoi il n’a pas été prévenu")),
            Column("replied_on", _("Sa réponse du")),
            Column("reply", _("Sa réponse")),
        ),
    ),
    Column(
        "kept",
        _("Ce qu’un effacement a laissé"),
        (
            Column("what", _("Catégorie")),
            Column("rows", _("Enregistrements")),
            Column("because", _("En application de")),
            Column("until", _("Jusqu’au")),
        ),
    ),
    Column(
        "packages",
        _("Copies de vos données"),
        (
            Column("sealed_at", _("Composée le")),
            Column("size", _("Taille en octets")),
            Column("expires_at", _("Expire le")),
            Column("destroyed_at", _("Détruite le")),
        ),
    ),
    Column(
        "letters",
        _("Courriers que nous vous avons envoyés"),
        (
            Column("subject", _("Objet")),
            Column("to", _("Envoyé à")),
            Column("written_at", _("Écrit le")),
            Column("sent_at", _("Parti le")),
            Column("text", _("Texte")),
        ),
    ),
)

# Where somebody wrote in their own words, or an address that nobody has proven to be the reader's.
WRITTEN: Final = (
    "email",
    "postal_address",
    "message",
    "about_article",
    "dpo_advice",
    "reply",
    "questions.reason",
    "questions.answer",
    "corrections.old_value",
    "corrections.new_value",
    "corrections.explanation",
    "corrections.granted_value",
    "corrections.reason",
    "address_change.address",
    "recipients.reply",
    "letters.subject",
    "letters.to",
    "letters.text",
)

WITHHELD: Final[tuple[tuple[Text, Text], ...]] = (
    (
        _("Qui a suivi vos demandes"),
        _("Ce sont les données d’autres personnes : la lettre de cette archive dit leur fonction."),
    ),
    (
        _("Les justificatifs que vous avez joints à une correction"),
        _("Vous en avez l’original : les nôtres servent à décider, et sont détruits dès que c’est fait."),
    ),
    (
        _("Les codes et les liens qui ouvrent vos demandes"),
        _("Nous n’en gardons que des empreintes, et leur place est vide dans les courriers : ils ouvriraient tout."),
    ),
)


def written() -> dict[str, Text]:
    """The columns of ``WRITTEN`` with their headings; a member's after that of its list."""
    headings: dict[str, Text] = {column.name: column.label for column in COLUMNS}
    for each in COLUMNS:
        headings |= {f"{each.name}.{member.name}": f"{each.label}, {member.label}" for member in each.columns}
    return {name: headings[name] for name in WRITTEN}
