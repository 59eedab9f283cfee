"""How the API describes itself: the problem document, the ways of showing who one is, a decorator per operation."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from dsr.api import problems
from dsr.api.door import ExactReference

View = TypeVar("View", bound=Callable[..., Any])

REFERENCE = OpenApiParameter(
    "reference",
    {"type": "string", "pattern": f"^{ExactReference.regex}$", "examples": ["DSR-7K4M-2QXP"]},
    OpenApiParameter.PATH,
    description=_("La référence de la demande."),
)
NUMBER = OpenApiParameter(
    "number",
    {"type": "integer", "minimum": 1},
    OpenApiParameter.PATH,
    description=_("Le numéro, tel que le dossier le donne."),
)

# What any address may answer, and what those that take a body or are rationed may answer besides.
ALWAYS = (406, 500)
WITH_BODY = (400, 413, 415)


class FieldError(serializers.Serializer[Any]):
    """One value to correct."""

    pointer = serializers.CharField(required=False, help_text=_("Pointeur JSON dans le corps (RFC 6901)."))
    parameter = serializers.CharField(required=False, help_text=_("Ou nom du paramètre de l’adresse."))
    detail = serializers.CharField(help_text=_("Une phrase, dans la langue de l’appelant."))
    code = serializers.CharField(help_text=_("Un code stable."))
    concept = serializers.CharField(required=False, help_text=_("La donnée dont la correction est refusée."))


class ProblemDocument(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField(help_text=_("« /problems/… », ou « about:blank » quand le statut dit tout."))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text=_("Une phrase, dans la langue de l’appelant."))
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]


class FollowTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The reader's token."""

    target_class = "dsr.api.authentication.FollowToken"
    name = "followToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """As OpenAPI writes it."""
        return {"type": "http", "scheme": "bearer", "description": _("Le jeton de suivi d’une demande.")}


class StaffTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The staff's token."""

    target_class = "dsr.api.authentication.StaffToken"
    name = "staffToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """As OpenAPI writes it."""
        sentence = _("« Token … » : le jeton d’une machine, qui agit pour un membre de l’équipe.")
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": sentence}


def operation(
    name: str,
    summary: str | Promise,
    *,
    tag: str | Promise,
    answers: dict[Any, Any],
    body: Any = None,
    may: tuple[int, ...] = (),
    parameters: tuple[OpenApiParameter, ...] = (),
    description: str | Promise | None = None,
) -> Callable[[View], View]:
    """Describe one operation: its English id, its French title, its answers, and the statuses of its problems."""
    statuses = {*ALWAYS, *may, *(WITH_BODY if body is not None else ()), *((404,) if REFERENCE in parameters else ())}
    refusals = {(status, problems.MEDIA_TYPE): ProblemDocument for status in sorted(statuses)}
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        tags=[tag],  # type: ignore[list-item]
        request=body,
        responses={**answers, **refusals},
        parameters=list(parameters),
    )
