"""What every record about a reader has in common: its name says nothing of the person."""

from django.db import models


class Record(models.Model):
    """A row about a reader.

    Foreign keys between records protect, never cascade: erasing one reader must not take another reader's row along.
    Whatever an erasure blanks accepts its blank value in the database, and no constraint forbids a row that has lost
    its owner.
    """

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """The kind and number only: Django's admin log stores this text for ever."""
        return f"{type(self).__name__} {self.pk}"
