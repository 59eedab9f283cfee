"""The review of the log: a span of it, what deserves eyes in it, and the auditor's word on each."""

import secrets
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.staff import ALPHABET
from dsr.models.tree import Checkpoint


def new_reference() -> str:
    """A random reference, such as ``REV-7K4M-2QXP``."""
    draw = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"REV-{draw[:4]}-{draw[4:]}"


class ReviewQuerySet(models.QuerySet["Review"]):
    """Questions about many reviews."""

    def open(self) -> Self:
        """Those that nobody signed yet."""
        return self.filter(signed_at=None)

    def overdue(self, today: date) -> Self:
        """Those that should be signed by now."""
        return self.open().filter(due_on__lt=today)


class Review(models.Model):
    """One review, over the leaves from ``start`` up to the checkpoint's size; its reference names its chain in the log.

    ``figures`` counts the entries of the span by event.
    """

    reference = models.CharField(_("référence"), max_length=16, unique=True)
    start = models.BigIntegerField()
    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, verbose_name=_("point de contrôle"))
    figures = models.JSONField(default=dict)
    opened_at = models.DateTimeField(_("ouverte le"))
    due_on = models.DateField(_("à signer avant le"))
    signed_at = models.DateTimeField(_("signée le"), null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("relecture du journal")
        verbose_name_plural = _("relectures du journal")
        default_permissions = ("view",)
        permissions = [("sign_review", _("Peut relire le journal et signer la relecture"))]
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["start"], name="a_span_is_reviewed_once"),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None) | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="a_signature_has_its_auditor",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def end(self) -> int:
        """The first leaf after the span."""
        return self.checkpoint.size


class Mark(models.TextChoices):
    """What an auditor says of a finding."""

    EXPLAINED = "explained", _("expliqué")
    FOLLOW_UP = "follow_up", _("à suivre")


class Finding(models.Model):
    """What one rule drew from the span: whose acts (empty: nobody's in particular), how many, and where they stand.

    ``entries`` lists the indexes of the first of them in the tree; ``detail`` is a code, such as a ground of refusal.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="findings")
    rule = models.CharField(_("règle"), max_length=32)
    actor = models.CharField(_("auteur"), max_length=16, blank=True)
    detail = models.CharField(_("précision"), max_length=64, blank=True)
    count = models.PositiveIntegerField(_("nombre"))
    entries = models.JSONField(default=list)
    mark = models.CharField(_("appréciation"), max_length=16, choices=Mark.choices, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    marked_at = models.DateTimeField(_("appréciée le"), null=True, blank=True)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("constat")
        verbose_name_plural = _("constats")
        default_permissions = ()
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "rule", "actor", "detail"], name="one_finding_per_rule_and_actor"
            ),
            models.CheckConstraint(
                condition=Q(mark="", marked_at=None, marked_by=None)
                | ~Q(mark="") & Q(marked_at__isnull=False, marked_by__isnull=False),
                name="a_mark_has_its_auditor",
            ),
        ]

    def __str__(self) -> str:
        return f"Finding {self.pk}"
