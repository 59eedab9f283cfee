"""Which letters a reader receives, with an account or by a bare address."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .account import Account
from .record import Record


class NewsletterSubscription(Record):
    """One reader on one list; unsubscribing changes the status and erases nothing."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        UNSUBSCRIBED = "unsubscribed", _("désinscrite")

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="newsletter_subscriptions",
        db_index=False,
        verbose_name=_("compte"),
    )
    email = models.EmailField(_("adresse e-mail"), max_length=254, blank=True)
    list_name = models.CharField(_("liste"), max_length=60)
    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.ACTIVE)
    subscribed_at = models.DateTimeField(_("inscrite le"))
    subscribed_ip = models.GenericIPAddressField(_("adresse IP à l’inscription"), null=True, blank=True)
    unsubscribed_at = models.DateTimeField(_("désinscrite le"), null=True, blank=True)
    last_opened_at = models.DateTimeField(_("dernière ouverture"), null=True, blank=True)

    class Meta:
        verbose_name = _("inscription à une lettre")
        verbose_name_plural = _("inscriptions aux lettres")
        indexes = [
            models.Index(fields=["account", "id"], name="newsletter_by_account"),
            models.Index(Lower("email"), "id", name="newsletter_by_email"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), "list_name", condition=~models.Q(email=""), name="newsletter_once_per_list"
            )
        ]
