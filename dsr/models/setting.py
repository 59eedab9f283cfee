"""The settings as they were last seen, so that the log tells when one changed."""

from django.db import models


class SeenSetting(models.Model):
    """A keyed digest of one setting's value; the value itself may be a secret or somebody's address."""

    name = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
