"""A correction: one value the reader wishes changed, and what was decided of it (GDPR Art. 16)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.request import DataRequest


class Decision(models.TextChoices):
    """What the officer decided of one correction."""

    PENDING = "pending", _("à décider")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")


class Correction(models.Model):
    """One wished change of one concept, such as the family name, wherever sources declare that it stands.

    ``old_value`` is what the reader saw; the change is made only where that value still stands.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="corrections")
    concept = models.CharField(_("donnée"), max_length=64)
    old_value = models.TextField(_("valeur actuelle"), blank=True)
    new_value = models.TextField(_("valeur souhaitée"), blank=True, max_length=2000)
    explanation = models.TextField(_("explication"), blank=True, max_length=2000)
    decision = models.CharField(_("décision"), max_length=16, choices=Decision.choices, default=Decision.PENDING)
    ground = models.CharField(_("motif"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.UniqueConstraint(fields=["data_request", "concept", "old_value"], name="one_wish_per_value"),
            models.CheckConstraint(
                condition=~Q(decision=Decision.REFUSED) | ~Q(ground=""), name="a_refused_correction_has_its_ground"
            ),
        ]

    def __str__(self) -> str:
        return f"Correction {self.pk}"
