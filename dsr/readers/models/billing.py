"""What a reader bought: subscriptions and the invoices they caused."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .account import Account
from .record import Record


class Subscription(Record):
    """A contract with a reader; it runs while it has no end, and ``amount`` is the whole price of one term.

    Only an erasure leaves one without account, price or start: when an invoice outlasts what keeps its contract.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="subscriptions", db_index=False, verbose_name=_("compte")
    )
    offer = models.CharField(_("offre"), max_length=100)
    amount = models.DecimalField(_("montant"), max_digits=8, decimal_places=2, null=True)
    currency = models.CharField(_("devise"), max_length=3, default="EUR")
    started_on = models.DateField(_("début"), null=True)
    ended_on = models.DateField(_("fin"), null=True, blank=True, help_text=_("Vide tant que l’abonnement court."))
    concluded_online = models.BooleanField(_("conclu en ligne"), default=True)
    delivery_name = models.CharField(_("destinataire"), max_length=160, blank=True)
    delivery_street = models.CharField(_("rue de livraison"), max_length=200, blank=True)
    delivery_postcode = models.CharField(_("code postal de livraison"), max_length=16, blank=True)
    delivery_city = models.CharField(_("ville de livraison"), max_length=100, blank=True)
    delivery_country = models.CharField(_("pays de livraison"), max_length=2, blank=True)
    mandate_reference = models.CharField(_("référence du mandat de prélèvement"), max_length=35, blank=True)
    truncated_card = models.CharField(_("carte (quatre derniers chiffres)"), max_length=19, blank=True)

    class Meta:
        verbose_name = _("abonnement")
        verbose_name_plural = _("abonnements")
        indexes = [
            models.Index(fields=["account", "id"], name="subscription_by_account"),
            models.Index(fields=["mandate_reference", "id"], name="subscription_by_mandate"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("started_on")),
                name="subscription_ends_after_start",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="subscription_amount_positive"),
        ]


class Invoice(Record):
    """An invoice as it was sent: name and address are those of its day, whatever the account says now."""

    number = models.CharField(_("numéro"), max_length=20, unique=True)
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="invoices", db_index=False, verbose_name=_("compte")
    )
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("abonnement")
    )
    issued_on = models.DateField(_("émise le"), db_index=True)
    due_on = models.DateField(_("échéance"), null=True, blank=True)
    amount = models.DecimalField(_("montant TTC"), max_digits=8, decimal_places=2)
    vat = models.DecimalField(_("dont TVA"), max_digits=8, decimal_places=2)
    currency = models.CharField(_("devise"), max_length=3, default="EUR")
    billing_name = models.CharField(_("nom"), max_length=160, blank=True)
    billing_email = models.EmailField(_("adresse e-mail"), max_length=254, blank=True)
    billing_street = models.CharField(_("rue"), max_length=200, blank=True)
    billing_postcode = models.CharField(_("code postal"), max_length=16, blank=True)
    billing_city = models.CharField(_("ville"), max_length=100, blank=True)
    billing_country = models.CharField(_("pays"), max_length=2, blank=True)
    truncated_card = models.CharField(_("carte (quatre derniers chiffres)"), max_length=19, blank=True)
    debited_on = models.DateField(_("débitée le"), null=True, blank=True)
    paid_on = models.DateField(_("payée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("facture")
        verbose_name_plural = _("factures")
        indexes = [
            models.Index(fields=["account", "id"], name="invoice_by_account"),
            models.Index(Lower("billing_email"), "id", name="invoice_by_email"),
        ]
