"""The officer's desk in the Django admin; importing it registers its pages."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from dsr.admin import journal, requests, resurgences, reviews, staff  # noqa: F401

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
