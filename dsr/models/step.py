"""A step: one source × one action of one request; the unit of work, retry and progress."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dsr.models import address
from dsr.models.address import AddressChange
from dsr.models.erasure import KeptList
from dsr.models.identity import Identifier
from dsr.models.request import DataRequest, DataRequestQuerySet
from dsr.states import Kind, State


class Action(models.TextChoices):
    """What a step does; those that look at all sources (``plan``, ``screen``, ``pack`` …) name none."""

    PLAN = "plan", _("préparer le plan")
    COLLECT = "collect", _("réunir")
    ADDRESS = "address", _("attendre la nouvelle adresse")
    SCREEN = "screen", _("chercher les données d’autres personnes")
    PACK = "pack", _("composer le paquet")
    READ = "read", _("relire le paquet")
    RECTIFY = "rectify", _("rectifier")
    OBJECT = "object", _("arrêter les messages")
    ERASE = "erase", _("effacer")
    VERIFY = "verify", _("vérifier")
    TERMINATE = "terminate", _("mettre fin au contrat")


class Status(models.TextChoices):
    """Where the work stands; ``waiting`` is a person's turn: a manual source, passages, a package, a contract."""

    PENDING = "pending", _("à faire")
    WAITING = "waiting", _("à faire par une personne")
    DONE = "done", _("fait")
    NEEDS_ATTENTION = "needs_attention", _("à regarder")
    CANCELLED = "cancelled", _("annulé")


def copies_awaited(*, pk: Any, person: Any, postal_address: Any, asked_with: Any) -> DataRequestQuerySet:
    """Access requests without their letter yet, of whoever asks for that erasure: each argument may be an OuterRef.

    The same proven mailbox, the same submission, or, for a reader who writes by post and has no mailbox, the same
    postal address or a verified identifier that both requests bear.
    """
    inside = OuterRef(OuterRef(pk)) if isinstance(pk, OuterRef) else pk  # two queries further in
    theirs = Identifier.objects.verified().filter(data_request=inside, kind=OuterRef("kind"), value=OuterRef("value"))
    alike = Identifier.objects.verified().filter(Exists(theirs), data_request=OuterRef("pk"))
    together = Q(asked_with=pk) | Q(pk=asked_with) | Q(asked_with=asked_with)
    mailbox = Q(person=person) & ~Q(person="")
    letters = Q(postal_address=postal_address) & ~Q(postal_address="")
    waited = DataRequest.objects.on_the_clock().filter(kind=Kind.ACCESS)
    return waited.filter(mailbox | letters | together | Exists(alike))


class StepQuerySet(models.QuerySet["Step"]):
    """Questions about steps."""

    def unheld(self, at: datetime) -> Self:
        """Pending ones that nobody holds; of this table alone, so that an UPDATE looks again at the row it waited for.

        PostgreSQL does not look again at what a subquery found before the wait, and two workers would hold one step.
        """
        return self.filter(Q(lease_until=None) | Q(lease_until__lte=at), status=Status.PENDING)

    def in_turn(self, *, kind: str = "") -> Self:
        """Those that wait for no earlier one; ``kind`` is that of their requests, where it is known.

        No erasure runs before the copy that the same person asked for is sealed and announced (law page, section 1).
        """
        unfinished = Step.objects.filter(data_request=OuterRef("data_request")).unfinished()
        earlier = Q(stage__lt=OuterRef("stage")) | Q(
            stage=OuterRef("stage"), position__lt=OuterRef("position"), status=Status.PENDING
        )
        found = self.filter(~Exists(unfinished.filter(earlier)))
        if kind not in {"", Kind.ERASURE}:
            return found
        copy_awaited = copies_awaited(
            pk=OuterRef("data_request"),
            person=OuterRef("data_request__person"),
            postal_address=OuterRef("data_request__postal_address"),
            asked_with=OuterRef("data_request__asked_with"),
        )
        erasing = Q(data_request__kind=Kind.ERASURE, data_request__state=State.EXECUTING)
        return found.filter(~erasing | ~Exists(copy_awaited))

    def due(self, at: datetime, *, kind: str = "", frozen_since: datetime | None = None) -> Self:
        """Unheld ones whose turn it is; no copy is made for an address that has just become the reader's.

        Since when is reckoned from ``at``, and told where a place stands for it.
        """
        since = frozen_since or address.frozen_since(at)
        fresh = AddressChange.objects.done_after(since).filter(person=OuterRef("data_request__person"))
        return self.unheld(at).in_turn(kind=kind).exclude(Exists(fresh), action=Action.PACK)

    def unfinished(self) -> Self:
        """Those without which the request cannot be answered."""
        return self.exclude(status__in=[Status.DONE, Status.CANCELLED])


class Step(models.Model):
    """Claimed by a conditional update; ``attempts`` is the fencing token of whoever holds the lease and only grows.

    ``failures`` counts the attempts since the last progress, also those that ended with the process.
    ``stage`` orders steps: one is due when all of earlier stages are done, and, in its own stage, when no earlier
    ``position`` is still pending. ``result`` is what the source reported, of the shape its action defines.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="steps")
    source = models.CharField(_("source"), max_length=64, blank=True)
    action = models.CharField(_("action"), max_length=16, choices=Action.choices)
    stage = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(_("avancement"), max_length=16, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(_("tentatives"), default=0)
    failures = models.PositiveSmallIntegerField(_("échecs de suite"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    cursor = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    failure = models.CharField(_("échec"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(_("fini le"), null=True, blank=True)
    finished_by = models.CharField(max_length=12, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("étape")
        verbose_name_plural = _("étapes")
        ordering = ["stage", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["data_request", "source", "action"],
                condition=~Q(status="cancelled"),
                name="one_step_per_source_and_action",
            ),
        ]
        indexes = [models.Index(fields=["status", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.action} {self.source}".strip()


class FileToRemove(models.Model):
    """A stored file whose row is gone; committed with the chunk that erased the row, removed afterwards.

    The chunk is a step's, that of a kept list whose ground has ended, or, with neither, of a replay. The file is
    ``doubtful`` from just before a remote source commits its chunk until the service has counted it.
    """

    step = models.ForeignKey(Step, models.CASCADE, null=True, related_name="files_to_remove")
    kept_list = models.ForeignKey(KeptList, models.CASCADE, null=True, related_name="files_to_remove")
    storage = models.CharField(max_length=64, default="default")
    name = models.CharField(max_length=500)
    doubtful = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("fichier à retirer")
        verbose_name_plural = _("fichiers à retirer")

    def __str__(self) -> str:
        return f"FileToRemove {self.pk}"
