"""The log: what happened, to which request, by whom; no name, address, free text, nor a hash of one."""

import json
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One entry; ``canonical`` is the very text that is hashed (RFC 8785), the columns beside it only help searching.

    ``subject`` is the reference of the request or the review, or of the member of staff for acts about neither; with
    ``n`` it places the entry in its chain. No foreign key: an entry outlives everything it speaks of.
    """

    subject = models.CharField(_("objet"), max_length=16)
    n = models.PositiveIntegerField(_("numéro"))
    event = models.CharField(_("événement"), max_length=48)
    at = models.DateTimeField(_("instant"))
    actor = models.CharField(_("auteur"), max_length=16)
    canonical = models.TextField()

    class Meta:
        verbose_name = _("entrée du journal")
        verbose_name_plural = _("journal")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["subject", "n"], name="one_entry_per_place_in_the_chain")]
        indexes = [
            models.Index(fields=["at", "id"], name="entries_by_instant"),
            models.Index(fields=["event", "at", "id"], name="entries_of_an_event"),
            models.Index(fields=["actor", "at", "id"], name="entries_of_an_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.n} {self.event}"

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The facts that the entry carries; none in a text that somebody changed beyond reading."""
        facts = self._said.get("facts")
        return facts if isinstance(facts, dict) else {}

    @property
    def previous(self) -> str:
        """The leaf hash of the entry before it in its chain, in hexadecimal; empty for the first."""
        return str(self._said.get("previous", ""))

    @cached_property
    def _said(self) -> dict[str, Any]:
        """What the text says, by name."""
        try:
            said = json.loads(self.canonical)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}


class Pending(models.Model):
    """An entry that has no place in the tree yet: inserted with it, removed with its leaf; the sequencer's queue."""

    entry = models.OneToOneField(AuditEntry, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Pending {self.pk}"
