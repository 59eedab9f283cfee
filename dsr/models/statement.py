"""A supplementary statement that completes a reader's data (GDPR Art. 16); it is among the data from then on."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Statement(models.Model):
    """What a reader wished to add and an officer accepted, filed under their address; ``reference`` is the request's.

    No foreign key: it stays when the request is forgotten, and goes when the reader's data are erased.
    """

    reference = models.CharField(_("référence"), max_length=16, unique=True)
    email = models.EmailField(_("adresse électronique"))
    text = models.TextField(_("déclaration"), max_length=2000)
    recorded_at = models.DateTimeField(_("enregistrée le"))

    class Meta:
        verbose_name = _("déclaration complémentaire")
        verbose_name_plural = _("déclarations complémentaires")
        indexes = [models.Index(Lower("email"), "id", name="statements_of_an_address")]

    def __str__(self) -> str:
        return f"Statement {self.pk}"
