"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", include("dsr.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("dsr.web.urls")),
]

handler400 = "dsr.web.views.errors.bad_request"
