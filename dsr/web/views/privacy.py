"""``/confidentialite/``: what is held, why, on what basis, who receives it, for how long (GDPR Art. 13-14)."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dsr.sources import registry
from dsr.sources.activities import Activity
from dsr.sources.base import Source
from dsr.web.rights import RIGHTS
from dsr.web.views.errors import answers


@dataclass(frozen=True, slots=True)
class Chapter:
    """One processing activity, and the bodies of data that serve it."""

    activity: Activity
    sources: list[Source]


@answers("GET")
def show(request: HttpRequest, /) -> HttpResponse:
    """The page, built from what the sources declare."""
    context = {
        "chapters": chapters(),
        "rights": RIGHTS,
        "retention_years": settings.DSR_REQUEST_RETENTION_YEARS,
        "unconfirmed_days": settings.DSR_UNCONFIRMED_RETENTION_DAYS,
        "package_days": settings.DSR_PACKAGE_DAYS,
    }
    return render(request, "dsr/privacy.html", context)


def chapters() -> list[Chapter]:
    """The activities in the order of the sources that belong to them, each once."""
    by_code: dict[str, Chapter] = {}
    for source in registry.sources():
        chapter = by_code.setdefault(source.activity.code, Chapter(source.activity, []))
        chapter.sources.append(source)
    return list(by_code.values())
