"""Staff sign-in: nobody signs up by themselves, and nobody works without a second factor."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from http import HTTPStatus
from os import urandom
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from dsr import keys

NONCE_BYTES = 12
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]

# Where a session may go before its second factor: to the API, which asks for one by itself wherever staff act, and
# where staff can do no more than anybody.
FREE_MODULES = ("dsr.api.", "drf_spectacular.", "dsr.web.", "django.views.i18n", "health_check.")
SETTING_UP = frozenset({"mfa_activate_totp", "mfa_add_webauthn"})
PROVING = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout"})


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Sign-up is closed."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of second factors are stored encrypted under a key outside the database."""

    def encrypt(self, text: str) -> str:
        """The text under AES-256-GCM, with its nonce before it, in base64."""
        nonce = urandom(NONCE_BYTES)
        sealed = AESGCM(keys.service_key("second-factors")).encrypt(nonce, text.encode(), None)
        return b64encode(nonce + sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What ``encrypt`` was given; raises InvalidTag when the key or the text is another."""
        raw = b64decode(encrypted_text)
        opener = AESGCM(keys.service_key("second-factors"))
        return opener.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this very session proved a second factor; one opened before it was set up did not."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


class SecondFactorMiddleware:
    """Send a signed-in session to its second factor before anything else: to prove it, or first to set one up.

    Whatever is not free is covered, so that a page added tomorrow is too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        set_up = getattr(request, "_sets_up", False) and response.status_code == HTTPStatus.FOUND
        if set_up and is_mfa_enabled(request.user, SECOND_FACTORS):  # a redirect to the password is a redirect, too
            record_authentication(request, request.user, method="mfa", set_up=True)
        if request.resolver_match and request.resolver_match.func.__module__.startswith("allauth."):
            add_never_cache_headers(response)  # these pages show secrets of second factors
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Answer in place of the view, or None to let it answer."""
        if view.__module__.startswith(FREE_MODULES) or not request.user.is_authenticated or has_second_factor(request):
            return None
        if is_mfa_enabled(request.user, SECOND_FACTORS):
            return _to_proof(request)
        if not view.__module__.startswith("allauth."):
            return _to_set_up(request)
        request._sets_up = _is_setting_up(request)  # type: ignore[attr-defined]
        return None


def _is_setting_up(request: HttpRequest) -> bool:
    """Whether this post, when it succeeds, adds the account's first second factor, and so proves it."""
    match = request.resolver_match
    return request.method == "POST" and match is not None and match.url_name in SETTING_UP


def _to_proof(request: HttpRequest) -> HttpResponse | None:
    """To prove the second factor and nowhere else: above all not where it can be taken off with the password alone."""
    if request.resolver_match and request.resolver_match.url_name in PROVING:
        return None
    there = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{there}")


def _to_set_up(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Avant d’entrer, protégez votre compte par un second facteur."))
    return HttpResponseRedirect(reverse("mfa_index"))
