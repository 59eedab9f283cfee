"""Who is calling: a reader with the token of one request, a machine with a staff token, staff with a second factor."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from dsr import permissions
from dsr.lifecycle import identity
from dsr.models.request import DataRequest
from dsr.models.staff import Staff


class FollowToken(BaseAuthentication):
    """``Authorization: Bearer …``, the token that proving the mailbox gave; it opens its own request alone.

    No token, an unknown one, another request's and a request that is not there are answered alike, with 401.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, DataRequest]:
        """Return the request that the token follows, when it is the one the address names."""
        data_request = identity.bearer(_bearer(request), at=timezone.now())
        if data_request is None or data_request.reference != _reference(request):
            raise AuthenticationFailed
        return AnonymousUser(), data_request

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """What a 401 asks for."""
        return 'Bearer realm="dsr"'


class HoldsTheRequest(BasePermission):
    """The caller showed the token of the request."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Whether FollowToken let the caller in."""
        return isinstance(request.auth, DataRequest)


class StaffToken(TokenAuthentication):  # type: ignore[misc]
    """``Authorization: Token …``, acting as the member of staff it was made for; reading with it changes nothing."""

    def authenticate_credentials(self, token: bytes) -> tuple[Staff, Any]:
        """Refuse what is not text before looking it up."""
        if not token.isascii():
            raise AuthenticationFailed
        user, auth = super().authenticate_credentials(token)
        return user, auth

    def _cleanup_token(self, auth_token: Any) -> bool:
        """Whether the token has expired; it is left where it is, since a GET may not delete."""
        return auth_token.expiry is not None and auth_token.expiry < timezone.now()


class NoSecondFactor(permissions.Denied):
    """A session of staff that proved a password alone."""

    code = "no-second-factor"
    sentence = _("Cette session n’a pas prouvé de second facteur. Reconnectez-vous, ou activez-en un d’abord.")


class AtTheDesk(BasePermission):
    """Active staff who may see requests, by their machine's token or signed in with a second factor."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Raise NotAuthenticated, Denied or NoSecondFactor, each with its own sentence."""
        user = request.user
        if not isinstance(user, Staff):
            raise NotAuthenticated
        if not (user.is_active and user.is_staff):
            raise permissions.Denied
        if request.auth is None and not _proved_a_second_factor(request):
            raise NoSecondFactor
        permissions.check_may_view(user)
        return True


class TheMailingTool(BasePermission):
    """A machine whose account may use the suppression list; it needs no access to the desk."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Raise NotAuthenticated or Denied."""
        if not isinstance(request.user, Staff):
            raise NotAuthenticated
        permissions.check_may_use_suppression(request.user)
        return True


class ReadsRestrictions(BasePermission):
    """A machine whose account may read which fields are contested; it needs no access to the desk."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Raise NotAuthenticated or Denied."""
        if not isinstance(request.user, Staff):
            raise NotAuthenticated
        permissions.check_may_read_restrictions(request.user)
        return True


def _proved_a_second_factor(request: Request) -> bool:
    """Whether this very session did; the account having one is not enough."""
    records = get_authentication_records(request._request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def _bearer(request: Request) -> str:
    scheme, _space, token = get_authorization_header(request).partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""


def _reference(request: Request) -> str:
    context = request.parser_context or {}
    return str(context["kwargs"]["reference"])
