"""Rows that only verbs write: looked at in the admin, never edited, never deleted, not even by a superuser."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ByVerbs(ModelAdmin):  # type: ignore[misc]
    """Nobody adds, changes or deletes; each page says who sees it."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False
