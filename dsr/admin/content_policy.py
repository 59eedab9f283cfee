"""The Content-Security-Policy of the desk: the site's own, loosened only as far as the desk's theme needs."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


class DeskPolicyMiddleware:
    """Under the admin's address alone, replace the directives ``DSR_ADMIN_CSP`` names; stands after CSPMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(reverse("admin:index")):
            response._csp_replace = settings.DSR_ADMIN_CSP  # type: ignore[attr-defined]
        return response
