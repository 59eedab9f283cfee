"""Staff: the people who decide, known in the log by a random reference only."""

import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U: read aloud without doubt

OFFICERS = "officers"
APPROVERS = "approvers"
AUDITORS = "auditors"


def new_reference() -> str:
    """A random staff reference such as ``S-7K4M2Q``."""
    return "S-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


class Staff(AbstractUser):
    """A member of staff; the log names them by ``reference``, which says nothing."""

    reference = models.CharField(_("référence"), max_length=12, unique=True, default=new_reference, editable=False)

    class Meta:
        verbose_name = _("membre de l’équipe")
        verbose_name_plural = _("membres de l’équipe")

    def __str__(self) -> str:
        return self.reference
