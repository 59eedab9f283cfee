"""A proof that the reader attached to a correction: seen by deciding officers, destroyed when it is decided."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from dsr.models.package import SealedObject
from dsr.models.request import DataRequest


class Proof(SealedObject):
    """One sealed file; the name that the reader gave it is not kept."""

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="proofs")
    content_type = models.CharField(_("type"), max_length=64)

    class Meta:
        verbose_name = _("justificatif")
        verbose_name_plural = _("justificatifs")
        indexes = [models.Index(fields=["destroyed_at", "expires_at"], name="proofs_to_destroy")]

    def __str__(self) -> str:
        return f"Proof {self.pk}"

    @property
    def file_name(self) -> str:
        """A legal name that says its type and nothing else."""
        return f"justificatif-{self.pk}.{self.content_type.rpartition('/')[2]}"
