"""Every error of the API as RFC 9457 ``application/problem+json``: the table, and how an exception becomes one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.functional import Promise
from django.utils.log import log_response
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from dsr.permissions import Refusal

MEDIA_TYPE = "application/problem+json"
READING = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Problem:
    """The HTTP status of a refusal, its title, and the field of the body it is about."""

    status: int
    title: str | Promise
    field: str = ""


# Each ``code`` a domain refusal may carry.
REFUSALS: dict[str, Problem] = {
    "refused": Problem(409, _("Action impossible")),
    "denied": Problem(403, _("Droit insuffisant")),
    "no-second-factor": Problem(403, _("Double authentification absente")),
    "wrong-code": Problem(400, _("Code refusé"), "code"),
    "undeliverable-address": Problem(400, _("Adresse impossible"), "email"),
    "no-way-to-answer": Problem(400, _("Adresse manquante"), "email"),
    "received-in-the-future": Problem(400, _("Date impossible"), "received_at"),
    "unknown-source": Problem(400, _("Source inconnue"), "scope"),
    "not-correctable": Problem(400, _("Correction impossible"), "wishes"),
    "unacceptable-value": Problem(400, _("Valeur impossible"), "wishes"),
    "stale-value": Problem(409, _("Valeur changée entre-temps"), "wishes"),
    "no-reason": Problem(400, _("Texte manquant")),
    "already-settled": Problem(409, _("Action impossible")),
    "erased-by-machine": Problem(409, _("Action impossible")),
    "no-mention": Problem(409, _("Action impossible")),
    "mention-changed": Problem(409, _("Action impossible")),
    "no-reason-to-leave": Problem(400, _("Texte manquant")),
    "unmaskable": Problem(409, _("Action impossible")),
    "no-ground": Problem(400, _("Motif inconnu"), "because"),
    "no-advice": Problem(400, _("Avis manquant"), "advice"),
    "unknown-identifier": Problem(400, _("Identifiant inconnu"), "kind"),
    "wrong-posting-day": Problem(400, _("Date impossible"), "on"),
    "wrong-day": Problem(400, _("Date impossible"), "on"),
    "no-explanation": Problem(400, _("Précision manquante"), "explanation"),
    "upload-too-large": Problem(413, _("Fichier trop long"), "file"),
    "not-stored": Problem(503, _("Fichier non enregistré"), "file"),
    "wrong-type-of-file": Problem(415, _("Fichier refusé"), "file"),
    "too-many-proofs": Problem(409, _("Trop de justificatifs")),
    "no-proof": Problem(404, _("Justificatif détruit")),
    "contested-address": Problem(409, _("Adresse contestée")),
    "no-session": Problem(401, _("Téléchargement refermé")),
    "copy-being-made": Problem(409, _("Copie en préparation")),
    "copy-asked-today": Problem(429, _("Copie déjà demandée aujourd’hui")),
    "no-package": Problem(404, _("Aucun paquet")),
    "not-now": Problem(409, _("Action impossible maintenant")),
    "nothing-asked": Problem(400, _("Rien n’est demandé"), "kind"),
    "no-open-question": Problem(409, _("Rien à répondre")),
    "not-identified": Problem(409, _("Identité non établie")),
    "undecided": Problem(409, _("Corrections à décider")),
    "too-late-to-extend": Problem(409, _("Trop tard")),
    "no-plan-yet": Problem(409, _("Plan absent")),
    "not-a-fresh-consent": Problem(409, _("Consentement antérieur à l’opposition"), "consented_at"),
    "decided-meanwhile": Problem(409, _("Décidé entre-temps")),
    "no-decision": Problem(400, _("Décision inconnue"), "decisions"),
    "nothing-to-mark": Problem(400, _("Passage impossible"), "text"),
    "passages-undecided": Problem(409, _("Passages à décider")),
    "not-read": Problem(409, _("Paquet à relire")),
    "changed-since-packed": Problem(409, _("Paquet dépassé")),
    "contract-asked": Problem(409, _("Choix du lecteur attendu")),
    "contract-runs": Problem(409, _("Contrat en cours")),
    "plan-changed": Problem(409, _("Plan changé"), "fingerprint"),
}

# What HTTP itself says; the type of these is ``about:blank``.
STATUSES: dict[int, tuple[str | Promise, str | Promise]] = {
    400: (_("Requête incorrecte"), _("Nous n’avons pas compris cette requête.")),
    401: (
        _("Jeton absent ou refusé"),
        _("Présentez un jeton valable pour cette adresse dans l’en-tête Authorization."),
    ),
    403: (_("Droit insuffisant"), _("Vous n’avez pas le droit de faire cela.")),
    404: (_("Introuvable"), _("Il n’y a rien à cette adresse.")),
    405: (
        _("Méthode refusée"),
        _("Cette adresse n’accepte pas cette méthode ; l’en-tête Allow donne celles qu’elle accepte."),
    ),
    406: (_("Format indisponible"), _("Cette adresse ne répond pas dans le format demandé par l’en-tête Accept.")),
    413: (_("Corps trop long"), _("Le corps de la requête est trop long.")),
    415: (_("Format refusé"), _("Envoyez du JSON, avec l’en-tête Content-Type: application/json.")),
    429: (_("Trop de requêtes"), _("Vous avez envoyé trop de requêtes ; l’en-tête Retry-After dit quand réessayer.")),
    500: (_("Erreur de notre part"), _("Une erreur est survenue de notre côté ; rien n’a été enregistré à moitié.")),
}

# What Django raises by itself.
FRAMEWORK: dict[type[Exception], int] = {
    Http404: 404,
    PermissionDenied: 403,
    SuspiciousOperation: 400,
    UnreadablePostError: 400,
}


def problem(
    status: int,
    title: str | Promise,
    detail: str | Promise,
    *,
    code: str = "",
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """One problem document (RFC 9457, section 3.1); never stored by anyone on the way."""
    body: dict[str, Any] = {
        "type": f"/problems/{code}" if code else "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return JsonResponse(
        body, status=status, content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store", **(headers or {})}
    )


def handler(exc: Exception, context: dict[str, Any]) -> JsonResponse:
    """Answer any exception of a view: DRF's setting ``EXCEPTION_HANDLER``."""
    set_rollback()
    if isinstance(exc, Refusal):
        return _refused(exc)
    if isinstance(exc, ValidationError):
        return _invalid(exc, context["request"].method)
    if isinstance(exc, APIException):
        return _of_status(exc.status_code, _own_detail(exc), _headers(exc))
    for kind, status in FRAMEWORK.items():
        if isinstance(exc, kind):
            return _of_status(status)
    return _unexpected(exc, context["request"])


