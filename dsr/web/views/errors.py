"""The pages that say what went wrong, in words: they promise nothing was done, and show the way back."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from dsr.web.limits import TooMany

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400: a body too large or malformed; the exception is for the log, not for the reader."""
    return render(request, "400.html", status=400)


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403: the form came without the token of its page (CSRF); ``reason`` is for developers."""
    return render(request, "403.html", {"expired_form": True}, status=403)


def too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    """429 with ``Retry-After`` in seconds, and the wait in minutes for the reader."""
    minutes = -(-error.retry_after // 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(error.retry_after)
    return response


def answers(*methods: str) -> Callable[[View[P]], View[P]]:
    """Answer these methods, HEAD as GET; 405 in words for others, 429 in words to who knocks too often."""
    allowed = (*methods, "HEAD")

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in allowed:
                return _not_allowed(request, allowed)
            try:
                return view(request, *args, **kwargs)
            except TooMany as error:
                return too_many(request, error)

        return answer

    return decorate


def _not_allowed(request: HttpRequest, allowed: tuple[str, ...]) -> HttpResponse:
    response: HttpResponse = render(request, "405.html", status=405)
    response["Allow"] = ", ".join(allowed)
    return response
