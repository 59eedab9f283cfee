"""A new e-mail address: confirmed in its own mailbox, announced to the old one, in effect after a delay."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsr.models.correction import Decision
from dsr.models.request import DataRequest


class AddressChangeQuerySet(models.QuerySet["AddressChange"]):
    """Questions about changes of address."""

    def awaited(self, data_request: DataRequest) -> bool:
        """Whether an accepted correction of this request waits for its address to take effect."""
        accepted = data_request.corrections.filter(concept="email", decision=Decision.ACCEPTED)
        return self.filter(data_request=data_request, done_at=None).exists() and accepted.exists()

    def done_after(self, instant: datetime) -> Self:
        """Those that took effect after that instant."""
        return self.filter(done_at__gt=instant)


def frozen_since(at: datetime) -> datetime:
    """Nothing is delivered yet to an address that took effect after this instant (law page, section 3)."""
    return at - timedelta(hours=settings.DSR_ADDRESS_CHANGE_HOURS)


class AddressChange(models.Model):
    """The one new address that a request for rectification wishes; ``person`` is its keyed token.

    Each instant says how far it is: asked, confirmed by the new mailbox, objected to by the old one or done.
    """

    data_request = models.OneToOneField(DataRequest, models.CASCADE, related_name="address_change")
    address = models.EmailField(_("nouvelle adresse"))
    person = models.CharField(max_length=64, db_index=True)
    asked_at = models.DateTimeField(_("demandée le"))
    confirmed_at = models.DateTimeField(_("confirmée le"), null=True, blank=True)
    effective_at = models.DateTimeField(_("prend effet le"), null=True, blank=True)
    objected_at = models.DateTimeField(_("contestée le"), null=True, blank=True)
    done_at = models.DateTimeField(_("faite le"), null=True, blank=True)

    objects = AddressChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("changement d’adresse")
        verbose_name_plural = _("changements d’adresse")

    def __str__(self) -> str:
        return f"AddressChange {self.pk}"
