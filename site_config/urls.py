"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from site_config import operation

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", include("dsr.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("healthz", operation.alive, name="healthz"),
    path("readyz", operation.ready, name="readyz"),
    path("metrics", operation.metrics, name="metrics"),
    path("audit/checkpoint", operation.checkpoint, name="audit-checkpoint"),
    path("audit/key", operation.verifier, name="audit-key"),
    path("", include("dsr.web.urls")),
]

handler400 = "dsr.web.views.errors.bad_request"
