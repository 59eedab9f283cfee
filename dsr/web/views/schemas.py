"""What machines read of our own formats: the JSON Schema of the manifest in a package."""

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from dsr.packages import manifest

A_DAY = 24 * 60 * 60


@require_safe
@cache_control(public=True, max_age=A_DAY)
def show(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001
    """The schema, for anybody: validators in a browser too, from whatever site."""
    response = FileResponse(manifest.SCHEMA.open("rb"), content_type="application/schema+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response
