"""The log's Merkle tree (RFC 6962): leaves, the nodes that are kept, the head, the signed checkpoints.

No foreign key is a constraint of the database here: verifying finds out what a constraint would only assume.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.models.audit import AuditEntry

HEIGHT = 8  # every eighth level of inner nodes is kept, as in C2SP's tiles; those between are hashed anew from 256


class Leaf(models.Model):
    """The place of one entry in the tree, and its leaf hash (32 bytes)."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.DO_NOTHING, db_constraint=False, related_name="leaf")
    hash = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Leaf {self.index}"


class Node(models.Model):
    """The root of a complete subtree: node (level, index) covers the 2^level leaves from index × 2^level on."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_node_per_place")]

    def __str__(self) -> str:
        return f"Node {self.level}/{self.index}"


class Head(models.Model):
    """How many leaves the tree has; a single row, whose conditional update makes one sequencer at a time."""

    size = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="a_single_head")]

    def __str__(self) -> str:
        return f"Head {self.size}"

    @property
    def reference(self) -> str:
        """The name of the chain of what concerns the log as a whole."""
        return "LOG"


class Checkpoint(models.Model):
    """A signed statement of the log's size and root, as it was published (C2SP signed note)."""

    size = models.BigIntegerField(_("taille"))
    note = models.TextField(_("texte signé"))
    published_at = models.DateTimeField(_("publié le"))

    class Meta:
        verbose_name = _("point de contrôle")
        verbose_name_plural = _("points de contrôle")
        default_permissions = ()
        ordering = ["-size", "-published_at", "-pk"]
        indexes = [models.Index(fields=["size"], name="checkpoints_by_size")]

    def __str__(self) -> str:
        return f"Checkpoint {self.size}"
