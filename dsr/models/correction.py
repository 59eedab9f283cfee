"""A correction: one value the reader wishes changed, what was decided of it, and where it is contested (Art. 16)."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.request import DataRequest
from dsr.states import State


class Decision(models.TextChoices):
    """What the officer decided of one correction."""

    PENDING = "pending", _("à décider")
    ACCEPTED = "accepted", _("acceptée")
    IN_PART = "in_part", _("acceptée en partie")
    REFUSED = "refused", _("refusée")


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Questions about corrections."""

    def granted(self) -> Self:
        """Those to be made, in whole or in part."""
        return self.filter(decision__in=[Decision.ACCEPTED, Decision.IN_PART])


class Correction(models.Model):
    """One wished change of one concept, such as the family name, wherever sources declare that it stands.

    ``old_value`` is what the reader saw; the change is made only where that value still stands. Accepted in part,
    ``granted_value`` is what will stand instead of the wish, and the reader is told why. ``stale_at`` says when it came
    back to the officer because the value was no longer the one the reader saw. ``made`` lists the values that were
    really written somewhere, whatever was decided since.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="corrections")
    concept = models.CharField(_("donnée"), max_length=64)
    old_value = models.TextField(_("valeur actuelle"), blank=True)
    new_value = models.TextField(_("valeur souhaitée"), blank=True, max_length=2000)
    explanation = models.TextField(_("explication"), blank=True, max_length=2000)
    decision = models.CharField(_("décision"), max_length=16, choices=Decision.choices, default=Decision.PENDING)
    ground = models.CharField(_("motif"), max_length=32, blank=True)
    granted_value = models.TextField(_("valeur retenue"), blank=True, max_length=2000)
    reason = models.TextField(_("raison donnée au lecteur"), blank=True, max_length=2000)
    stale_at = models.DateTimeField(_("revenue le"), null=True, blank=True)
    made = models.JSONField(default=list, editable=False)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.UniqueConstraint(fields=["data_request", "concept", "old_value"], name="one_wish_per_value"),
            models.CheckConstraint(
                condition=~Q(decision=Decision.REFUSED) | ~Q(ground=""), name="a_refused_correction_has_its_ground"
            ),
            models.CheckConstraint(
                condition=~Q(decision=Decision.IN_PART) | ~Q(reason=""), name="a_correction_in_part_has_its_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"Correction {self.pk}"

    @property
    def outcome(self) -> str:
        """The value that will stand once it is carried out."""
        return self.granted_value if self.decision == Decision.IN_PART else self.new_value


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    """Questions about restrictions."""

    def live(self) -> Self:
        """Those whose reader has not been told yet what was decided: no mark is lifted before (GDPR Art. 18(3))."""
        return self.filter(correction__data_request__answer_sent_at=None).exclude(
            correction__data_request__state=State.WITHDRAWN
        )

    def over(self) -> Self:
        """The others, which nothing holds any more."""
        return self.exclude(pk__in=self.live().values("pk"))


class Restriction(models.Model):
    """The mark on one field of one row while its accuracy is contested (GDPR Art. 18(1)(a)); it says no value."""

    correction = models.ForeignKey(Correction, models.CASCADE, related_name="restrictions")
    source = models.CharField(_("source"), max_length=64)
    field = models.CharField(_("champ"), max_length=64)
    key = models.CharField(_("clé de la ligne"), max_length=200)
    since = models.DateTimeField(_("depuis"))

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("limitation")
        verbose_name_plural = _("limitations")
        constraints = [
            models.UniqueConstraint(
                fields=["correction", "source", "field", "key"], name="one_mark_per_contested_field"
            )
        ]
        indexes = [
            models.Index(fields=["source", "id"], name="marks_of_a_source"),
            models.Index(fields=["source", "key"], name="marks_of_a_row"),
        ]

    def __str__(self) -> str:
        return f"Restriction {self.pk}"
