"""What readers write to the newspaper's support, with what they attach."""

from pathlib import PurePath
from uuid import uuid4

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .account import Account
from .record import Record


def attachment_path(_message: "SupportMessage", filename: str) -> str:
    """A random name that keeps the extension alone: the name the reader gave often names the reader."""
    return f"support/{uuid4().hex}{PurePath(filename).suffix.lower()[:10]}"


class SupportMessage(Record):
    """A message to the support desk and its answer."""

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="support_messages",
        db_index=False,
        verbose_name=_("compte"),
    )
    name = models.CharField(_("nom"), max_length=160, blank=True)
    email = models.EmailField(_("adresse e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("téléphone"), max_length=32, blank=True)
    ip = models.GenericIPAddressField(_("adresse IP"), null=True, blank=True)
    subject = models.CharField(_("objet"), max_length=200, blank=True)
    body = models.TextField(_("message"), blank=True)
    attachment = models.FileField(_("pièce jointe"), upload_to=attachment_path, max_length=200, blank=True)
    attachment_name = models.CharField(_("nom du fichier reçu"), max_length=200, blank=True)
    answer = models.TextField(_("réponse"), blank=True)
    answered_by = models.CharField(_("répondu par (référence)"), max_length=20, blank=True)
    created_at = models.DateTimeField(_("reçu le"), db_index=True)
    answered_at = models.DateTimeField(_("répondu le"), null=True, blank=True)

    class Meta:
        verbose_name = _("message au support")
        verbose_name_plural = _("messages au support")
        indexes = [
            models.Index(fields=["account", "id"], name="support_by_account"),
            models.Index(Lower("email"), "id", name="support_by_email"),
            models.Index(fields=["phone", "id"], name="support_by_phone"),
        ]
