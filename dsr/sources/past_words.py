"""One request as its reader is given it, in words: its columns, its record, what is left out and why."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dsr import grounds
from dsr.models.correction import Correction
from dsr.models.erasure import Kept
from dsr.models.identity import Identifier, Question
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.request import DataRequest
from dsr.sources import registry
from dsr.sources.activities import Text
from dsr.sources.base import Column

BESIDE: Final = ("identifiers", "questions", "corrections", "kept", "packages", "notices")

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
            Column("refusal", _("Motif du refus")),
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

WITHHELD: Final[tuple[tuple[Text, Text], ...]] = (
    (
        _("Qui a suivi vos demandes"),
        _("Ce sont les données d’autres personnes : la lettre de cette archive dit leur fonction."),
    ),
    (
        _("Les codes et les liens qui ouvrent vos demandes"),
        _("Nous n’en gardons que des empreintes, et leur place est vide dans les courriers : ils ouvriraient tout."),
    ),
)

KINDS: Final[dict[str, Text]] = {
    "email": _("adresse électronique"),
    "account": _("numéro de compte"),
    "subscriber": _("numéro d’abonné"),
}

_SECRET = re.compile("⟦[a-z]+⟧")


def record(data_request: DataRequest) -> dict[str, Any]:
    """The request under the names of the columns; what ``BESIDE`` names was read with it."""
    return {
        **_what(data_request),
        **_course(data_request),
        "identifiers": [_identifier(each) for each in _in_order(data_request.identifiers.all()) if each.verified_at],
        "questions": [_question(each) for each in _in_order(data_request.questions.all())],
        "corrections": [_correction(each) for each in _in_order(data_request.corrections.all())],
        "kept": [_kept(each) for each in _in_order(data_request.kept.all())],
        "packages": [_package(each) for each in _in_order(data_request.packages.all())],
        "letters": [_letter(each) for each in _in_order(data_request.notices.all())],
    }


def _what(data_request: DataRequest) -> dict[str, Any]:
    """What was asked, by whom."""
    return {
        "reference": data_request.reference,
        "kind": data_request.get_kind_display(),
        "state": data_request.get_state_display(),
        "channel": data_request.get_channel_display(),
        "language": data_request.get_language_display(),
        "email": data_request.email,
        "postal_address": data_request.postal_address,
        "message": data_request.message,
        "scope": _scope(data_request.scope),
        "about_article": data_request.about_article,
        "minor": data_request.minor,
    }


def _course(data_request: DataRequest) -> dict[str, Any]:
    """What became of it, and when."""
    refusal, extension = data_request.refusal_ground, data_request.extension_ground
    return {
        "received_at": _instant(data_request.received_at),
        "entered_at": _instant(data_request.entered_at),
        "confirmed_at": _instant(data_request.confirmed_at),
        "due_on": data_request.due_on and data_request.due_on.isoformat(),
        "extended_at": _instant(data_request.extended_at),
        "extension": str(grounds.extending(extension).sentence) if extension else "",
        "decided_at": _instant(data_request.decided_at),
        "refusal": str(grounds.refusing(refusal).sentence) if refusal else "",
        "dpo_advice": data_request.dpo_advice,
        "reply": data_request.reply,
        "closed_at": _instant(data_request.closed_at),
        "answer_sent_at": _instant(data_request.answer_sent_at),
    }


def _scope(scope: dict[str, Any]) -> str:
    if not scope:
        return str(_("toutes vos données"))
    return ", ".join(_part(name, rows) for name, rows in scope.items())


def _part(name: str, rows: Any) -> str:
    """A source in words, with how many of its rows were ticked."""
    label = _label(name)
    if not isinstance(rows, list):
        return label
    count = ngettext("%(count)s enregistrement", "%(count)s enregistrements", len(rows)) % {"count": len(rows)}
    return f"{label} ({count})"


def _label(name: str) -> str:
    """The words of a source; its name once the newspaper has removed it from its settings."""
    return next((str(source.label) for source in registry.sources() if source.name == name), name)


def _identifier(identifier: Identifier) -> dict[str, Any]:
    return {
        "kind": str(KINDS.get(identifier.kind, identifier.kind)),
        "value": identifier.value,
        "means": identifier.get_verified_by_display(),
        "verified_at": _instant(identifier.verified_at),
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "about": question.get_about_display(),
        "reason": question.reason,
        "asked_at": _instant(question.asked_at),
        "answer": question.answer,
        "answered_at": _instant(question.answered_at),
    }


def _correction(correction: Correction) -> dict[str, Any]:
    return {
        "what": str(registry.labels().get(correction.concept, correction.concept)),
        "old_value": correction.old_value,
        "new_value": correction.new_value,
        "explanation": correction.explanation,
        "decision": correction.get_decision_display(),
        "refusal": str(grounds.refusing(correction.ground).sentence) if correction.ground else "",
    }


def _kept(kept: Kept) -> dict[str, Any]:
    return {
        "what": _label(kept.source),
        "rows": kept.rows,
        "because": str(grounds.keeping(kept.ground).reference),
        "until": kept.until and kept.until.isoformat(),
    }


def _package(package: Package) -> dict[str, Any]:
    return {
        "sealed_at": _instant(package.sealed_at),
        "size": package.size,
        "expires_at": _instant(package.expires_at),
        "destroyed_at": _instant(package.destroyed_at),
    }


def _letter(notice: Notice) -> dict[str, Any]:
    """A letter as it was kept: the places of its secrets say so."""
    return {
        "subject": notice.subject,
        "to": notice.to or notice.data_request.postal_address,
        "written_at": _instant(notice.created_at),
        "sent_at": _instant(notice.sent_at),
        "text": _SECRET.sub("…", notice.text),
    }


def _in_order(rows: Sequence[Model] | Any) -> list[Any]:
    """The oldest first, without asking the database again."""
    return sorted(rows, key=lambda row: row.pk)


def _instant(at: datetime | None) -> str | None:
    """An instant as all sources write it: UTC, six digits of microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None
