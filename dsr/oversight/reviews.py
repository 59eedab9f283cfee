"""The review of the log: opened by itself each month, marked finding by finding, signed."""

from datetime import datetime

from dsr.models.review import Review


def open_due(*, at: datetime) -> Review | None:
    """Open."""
