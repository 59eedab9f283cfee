"""The filters of the queue; its own template draws them, as links and lists that a keyboard reaches."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr.admin import pending, words

FOUND = "dsr-desk-found"  # where a session keeps the numbers of the requests its last search found
FOUND_PARAMETER = "found"
PARAMETERS = frozenset({FOUND_PARAMETER, "view", "kind", "state", "assigned"})


class ViewFilter(admin.SimpleListFilter):
    """What part of the requests is shown: what is still to do, unless told otherwise."""

    title = _("vue")
    parameter_name = "view"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        params.pop(FOUND_PARAMETER, None)
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """Every view."""
        return pending.VIEWS.items()

    def value(self) -> str:
        """The view asked for."""
        asked = super().value() or ""
        return asked if asked in pending.VIEWS else pending.TO_DO

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the view, or those that the last search found, wherever they stand."""
        if FOUND_PARAMETER in request.GET:
            return queryset.filter(pk__in=request.session.get(FOUND, []))
        return queryset.filter(pending.condition(self.value(), timezone.now()))


class KindFilter(admin.SimpleListFilter):
    """What was asked."""

    title = _("nature")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """Every kind."""
        return words.KINDS.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those of the kind."""
        return queryset.filter(kind=self.value()) if self.value() in words.KINDS else queryset


class StateFilter(admin.SimpleListFilter):
    """Where it stands."""

    title = _("état")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """Every state."""
        return words.STATES.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those of the state."""
        return queryset.filter(state=self.value()) if self.value() in words.STATES else queryset


class AssignedFilter(admin.SimpleListFilter):
    """Who looks after it."""

    title = _("suivi")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """Mine, or nobody's."""
        return [("me", _("Les miennes")), ("nobody", _("À personne"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the member of staff who asks, or of nobody."""
        if self.value() == "me":
            return queryset.filter(assigned_to=request.user.pk)
        return queryset.filter(assigned_to=None) if self.value() == "nobody" else queryset
