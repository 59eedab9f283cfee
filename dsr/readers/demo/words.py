"""The sentences of the invented newspaper: titles, comments, letters to the support desk, moderators' notes."""

import random

SUBJECTS = (
    "la halle rouvre après trois ans de travaux",
    "le tramway attendra encore",
    "les maraîchers manquent d’eau",
    "la bibliothèque étend ses horaires",
    "un pont fermé, deux quartiers séparés",
    "les loyers montent plus vite que les salaires",
    "la rentrée sans surprise des collèges",
    "le festival cherche un second souffle",
    "l’hôpital ferme vingt lits cet été",
    "une coopérative reprend l’imprimerie",
    "les pistes cyclables divisent le conseil",
    "le stade change de nom, pas de pelouse",
    "la rivière sous surveillance",
    "les cantines passent au circuit court",
    "le budget voté dans la nuit",
    "un cinéma sauvé par ses spectateurs",
)
OPENINGS = (
    "Merci pour cet article.",
    "Je ne partage pas du tout cette analyse.",
    "Enfin quelqu’un qui le dit.",
    "J’habite le quartier depuis vingt ans.",
    "Une précision s’impose.",
    "Bravo à la rédaction !",
    "C’est un peu court.",
    "J’y étais hier soir.",
    "Encore une promesse.",
    "On nous avait dit la même chose il y a cinq ans.",
    "Question sincère.",
    "Lecteur fidèle, je suis déçu.",
)
MIDDLES = (
    "Les chiffres cités ne tiennent pas compte des communes voisines.",
    "Personne n’a demandé l’avis des habitants.",
    "Le vrai sujet, c’est le prix de l’énergie.",
    "Il suffisait de regarder ce qui se fait ailleurs.",
    "Ma fille y travaille et confirme chaque ligne.",
    "Le maire avait pourtant signé.",
    "Il manque le point de vue des commerçants.",
    "Les bus passent toutes les quarante minutes, quand ils passent.",
    "Cela fait vivre trente familles.",
    "Le rapport complet est public, lisez-le.",
    "On mélange deux affaires qui n’ont rien à voir.",
    "La photo date d’avant les travaux.",
)
ENDINGS = (
    "À suivre.",
    "Bonne journée à tous.",
    "Qu’en pensent les autres lecteurs ?",
    "J’attends la suite avec impatience.",
    "Et après, on s’étonne.",
    "Tout est dit.",
    "Cordialement.",
    "",
    "",
)
SPAM = (
    "Montres et sacs à petit prix sur https://example.com/promo",
    "J’ai gagné 3 000 € par semaine sans quitter mon salon, écrivez-moi.",
    "Crédit rapide, sans justificatif : https://example.net/credit",
)
SUPPORT = (
    ("Changement d’adresse", "Bonjour, j’ai déménagé. Voici le justificatif demandé."),
    ("Journal non reçu", "Le journal n’est pas arrivé samedi ni dimanche. Pouvez-vous prolonger l’abonnement ?"),
    ("Double prélèvement", "J’ai été débité deux fois ce mois-ci, relevé joint."),
    ("Mot de passe", "Je n’arrive plus à me connecter depuis mon nouveau téléphone."),
    ("Résiliation", "Je souhaite mettre fin à mon abonnement à l’échéance."),
)
ANSWERS = (
    "Bonjour, c’est chose faite. Merci de votre patience.",
    "Bonjour, votre abonnement a été prolongé d’une semaine.",
    "",
)
NOTES = (
    "Ton vif mais argumenté, rien à retirer.",
    "Deuxième avertissement envoyé.",
    "Attaque personnelle retirée après signalement.",
    "Compte à surveiller pendant un mois.",
)
REPORTS = ("Ce message m’insulte.", "Il donne l’adresse de mon voisin.", "Encore de la publicité.", "")
WORDINGS = {
    "partners": "J’accepte de recevoir les messages des partenaires du journal.",
    "advertising": "J’accepte une publicité choisie d’après mes lectures.",
    "audience": "J’accepte la mesure d’audience.",
    "recommendations": "J’accepte que le journal me recommande des articles.",
}
LISTS = ("La matinale", "Le récit du samedi", "Cuisine de saison", "Alerte info")


def article(dice: random.Random, towns: list[tuple[str, str]]) -> tuple[str, str]:
    """An article's address and title."""
    subject, (postcode, town) = dice.randrange(len(SUBJECTS)), dice.choice(towns)
    return f"https://journal.example.org/{postcode}/{subject + 1}", f"À {town}, {SUBJECTS[subject]}"


def comment(dice: random.Random) -> str:
    """One to three sentences, some in HTML as WordPress stores them."""
    sentences = [dice.choice(OPENINGS), *dice.sample(MIDDLES, dice.randrange(1, 3)), dice.choice(ENDINGS)]
    if dice.randrange(10) == 0:
        sentences[1] = f"<em>{sentences[1]}</em>"
    return " ".join(filter(None, sentences))
