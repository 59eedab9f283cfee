"""Encrypted objects at rest: the package that answers an access request, and files people handed in."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Step


class SealedObject(models.Model):
    """One age-encrypted object; its key, wrapped by the service key, goes before the object does."""

    object_name = models.CharField(max_length=100, unique=True)
    wrapped_key = models.BinaryField(null=True, editable=False)
    size = models.PositiveBigIntegerField(_("taille en octets"))
    ciphertext_digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(_("scellé le"))
    expires_at = models.DateTimeField(_("expire le"))
    destroyed_at = models.DateTimeField(_("détruit le"), null=True, blank=True)

    class Meta:
        abstract = True


class PackageQuerySet(models.QuerySet["Package"]):
    """Questions about packages."""

    def openable(self, at: datetime) -> Self:
        """Those that can still be opened, if only by an officer who reads them first."""
        return self.filter(destroyed_at=None, expires_at__gt=at)

    def unreleased(self) -> Self:
        """Those that wait for an officer to read them; they wait as long as it takes."""
        return self.filter(destroyed_at=None, announced_at=None)

    def available(self, at: datetime) -> Self:
        """Those the reader was told of, and may open."""
        return self.openable(at).filter(announced_at__isnull=False)


class Package(SealedObject):
    """The archive of one access request; this row, written with the step's fencing token, is the proof it exists.

    It opens to its reader once it is announced, and not before. ``read_by`` is the officer who last read it.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="packages")
    read_by = models.ForeignKey(Staff, models.SET_NULL, null=True, blank=True, related_name="+")
    announced_at = models.DateTimeField(_("annoncé le"), null=True, blank=True)

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = _("paquet")
        verbose_name_plural = _("paquets")
        constraints = [
            models.UniqueConstraint(
                fields=["data_request"], condition=Q(destroyed_at=None), name="one_live_package_per_request"
            )
        ]

    def __str__(self) -> str:
        return f"Package {self.pk}"


class Upload(SealedObject):
    """A file handed in by staff for a manual source; it goes into the package under ``label``."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="uploads")
    label = models.CharField(_("nom du fichier"), max_length=120)
    content_type = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("fichier remis")
        verbose_name_plural = _("fichiers remis")

    def __str__(self) -> str:
        return f"Upload {self.pk}"
