"""Passages of free text that may be another person's: where they stand, what an officer decided, and what they say."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.request import DataRequest
from dsr.models.staff import Staff


class Nature(models.TextChoices):
    """What was found, or that somebody marked it while reading."""

    EMAIL = "email", _("adresse électronique")
    PHONE = "phone", _("numéro de téléphone")
    MARKED = "marked", _("passage désigné à la lecture")


class Decision(models.TextChoices):
    """What becomes of a passage: masked (GDPR Art. 15(4)), or left for one of the closed reasons."""

    UNDECIDED = "", _("à décider")
    MASK = "mask", _("masquer : c’est la donnée d’une autre personne")
    READERS_OWN = "readers-own", _("laisser : c’est une donnée du lecteur lui-même")
    NEWSPAPERS = "newspapers", _("laisser : c’est une coordonnée du journal")
    PUBLIC = "public", _("laisser : c’est la coordonnée publique d’un organisme ou d’un élu")
    KNOWN = "known", _("laisser : le lecteur l’a écrite lui-même, et la connaît")
    AGREED = "agreed", _("laisser : la personne a donné son accord")
    NOBODYS = "nobodys", _("laisser : ce n’est la donnée de personne")


CHOICES = [(code, label) for code, label in Decision.choices if code]  # what an officer can say


class PassageQuerySet(models.QuerySet["Passage"]):
    """Questions about passages."""

    def undecided(self) -> Self:
        """Those that wait for an officer."""
        return self.filter(decision=Decision.UNDECIDED)

    def masked(self) -> Self:
        """Those that the copy does not show."""
        return self.filter(decision=Decision.MASK)


class Passage(models.Model):
    """``sealed`` holds the passage and the words around it, encrypted until the package is released.

    What it said is then known by ``token`` alone: keyed, the same for the same value throughout one request.
    ``turn`` is the number of the search that found it last.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="passages")
    source = models.CharField(_("source"), max_length=64)
    row = models.TextField()
    field = models.CharField(max_length=64)
    start = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    nature = models.CharField(_("nature"), max_length=8, choices=Nature)
    token = models.CharField(max_length=64)
    turn = models.PositiveIntegerField(default=0, editable=False)
    sealed = models.BinaryField(null=True, editable=False)
    decision = models.CharField(_("décision"), max_length=12, choices=Decision, default=Decision.UNDECIDED, blank=True)
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)
    decided_by = models.ForeignKey(Staff, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="") | Q(decided_at__isnull=False), name="a_decision_has_its_day"
            )
        ]
        indexes = [
            models.Index(fields=["data_request", "decision"]),
            models.Index(fields=["data_request", "token"]),
            models.Index(fields=["data_request", "source", "row"], name="passages_of_a_row"),
        ]

    def __str__(self) -> str:
        return f"Passage {self.pk}"


class MarkedText(models.Model):
    """What an officer asked to be masked wherever it stands in one source; ``sealed`` goes when the package leaves."""

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="marked_texts")
    source = models.CharField(_("source"), max_length=64)
    row = models.TextField(blank=True)
    token = models.CharField(max_length=64)
    sealed = models.BinaryField(null=True, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("texte désigné")
        verbose_name_plural = _("textes désignés")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"MarkedText {self.pk}"
