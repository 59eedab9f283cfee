"""Whom a correction or an erasure is told to (GDPR Art. 19): one tracked task for each recipient of one request."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.notice import Notice
from dsr.models.request import DataRequest


class Untold(models.TextChoices):
    """Why a recipient could not be told: a closed list, each a sentence that the reader reads."""

    GONE = "gone", _("Ce destinataire n’existe plus ou ne peut plus être joint.")
    UNKNOWING = "unknowing", _("Ce destinataire ne peut pas retrouver vos données avec ce que nous savons de vous.")
    DISPROPORTIONATE = "disproportionate", _("Le prévenir exigerait des efforts disproportionnés.")
    NOTHING_SENT = "nothing-sent", _("Vérification faite, aucune de ces données ne lui avait été transmise.")


class RecipientNoticeQuerySet(models.QuerySet["RecipientNotice"]):
    """Questions about recipients."""

    def waiting(self) -> Self:
        """Those neither told nor given up: no answer leaves before."""
        return self.filter(settled_at=None)

    def silent_since(self, day: date) -> Self:
        """Those told before that day whose reply is still awaited."""
        return self.filter(told_on__lt=day, replied_on=None)


class RecipientNotice(models.Model):
    """One recipient to be told: by ``letter``, or by hand; settled once told, or once it is said why that cannot be.

    ``sealed`` is what the recipient needs to find the reader, encrypted until then and destroyed with it: neither this
    row nor the letter as it is stored holds an address that was erased. ``ended_on`` is the day on which what an
    erasure had kept went, too; none for what the request itself did.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="recipients")
    recipient = models.CharField(_("destinataire"), max_length=64)
    letter = models.OneToOneField(Notice, models.CASCADE, null=True, blank=True, related_name="recipient")
    sealed = models.BinaryField(null=True, blank=True)
    created_at = models.DateTimeField(_("à prévenir depuis"))
    ended_on = models.DateField(_("fin de la conservation"), null=True, blank=True)
    told_on = models.DateField(_("prévenu le"), null=True, blank=True)
    how = models.CharField(_("comment"), max_length=200, blank=True)
    untold = models.CharField(_("motif"), max_length=32, choices=Untold.choices, blank=True)
    explanation = models.CharField(_("précision"), max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=12, blank=True)
    replied_on = models.DateField(_("réponse du"), null=True, blank=True)
    reply = models.TextField(_("réponse"), max_length=2000, blank=True)

    objects = RecipientNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("destinataire à prévenir")
        verbose_name_plural = _("destinataires à prévenir")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["data_request", "recipient"], condition=Q(ended_on=None), name="one_task_per_recipient"
            ),
            models.UniqueConstraint(
                fields=["data_request", "recipient", "ended_on"], name="one_task_per_recipient_and_end"
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, told_on=None, untold="")
                | Q(settled_at__isnull=False, told_on__isnull=False, untold="")
                | Q(settled_at__isnull=False, told_on=None) & ~Q(untold=""),
                name="settled_is_told_or_why_not",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(sealed=None), name="what_finds_the_reader_goes_when_settled"
            ),
            models.CheckConstraint(condition=Q(untold="") | ~Q(explanation=""), name="why_not_is_explained"),
            models.CheckConstraint(condition=Q(replied_on=None) | Q(told_on__isnull=False), name="only_the_told_reply"),
        ]
        indexes = [
            models.Index(fields=["told_on"], condition=Q(replied_on=None), name="recipients_yet_to_reply"),
            models.Index(fields=["data_request"], condition=Q(settled_at=None), name="recipients_yet_to_be_told"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.pk}"
