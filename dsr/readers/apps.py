"""The Django app of the newspaper's records about its readers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadersConfig(AppConfig):
    name = "dsr.readers"
    label = "readers"
    verbose_name = _("Lecteurs du journal")
    default_auto_field = "django.db.models.BigAutoField"
