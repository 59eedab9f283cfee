"""What readers write under the articles."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .account import Account
from .record import Record


class Comment(Record):
    """A comment, signed by an account or by a bare address; an imported one keeps its number in the export."""

    class Status(models.TextChoices):
        PUBLISHED = "published", _("publié")
        HELD = "held", _("en attente de modération")
        SPAM = "spam", _("indésirable")
        TRASHED = "trashed", _("à la corbeille")

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="comments",
        db_index=False,
        verbose_name=_("compte"),
    )
    author_name = models.CharField(_("signature"), max_length=255, blank=True)
    author_email = models.EmailField(_("adresse e-mail"), max_length=254, blank=True)
    author_url = models.CharField(_("site de l’auteur"), max_length=500, blank=True)
    author_ip = models.GenericIPAddressField(_("adresse IP"), null=True, blank=True)
    user_agent = models.CharField(_("navigateur"), max_length=500, blank=True)
    content = models.TextField(_("texte"), blank=True)
    status = models.CharField(_("état"), max_length=10, choices=Status, default=Status.HELD)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replies", verbose_name=_("en réponse à")
    )
    article_url = models.CharField(_("adresse de l’article"), max_length=500)
    article_title = models.CharField(_("titre de l’article"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("écrit le"), db_index=True)
    imported_from = models.CharField(_("importé de"), max_length=200, blank=True)
    wordpress_id = models.PositiveBigIntegerField(_("numéro WordPress"), null=True, blank=True)
    wordpress_parent = models.PositiveBigIntegerField(_("en réponse au numéro WordPress"), null=True, blank=True)

    class Meta:
        verbose_name = _("commentaire")
        verbose_name_plural = _("commentaires")
        indexes = [
            models.Index(fields=["account", "id"], name="comment_by_account"),
            models.Index(Lower("author_email"), "id", name="comment_by_email"),
            models.Index(fields=["author_ip", "id"], name="comment_by_ip"),
        ]
        constraints = [models.UniqueConstraint(fields=["imported_from", "wordpress_id"], name="comment_imported_once")]
