"""What every address of the API shares: JSON both ways, rationing, and nothing stored on the way."""

from collections.abc import Sequence
from typing import Any

from django.utils.cache import patch_vary_headers
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from dsr.api.parsers import JsonBody
from dsr.api.throttling import Rate
from dsr.models.staff import ALPHABET


class ExactReference:
    """A well-formed reference in an address; anything else is no address at all."""

    regex = f"DSR-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


class Door(APIView):
    """One address; open to all unless a subclass says who may come in."""

    http_method_names = ("get", "head", "post")
    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes: Sequence[type[BasePermission]] = (AllowAny,)
    parser_classes: Sequence[type[BaseParser]] = (JsonBody,)
    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer,)
    throttle_classes = (Rate,)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let no cache keep what may be someone's."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        return response


def said(body: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body, checked; raises ValidationError."""
    serializer = body(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
