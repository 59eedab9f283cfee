"""One request as its reader is given it, in words."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dsr import grounds
from dsr.models.address import AddressChange
from dsr.models.correction import Correction
from dsr.models.erasure import Kept
from dsr.models.identity import Identifier, Question
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.proof import Proof
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.sources import registry
from dsr.sources.activities import Text
from dsr.sources.past_columns import WRITTEN

KINDS: Final[dict[str, Text]] = {
    "email": _("adresse électronique"),
    "account": _("numéro de compte"),
    "subscriber": _("numéro d’abonné"),
}

Beside = Mapping[str, Sequence[Any]]  # what belongs to a request, the oldest first, by the names of ``past_reading``

_SECRET = re.compile("⟦[^⟧]*⟧")


def record(data_request: DataRequest, beside: Beside) -> dict[str, Any]:
    """The request under the names of the columns."""
    parts = {name: part(beside) for name, part in _PARTS.items()}
    return {**_what(data_request), **_course(data_request), **parts}


def written(data_request: DataRequest, beside: Beside) -> Iterator[tuple[str, str]]:
    """What stands in the columns of ``WRITTEN``: the path to each text, and the text."""
    lists = {column.partition(".")[0] for column in WRITTEN if "." in column}
    said = _what(data_request) | _course(data_request) | {name: _PARTS[name](beside) for name in lists}
    for column in WRITTEN:
        name, _dot, member = column.partition(".")
        if member:
            yield from ((f"{name}.{number}.{member}", row[member]) for number, row in enumerate(said[name]))
        else:
            yield name, said[name]


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
        "ending": data_request.get_ending_display() if data_request.ending else "",
        "minor": data_request.minor,
    }


def _course(data_request: DataRequest) -> dict[str, Any]:
    """What became of it, and when."""
    refusal, extension = data_request.refusal_ground, data_request.extension_ground
    return {
        "received_at": _instant(data_request.received_at),
        "entered_at": _instant(data_request.entered_at),
        "confirmed_at": _instant(data_request.confirmed_at),
        "due_on": _day(data_request.due_on),
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
    return ", ".join(sorted(_part(name, rows) for name, rows in scope.items()))


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
        "granted_value": correction.granted_value,
        "reason": correction.reason,
        "refusal": str(grounds.refusing(correction.ground).sentence) if correction.ground else "",
    }


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "content_type": proof.content_type,
        "size": proof.size,
        "received_at": _instant(proof.sealed_at),
        "destroyed_at": _instant(proof.destroyed_at),
    }


def _address_change(change: AddressChange) -> dict[str, Any]:
    instants = ("asked_at", "confirmed_at", "effective_at", "objected_at", "done_at")
    return {"address": change.address} | {name: _instant(getattr(change, name)) for name in instants}


def _recipient(told: RecipientNotice) -> dict[str, Any]:
    return {
        "who": str(registry.recipients().get(told.recipient, told.recipient)),
        "told_on": _day(told.told_on),
        "untold": told.get_untold_display(),
        "replied_on": _day(told.replied_on),
        "reply": told.reply,
    }


def _kept(kept: Kept) -> dict[str, Any]:
    return {
        "what": _label(kept.source),
        "rows": kept.rows,
        "because": str(grounds.keeping(kept.ground).reference),
        "until": _day(kept.until),
    }


def _package(package: Package) -> dict[str, Any]:
    return {
        "sealed_at": _instant(package.sealed_at),
        "size": package.size,
        "expires_at": _instant(package.expires_at),
        "destroyed_at": _instant(package.destroyed_at),
    }


def _to_the_reader(beside: Beside) -> list[Notice]:
    """The letters without those to recipients, of whom it is told apart."""
    to_others = {told.letter_id for told in beside["recipients"]}
    return [notice for notice in beside["notices"] if notice.pk not in to_others]


def _letter(notice: Notice) -> dict[str, Any]:
    """A letter as it was kept: the places of its secrets say so."""
    return {
        "subject": notice.subject,
        "to": notice.to or notice.data_request.postal_address,
        "written_at": _instant(notice.created_at),
        "sent_at": _instant(notice.sent_at),
        "text": _SECRET.sub("…", notice.text),
    }


_PARTS: Final[dict[str, Callable[[Beside], list[dict[str, Any]]]]] = {
    "identifiers": lambda beside: [_identifier(each) for each in beside["identifiers"] if each.verified_at],
    "questions": lambda beside: [_question(each) for each in beside["questions"]],
    "corrections": lambda beside: [_correction(each) for each in beside["corrections"]],
    "proofs": lambda beside: [_proof(each) for each in beside["proofs"]],
    "address_change": lambda beside: [_address_change(each) for each in beside["address_change"]],
    "recipients": lambda beside: [_recipient(each) for each in beside["recipients"]],
    "kept": lambda beside: [_kept(each) for each in beside["kept"]],
    "packages": lambda beside: [_package(each) for each in beside["packages"]],
    "letters": lambda beside: [_letter(each) for each in _to_the_reader(beside)],
}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _instant(at: datetime | None) -> str | None:
    """An instant as all sources write it: UTC, six digits of microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None
