"""A notice: a letter to the reader, by mail or post, and the proof that it went."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from dsr.models.identity import Secret
from dsr.models.request import DataRequest

SUPERSEDED = "superseded"  # the failure of a letter that never left because its code was dead by then


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about notices."""

    def claimable(self, at: datetime) -> Self:
        """Those to be mailed that nobody holds and that still have an attempt."""
        unheld = Q(lease_until=None) | Q(lease_until__lte=at)
        return self.filter(unheld, sent_at=None, needs_attention=False, by_post=False).exclude(failure=SUPERSEDED)

    def to_the_reader(self) -> Self:
        """Those that are the reader's, and not a recipient's of their data."""
        return self.filter(recipient=None)

    def unsent(self) -> Self:
        """Those that have not left yet, by mail or by post."""
        return self.filter(sent_at=None).exclude(failure=SUPERSEDED)


class Notice(models.Model):
    """One letter as it was written; the places of its secrets are filled in only while it is being sent.

    ``message_id`` is fixed, so that a letter sent twice is seen as one; the letter that ``answers`` stops the clock.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="notices")
    letter = models.CharField(_("lettre"), max_length=32)
    answers = models.BooleanField(_("vaut réponse"), default=False)
    by_post = models.BooleanField(_("par la poste"), default=False)
    to = models.EmailField(_("destinataire"), blank=True)
    subject = models.CharField(_("objet"), max_length=200)
    text = models.TextField()
    html = models.TextField()
    secret = models.ForeignKey(Secret, models.SET_NULL, null=True, blank=True, related_name="notices")
    message_id = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(_("écrite le"))
    sent_at = models.DateTimeField(_("partie le"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("tentatives"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(_("échec"), max_length=200, blank=True)
    needs_attention = models.BooleanField(_("à regarder"), default=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("courrier")
        verbose_name_plural = _("courriers")
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["sent_at", "lease_until"]),
            models.Index(Upper("to"), "created_at", name="letters_to_an_address"),
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.pk}"
