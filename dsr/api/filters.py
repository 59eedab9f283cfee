"""Narrowing the desk's queue, and turning its pages by due date."""

import base64
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError as FieldError
from django.db.models import DateField, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, DateFilter, FilterSet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from dsr.models.request import DataRequest
from dsr.states import Kind, State

ISO = ["%Y-%m-%d"]
CURSOR = "cursor"
PAGE = 50
LAST = date.max  # where a request without a due date stands


class TrueOrFalse(ChoiceFilter):  # type: ignore[misc]
    """``true`` or ``false``, and nothing that merely looks like one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], **kwargs)


class DayField(forms.DateField):
    """A day; an empty text is none, while one that is not given asks nothing."""

    def clean(self, value: Any) -> Any:
        """The day, or None when it is not given."""
        if value == "":
            raise FieldError(self.error_messages["invalid"], code="invalid")
        return super().clean(value)


class Day(DateFilter):  # type: ignore[misc]
    """A day as ISO 8601 writes it."""

    field_class = DayField


class QueueFilter(FilterSet):  # type: ignore[misc]
    """The questions a desk asks of its queue."""

    kind = ChoiceFilter(choices=Kind.choices)
    state = ChoiceFilter(choices=State.choices)
    due_before = Day("due_on", "lt", input_formats=ISO)
    due_after = Day("due_on", "gt", input_formats=ISO)
    assigned_to_me = TrueOrFalse(method="of_the_caller")
    late = TrueOrFalse(method="overdue")

    class Meta:
        model = DataRequest
        fields = ("kind", "state", "due_before", "due_after", "assigned_to_me", "late")

    def of_the_caller(self, queue: QuerySet[DataRequest], _name: str, wanted: str) -> QuerySet[DataRequest]:
        """Those entrusted to whoever asks, or to somebody else or nobody."""
        theirs = Q(assigned_to=self.request.user.pk)
        return queue.filter(theirs) if wanted == "true" else queue.exclude(theirs)

    def overdue(self, queue: QuerySet[DataRequest], _name: str, wanted: str) -> QuerySet[DataRequest]:
        """Those the law still waits for after their last day, or all others."""
        today = timezone.localdate(timezone.now())
        late = DataRequest.objects.on_the_clock().due_before(today).values("pk")
        return queue.filter(pk__in=late) if wanted == "true" else queue.exclude(pk__in=late)


def by_due_date(queue: QuerySet[DataRequest], request: Request) -> tuple[list[DataRequest], str | None]:
    """One page by due date, then age, and the address of the next one.

    The cursor names the last request given, so a page never shifts under its reader; one that we did not give raises
    ValidationError.
    """
    ordered = queue.annotate(place=Coalesce("due_on", Value(LAST), output_field=DateField()))
    cursor = request.query_params.get(CURSOR)
    if cursor:
        place, number = _read(cursor)
        ordered = ordered.filter(Q(place__gt=place) | Q(place=place, pk__gt=number))
    rows = list(ordered.order_by("place", "pk")[: PAGE + 1])
    page, more = rows[:PAGE], rows[PAGE:]
    return list(page), replace_query_param(request.build_absolute_uri(), CURSOR, _write(page[-1])) if more else None


def _write(row: Any) -> str:
    return base64.urlsafe_b64encode(f"{row.place.isoformat()}.{row.pk}".encode()).decode()


def _read(cursor: str) -> tuple[date, int]:
    try:
        place, _dot, number = base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii").partition(".")
        return date.fromisoformat(place), int(number)
    except ValueError as error:
        raise ValidationError({CURSOR: [_("Ce curseur n’est pas l’un des nôtres.")]}) from error
