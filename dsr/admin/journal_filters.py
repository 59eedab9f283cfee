"""The filters of the log: what happened, who acted, from which day to which day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from dsr import deadlines
from dsr.audit import log
from dsr.audit.events import EVENTS


class EventFilter(admin.SimpleListFilter):
    """What happened, by its sentence."""

    title = _("événement")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """Every event, in the order of its sentence."""
        return sorted(((code, str(event.sentence)) for code, event in EVENTS.items()), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """The entries of that event."""
        return queryset.filter(event=self.value()) if self.value() else queryset


class ActorFilter(admin.SimpleListFilter):
    """Who acted; one member of staff is found by searching their reference."""

    title = _("auteur")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """The sorts of actors."""
        return [(log.READER, _("Lecteur")), (log.SYSTEM, _("Système")), ("staff", _("Équipe"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """The entries of that sort of actor."""
        if self.value() == "staff":
            return queryset.exclude(actor__in=[log.READER, log.SYSTEM])
        return queryset.filter(actor=self.value()) if self.value() else queryset


class DayFilter(admin.SimpleListFilter):
    """A day typed as an ISO date; anything else filters nothing."""

    is_day = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """One entry, so that the admin keeps the filter; the template draws a field for a date."""
        return [("", "")]

    def midnight(self, *, after: int = 0) -> datetime | None:
        """Midnight in Paris as the day begins, or ``after`` days later; None for what is not a day."""
        try:
            day = date.fromisoformat(self.value() or "")
            return datetime.combine(day + timedelta(days=after), time(), tzinfo=deadlines.PARIS).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


class SinceFilter(DayFilter):
    """The first day."""

    title = _("du")
    parameter_name = "since"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """The entries of that day and later."""
        start = self.midnight()
        return queryset.filter(at__gte=start) if start else queryset


class UntilFilter(DayFilter):
    """The last day."""

    title = _("au")
    parameter_name = "until"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """The entries of that day and earlier."""
        end = self.midnight(after=1)
        return queryset.filter(at__lt=end) if end else queryset
