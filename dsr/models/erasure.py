"""What an erasure would do, what it kept and until when, and whom never to solicit again."""

from datetime import date, datetime
from typing import Any, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr.models.request import DataRequest

RUNNING_CONTRACT: Final = "CONTRAT-COURS"


class Plan(models.Model):
    """What an execution would do, source by source, with counts, as the second officer approves it.

    ``lines`` is a list of ``{"source", "erased", "rewritten", "files", "fingerprint", "kept": [{"ground", "until",
    "rows"}]}``; ``fingerprint`` covers the sorted (key, disposition, ground) of every source that is not volatile.
    ``replaces`` is the approved plan that the data no longer agreed with, when it was about to be carried out.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="plans")
    fingerprint = models.CharField(max_length=64)
    lines = models.JSONField(default=list)
    made_at = models.DateTimeField(_("établi le"))
    approved_at = models.DateTimeField(_("approuvé le"), null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    superseded_at = models.DateTimeField(_("remplacé le"), null=True, blank=True)
    replaces = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.UniqueConstraint(
                fields=["data_request"], condition=Q(superseded_at=None), name="one_current_plan_per_request"
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="an_approval_has_its_officer",
            ),
        ]

    def __str__(self) -> str:
        return f"Plan {self.pk}"

    @property
    def bound(self) -> list[str]:
        """The sources of which a contract that outlasts the day of the plan keeps something."""
        return [line["source"] for line in self.lines if any(map(self._outlasts, line["kept"]))]

    def _outlasts(self, kept: dict[str, Any]) -> bool:
        """Whether it is kept for a contract that runs on; one that ends on that day is given up the next."""
        until = kept["until"]
        return kept["ground"] == RUNNING_CONTRACT and (
            until is None or date.fromisoformat(until) > timezone.localdate(self.made_at)
        )

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Where this plan is not the approved one it replaces: ``{"source", "before", "after"}``, each a line or None.

        A line whose counts are the same stands here too when other rows, or other grounds, are behind them.
        """
        before = {line["source"]: line for line in self.replaces.lines} if self.replaces else {}
        after = {line["source"]: line for line in self.lines} if self.replaces else {}
        return [
            {"source": name, "before": before.get(name), "after": after.get(name)}
            for name in {**after, **before}
            if before.get(name) != after.get(name)
        ]


class KeptListQuerySet(models.QuerySet["KeptList"]):
    """Questions about lists of what was kept."""

    def due(self, on: date, at: datetime) -> Self:
        """Those to look at again that day, which nobody holds."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lte=at), look_on__lte=on)


class KeptList(models.Model):
    """What one erasure left standing, until nothing is left of it; it outlives the file of its request.

    ``sealed`` holds the identifiers that led to the rows, under the service key: they go with the last line. Only rows
    from before ``erased_at`` are meant, for the reader may have come back. ``look_on`` is the day on which a ground has
    ended, or on which what is kept case by case is judged again. ``erased`` and ``rewritten`` count what the look that
    is under way did, and ``touched`` names the sources where; ``attempts`` is its fencing token, as that of a step.
    """

    reference = models.CharField(max_length=16, unique=True)
    data_request = models.OneToOneField(
        DataRequest, models.SET_NULL, null=True, blank=True, related_name="kept_list", editable=False
    )
    sealed = models.BinaryField(editable=False)
    erased_at = models.DateTimeField(_("effacé le"))
    look_on = models.DateField(_("à revoir le"), db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    erased = models.PositiveIntegerField(default=0)
    rewritten = models.PositiveIntegerField(default=0)
    touched = models.JSONField(default=list, editable=False)

    objects = KeptListQuerySet.as_manager()

    class Meta:
        verbose_name = _("liste de conservation")
        verbose_name_plural = _("listes de conservation")

    def __str__(self) -> str:
        return self.reference


class Kept(models.Model):
    """What an erasure did not erase: rows of a source, on which ground, until when (None: case by case)."""

    data_request = models.ForeignKey(DataRequest, models.SET_NULL, null=True, related_name="kept")
    kept_list = models.ForeignKey(KeptList, models.CASCADE, null=True, related_name="lines")
    source = models.CharField(_("source"), max_length=64)
    ground = models.CharField(_("motif"), max_length=32)
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("lignes"))

    class Meta:
        verbose_name = _("donnée conservée")
        verbose_name_plural = _("données conservées")
        constraints = [
            models.UniqueConstraint(
                fields=["data_request", "source", "ground", "until"], name="one_line_per_ground_and_end"
            ),
            models.UniqueConstraint(
                fields=["data_request", "source", "ground"],
                condition=Q(until=None),
                name="one_line_per_ground_without_end",
            ),
        ]

    def __str__(self) -> str:
        return f"Kept {self.pk}"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Questions about the suppression list."""

    def in_force(self, on: date) -> Self:
        """Those who may not be written to on that day."""
        return self.filter(lifted_at=None, until__gte=on)

    def erased(self, on: date) -> Self:
        """Those whose data were erased in whole, remembered on that day, whether or not they subscribed anew."""
        return self.filter(erased_at__isnull=False, until__gte=on)


class Suppression(models.Model):
    """A keyed token of an address or telephone number that objected to messages (GDPR Art. 21(3)).

    A fresh subscription lifts it. ``erased_at`` is the erasure of everything that recorded it: what is older than that
    must not be imported again, whatever was subscribed to since.
    """

    token = models.CharField(max_length=64, unique=True)
    recorded_at = models.DateTimeField(_("enregistrée le"))
    until = models.DateField(_("jusqu’au"))
    erased_at = models.DateTimeField(_("effacée le"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("levée le"), null=True, blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("opposition")
        verbose_name_plural = _("oppositions")
        default_permissions = ()
        permissions = [("use_suppression", _("Peut interroger la liste d’opposition et la lever"))]
        indexes = [models.Index(fields=["until"])]

    def __str__(self) -> str:
        return f"Suppression {self.pk}"
