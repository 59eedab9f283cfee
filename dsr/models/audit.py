"""The log: what happened, to which request, by whom; no name, address, free text, nor a hash of one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One entry; ``canonical`` is the very text that is hashed (RFC 8785), the columns beside it only help searching.

    ``subject`` is the reference of the request, or of the member of staff for acts about no request; with ``n`` it
    places the entry in its chain, and ``previous`` is the hash of the entry before it in the chain. No foreign key: an
    entry outlives everything it speaks of.
    """

    subject = models.CharField(_("objet"), max_length=16)
    n = models.PositiveIntegerField(_("numéro"))
    previous = models.CharField(max_length=64)
    event = models.CharField(_("événement"), max_length=48, db_index=True)
    at = models.DateTimeField(_("instant"), db_index=True)
    actor = models.CharField(_("auteur"), max_length=16, db_index=True)
    facts = models.JSONField(_("faits"), default=dict)
    canonical = models.TextField()

    class Meta:
        verbose_name = _("entrée du journal")
        verbose_name_plural = _("journal")
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["subject", "n"], name="one_entry_per_place_in_the_chain")]

    def __str__(self) -> str:
        return f"{self.subject} {self.n} {self.event}"
