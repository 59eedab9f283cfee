"""The application's start-up: its checks are registered, nothing else happens."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DsrConfig(AppConfig):
    """Requests of readers about their data."""

    name = "dsr"
    verbose_name = _("Droits des lecteurs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from dsr import checks  # noqa: F401, PLC0415
