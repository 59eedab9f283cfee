"""Which articles a signed-in reader opened."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .account import Account
from .record import Record


class ArticleRead(Record):
    """One article opened once, and how long the page stayed in view."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="articles_read", db_index=False, verbose_name=_("compte")
    )
    article_url = models.CharField(_("adresse de l’article"), max_length=500)
    article_title = models.CharField(_("titre de l’article"), max_length=500, blank=True)
    read_at = models.DateTimeField(_("lu le"), db_index=True)
    seconds = models.PositiveIntegerField(_("durée en secondes"), default=0)

    class Meta:
        verbose_name = _("article lu")
        verbose_name_plural = _("articles lus")
        indexes = [models.Index(fields=["account", "id"], name="article_read_by_account")]
