"""What a reader agreed to, and every change of mind (GDPR Art. 7)."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .account import Account
from .record import Record


class Consent(Record):
    """One choice at one instant: the history is the rows, the position of today is the latest row of a purpose."""

    class Purpose(models.TextChoices):
        PARTNERS = "partners", _("messages de nos partenaires")
        ADVERTISING = "advertising", _("publicité personnalisée")
        AUDIENCE = "audience", _("mesure d’audience")
        RECOMMENDATIONS = "recommendations", _("recommandations de lecture")

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="consents",
        db_index=False,
        verbose_name=_("compte"),
    )
    email = models.EmailField(_("adresse e-mail"), max_length=254, blank=True)
    purpose = models.CharField(_("finalité"), max_length=20, choices=Purpose)
    given = models.BooleanField(_("accordé"))
    wording = models.TextField(_("texte affiché"), blank=True)
    channel = models.CharField(_("recueilli par"), max_length=40, blank=True)
    ip = models.GenericIPAddressField(_("adresse IP"), null=True, blank=True)
    changed_at = models.DateTimeField(_("choix du"))

    class Meta:
        verbose_name = _("consentement")
        verbose_name_plural = _("consentements")
        indexes = [
            models.Index(fields=["account", "id"], name="consent_by_account"),
            models.Index(Lower("email"), "id", name="consent_by_email"),
        ]
