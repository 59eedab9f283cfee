"""How an erasure is proven: the old values until it is settled, the mentions an officer decides, the certificate."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.request import DataRequest
from dsr.models.step import Step


class Remembered(models.Model):
    """What stood in a page of a source's rows, sealed on the step that will look for it; destroyed at settling."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="remembered")
    source = models.CharField(max_length=64)
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("valeurs à rechercher")
        verbose_name_plural = _("valeurs à rechercher")
        default_permissions = ()

    def __str__(self) -> str:
        return f"Remembered {self.pk}"


class Fate(models.TextChoices):
    """What an officer decided of a mention."""

    PENDING = "pending", _("à décider")
    MASKED = "masked", _("masquée")
    LEFT = "left", _("laissée")


class MentionQuerySet(models.QuerySet["Mention"]):
    """Questions about mentions."""

    def undecided(self) -> Self:
        """Those for which the answer waits."""
        return self.filter(decision=Fate.PENDING)


class Mention(models.Model):
    """An old value in another person's row, such as a quotation: where it stands, sealed what stands around it.

    ``kinds`` says what was found there (``email``, ``phone``, ``number``), never the value. The passage is destroyed at
    settling. The name of a stored file is not ``maskable``: no text can be written in its place.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="mentions")
    source = models.CharField(_("source"), max_length=64)
    row_key = models.CharField(_("ligne"), max_length=200)
    field = models.CharField(_("champ"), max_length=100)
    kinds = models.CharField(max_length=64)
    maskable = models.BooleanField(default=True)
    passage = models.BinaryField(null=True)
    decision = models.CharField(_("décision"), max_length=16, choices=Fate.choices, default=Fate.PENDING)
    reason = models.CharField(_("raison"), max_length=32, blank=True)
    found_at = models.DateTimeField(_("trouvée le"))
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["source", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["data_request", "source", "row_key", "field"], name="one_mention_per_row_and_field"
            ),
            models.CheckConstraint(
                condition=Q(decision=Fate.PENDING, decided_at=None, decided_by=None)
                | ~Q(decision=Fate.PENDING) & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_decided_mention_has_its_officer",
            ),
            models.CheckConstraint(
                condition=Q(decision=Fate.LEFT) & ~Q(reason="") | ~Q(decision=Fate.LEFT) & Q(reason=""),
                name="a_mention_is_left_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["data_request", "decision"])]

    def __str__(self) -> str:
        return f"Mention {self.pk}"


class Certificate(models.Model):
    """What a finished erasure did, as a note signed by the log's key; it names nobody."""

    data_request = models.OneToOneField(DataRequest, models.CASCADE, related_name="certificate")
    note = models.TextField()
    made_at = models.DateTimeField(_("établi le"))

    class Meta:
        verbose_name = _("certificat d’effacement")
        verbose_name_plural = _("certificats d’effacement")
        default_permissions = ()

    def __str__(self) -> str:
        return f"Certificate {self.pk}"