@csrf_exempt
def not_found(request: HttpRequest, path: str = "") -> JsonResponse:  # noqa: ARG001
    """Answer for every address under ``/api/`` that is not one."""
    return _of_status(404)


def _refused(refusal: Refusal) -> JsonResponse:
    """A domain refusal, by its code; one about a single field points to it."""
    kind = REFUSALS[refusal.code]
    error = {"pointer": f"#/{kind.field}", "detail": str(refusal), "code": refusal.code}
    concept = getattr(refusal, "concept", "")
    if concept:
        error["concept"] = concept
    errors = [error] if kind.field else None
    return problem(kind.status, kind.title, str(refusal), code=refusal.code, errors=errors)


def _invalid(exc: ValidationError, method: str | None) -> JsonResponse:
    """Field errors: each with a JSON pointer into the body, or the name of the query parameter."""
    errors = list(_field_errors(exc.detail, "#"))
    if method in READING:
        errors = [{"parameter": each.pop("pointer").removeprefix("#/"), **each} for each in errors]
    sentence = _("Certaines données sont à corriger : « errors » les nomme une par une.")
    return problem(400, _("Données à corriger"), sentence, code="invalid", errors=errors)


def _field_errors(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, ErrorDetail):
        yield {"pointer": pointer, "detail": str(detail), "code": detail.code or "invalid"}
    elif isinstance(detail, Mapping):
        for name, below in detail.items():
            own = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _field_errors(below, pointer if own else f"{pointer}/{_token(str(name))}")
    else:
        for index, below in enumerate(detail):
            place = pointer if isinstance(below, ErrorDetail) else f"{pointer}/{index}"
            yield from _field_errors(below, place)


def _token(name: str) -> str:
    """One step of a JSON pointer in a URI fragment (RFC 6901, section 6)."""
    return quote(name.replace("~", "~0").replace("/", "~1"), safe="~", errors="replace")


def _own_detail(exc: APIException) -> str:
    """The sentence of an error this door raises itself; the frameworks' own sentences are replaced by ours."""
    return str(exc.detail) if isinstance(exc, ParseError) else ""


def _headers(exc: APIException) -> dict[str, str]:
    """What goes with a 401 and a 429; DRF hangs them on the exception."""
    named = {"WWW-Authenticate": getattr(exc, "auth_header", None), "Retry-After": getattr(exc, "wait", None)}
    return {name: str(value) for name, value in named.items() if value is not None}


def _of_status(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> JsonResponse:
    title, sentence = STATUSES[status]
    return problem(status, title, detail or sentence, headers=headers)


def _unexpected(exc: Exception, request: Any) -> JsonResponse:
    """A fault of ours: told to the log and to Django's signal, never to the caller."""
    got_request_exception.send(sender=None, request=request._request)
    response = _of_status(500)
    log_response("Internal Server Error: %s", request.path, response=response, request=request._request, exception=exc)
    return response
