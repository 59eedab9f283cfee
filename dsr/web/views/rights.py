"""``/``: the rights in plain words, and the two ways on: ask, or follow what was asked."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from dsr.web.rights import RIGHTS
from dsr.web.views.errors import answers


@answers("GET")
def show(request: HttpRequest, /) -> HttpResponse:
    """The page; with ``?reference=`` it leads to that request, or says that the reference is not one."""
    typed = request.GET.get("reference")
    if typed is None:
        return render(request, "dsr/rights.html", {"rights": RIGHTS})
    try:
        return redirect(reverse("web:tracking", args=[tidy(typed)]))
    except NoReverseMatch:
        return render(request, "dsr/rights.html", {"rights": RIGHTS, "typed": typed}, status=400)


def tidy(typed: str) -> str:
    """A reference as we write it, however it was typed: case, spaces, dashes and the leading letters do not matter."""
    letters = re.sub(r"[^A-Z0-9]", "", typed.upper()).removeprefix("DSR")
    return f"DSR-{letters[:4]}-{letters[4:]}"
