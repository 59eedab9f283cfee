"""What the database knows of the ledger outside it, that it was restored, and what has come back since."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LedgerEntry(models.Model):
    """One record of the ledger, by the name it has there.

    It is committed here before it is written there: a record that the ledger alone knows is younger than this database.
    ``suppressed`` are the tokens of an objection, from which its record can be written later.
    """

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16)
    reference = models.CharField(max_length=16, db_index=True)
    at = models.DateTimeField()
    suppressed = models.JSONField(default=list)
    erased = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class RestorationQuerySet(models.QuerySet["Restoration"]):
    """Questions about restorations."""

    def pending(self) -> Self:
        """The one after which nothing was erased again yet."""
        return self.filter(replayed_at=None)


class Restoration(models.Model):
    """The database is older than what is kept outside it: nothing is carried out until the ledger was replayed."""

    class Sign(models.TextChoices):
        """What gave it away."""

        LEDGER = "ledger", _("le registre des effacements est plus récent que la base")
        LOG = "log", _("le journal est plus court que ce qui en a été publié")

    sign = models.CharField(_("indice"), max_length=16, choices=Sign.choices)
    noticed_at = models.DateTimeField(_("constatée le"))
    replayed_at = models.DateTimeField(_("rejouée le"), null=True, blank=True)

    objects = RestorationQuerySet.as_manager()

    class Meta:
        verbose_name = _("restauration")
        verbose_name_plural = _("restaurations")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["sign"], condition=Q(replayed_at=None), name="one_pending_restoration_per_sign"
            )
        ]

    def __str__(self) -> str:
        return f"Restoration {self.pk}"


class ResurgenceQuerySet(models.QuerySet["Resurgence"]):
    """Questions about what came back."""

    def pending(self) -> Self:
        """What nobody has dealt with yet."""
        return self.filter(settled_at=None)


class Resurgence(models.Model):
    """Something of an erased reader that is there again, or that nobody can say is gone."""

    class Why(models.TextChoices):
        """What a person, or ``replay_erasures``, has to do about it."""

        RETURNED = "returned", _("des lignes d’avant l’effacement sont revenues : à effacer à nouveau")
        FORGOTTEN = (
            "forgotten",
            _("des lignes d’avant l’effacement sont revenues, et le registre ne sait plus de qui : à chercher"),
        )
        INTERRUPTED = "interrupted", _("effacement commencé et jamais fini, après une restauration : à décider")
        UNREADABLE = "unreadable", _("ce que le registre en dit ne se lit plus : à vérifier")
        LOST = "lost", _("le registre n’a plus ce que la base y a écrit : à vérifier")

    reference = models.CharField(_("référence"), max_length=16, blank=True)
    source = models.CharField(_("source"), max_length=64, blank=True)
    why = models.CharField(_("motif"), max_length=16, choices=Why.choices)
    rows = models.PositiveIntegerField(_("lignes"), default=0)
    noticed_at = models.DateTimeField(_("constaté le"))
    settled_at = models.DateTimeField(_("réglé le"), null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ResurgenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("effacement à reprendre")
        verbose_name_plural = _("effacements à reprendre")
        ordering = ["-noticed_at", "-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "source", "why"], condition=Q(settled_at=None), name="one_pending_resurgence"
            )
        ]

    def __str__(self) -> str:
        return f"Resurgence {self.pk}"
