"""The quarter of an hour that a code opens: a browser, or a program, takes the package of one request."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.package import Package


class DownloadSessionQuerySet(models.QuerySet["DownloadSession"]):
    """Questions about download sessions."""

    def live(self, at: datetime) -> Self:
        """Those that still open their package; none outlives it."""
        packages = Package.objects.available(at).filter(wrapped_key__isnull=False)
        return self.filter(expires_at__gt=at, package__in=packages)


class DownloadSession(models.Model):
    """Opened by a code, held by whoever shows the token, of which only a digest is stored.

    Each use moves ``expires_at`` on, never beyond ``ends_at``. ``verified_at``: the whole object was found to be what
    was sealed. ``read_at``: its pages were read online.
    """

    package = models.ForeignKey(Package, models.CASCADE, related_name="sessions")
    token_digest = models.CharField(max_length=64, unique=True)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    transfers = models.PositiveIntegerField(default=0)
    verified_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = DownloadSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("téléchargement")
        verbose_name_plural = _("téléchargements")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__lte=models.F("ends_at")), name="a_session_has_an_end"),
        ]

    def __str__(self) -> str:
        return f"DownloadSession {self.pk}"
