"""The account a reader opens on the newspaper's site."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .record import Record


class Account(Record):
    """One reader's account; emptied but not removed while an invoice or a contract must be kept."""

    email = models.EmailField(_("adresse e-mail"), max_length=254, null=True, blank=True)  # noqa: DJ001 - unique, see Meta
    email_confirmed_at = models.DateTimeField(_("adresse confirmée le"), null=True, blank=True)
    password = models.CharField(_("mot de passe (empreinte)"), max_length=128, blank=True)
    pen_name = models.CharField(_("pseudonyme"), max_length=80, blank=True)
    given_name = models.CharField(_("prénom"), max_length=80, blank=True)
    family_name = models.CharField(_("nom"), max_length=80, blank=True)
    phone = models.CharField(_("téléphone"), max_length=32, blank=True)
    birth_date = models.DateField(_("date de naissance"), null=True, blank=True)
    street = models.CharField(_("rue"), max_length=200, blank=True)
    street_complement = models.CharField(_("complément d’adresse"), max_length=200, blank=True)
    postcode = models.CharField(_("code postal"), max_length=16, blank=True)
    city = models.CharField(_("ville"), max_length=100, blank=True)
    country = models.CharField(_("pays"), max_length=2, blank=True, help_text=_("Code ISO 3166 à deux lettres."))
    subscriber_number = models.CharField(_("numéro d’abonné"), max_length=20, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(_("ouvert le"))
    last_seen_at = models.DateTimeField(_("dernière visite"), null=True, blank=True)
    last_ip = models.GenericIPAddressField(_("dernière adresse IP"), null=True, blank=True)
    closed_at = models.DateTimeField(_("fermé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("compte")
        verbose_name_plural = _("comptes")
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_once")]
        indexes = [
            models.Index(fields=["phone", "id"], name="account_by_phone"),
            models.Index(fields=["last_ip", "id"], name="account_by_ip"),
            models.Index(Lower("pen_name"), "id", name="account_by_pen_name"),
        ]
