"""The filters of the log: what happened, who acted, to which request, from which day to which day of Paris."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsr import deadlines
from dsr.admin.journal_paging import Stream
from dsr.audit import log
from dsr.audit.events import EVENTS
from dsr.models.audit import AuditEntry

STAFF: Final = "staff"

_WRITTEN: Final = (re.compile(r"(DSR|REV)([0-9A-Z]{4})([0-9A-Z]{4})"), re.compile(r"(S)([0-9A-Z]{6})"))
_AS_IT_IS: Final = re.compile(r"[0-9A-Z-]{1,16}")


class Reference(forms.CharField):
    """A reference, in whatever case, with or without its dashes."""

    def clean(self, value: Any) -> str:
        """As the log writes it; raises ValidationError for what is no reference."""
        typed = str(super().clean(value))
        signs = re.sub(r"[\s-]", "", typed.upper())
        if found := next(filter(None, (each.fullmatch(signs) for each in _WRITTEN)), None):
            return "-".join(found.groups())
        if typed and not _AS_IT_IS.fullmatch(typed.upper()):
            message = _("« %(typed)s » n’est pas une référence : elle s’écrit comme DSR-7K4M-2QXP ou S-7K4M2Q.")
            raise forms.ValidationError(message, params={"typed": typed})
        return typed.upper()


class Day(forms.DateField):
    """A day as browsers send it."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    input_formats = ("%Y-%m-%d",)

    def clean(self, value: Any) -> date | None:
        """The day; what is none raises ValidationError, and stays in the field as text."""
        try:
            day: date | None = super().clean(value)
        except forms.ValidationError as error:
            self.widget.input_type = "text"
            message = _("« %(typed)s » n’est pas un jour : il s’écrit comme 2026-09-16.")
            raise forms.ValidationError(message, params={"typed": value}) from error
        return day


class Filters(forms.Form):
    """What the list is narrowed to; a filter that is not understood stays as it was typed, and narrows nothing."""

    event = forms.ChoiceField(label=gettext_lazy("Événement"), required=False)
    by = forms.ChoiceField(
        label=gettext_lazy("Auteur"),
        required=False,
        choices=[
            ("", gettext_lazy("Tous")),
            (log.READER, gettext_lazy("Lecteurs")),
            (log.SYSTEM, gettext_lazy("Système")),
            (STAFF, gettext_lazy("Équipe")),
        ],
    )
    agent = Reference(label=gettext_lazy("Référence d’un agent"), required=False)
    about = Reference(label=gettext_lazy("Référence d’une demande"), required=False)
    since = Day(label=gettext_lazy("Du"), required=False)
    until = Day(label=gettext_lazy("Au"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        known = {code: str(event.sentence) for code, event in EVENTS.items()}
        asked = self.data.get("event", "")
        if asked and log.TOKEN.match(asked):
            known.setdefault(asked, asked)  # one that left the list
        by_sentence = sorted(known.items(), key=lambda pair: pair[1])
        self.fields["event"].choices = [("", _("Tous")), *by_sentence]  # type: ignore[attr-defined]
        self.full_clean()

    @property
    def kept(self) -> dict[str, str]:
        """What was typed, for the links to other pages."""
        return {name: typed for name in self.fields if (typed := self.data.get(name, ""))}

    @property
    def key(self) -> str:
        """The column whose order is the list's: one chain has its own."""
        return "n" if self.cleaned_data.get("about") else "at"

    @property
    def streams(self) -> list[Stream]:
        """The entries, as stretches of an index each."""
        asked, entries = self.cleaned_data, AuditEntry.objects.all()
        for name, column in {"event": "event", "agent": "actor", "about": "subject"}.items():
            if asked.get(name):
                entries = entries.filter(**{column: asked[name]})
        if start := _midnight(asked.get("since")):
            entries = entries.filter(at__gte=start)
        if end := _midnight(asked.get("until"), after=1):
            entries = entries.filter(at__lt=end)
        is_narrow = any(asked.get(name) for name in ("event", "agent", "about"))
        return [entries.filter(actor) for actor in _actors(asked.get("by", ""), together=is_narrow)]


def _actors(sort: str, *, together: bool) -> Iterator[Q]:
    """Who is of that sort; staff one by one, unless ``together``, since acts of theirs may be far between."""
    if sort != STAFF:
        yield Q(actor=sort) if sort else Q()
    elif together:
        yield ~Q(actor__in=[log.READER, log.SYSTEM])
    else:
        yield from (Q(actor=each) for each in _known_actors() if each not in {log.READER, log.SYSTEM})


def _known_actors() -> Iterator[str]:
    """Everybody whom the log names, by one step in its index of actors each."""
    names = AuditEntry.objects.order_by("actor").values_list("actor", flat=True)
    last = names.first()
    while last is not None:
        yield last
        last = names.filter(actor__gt=last).first()


def _midnight(day: date | None, *, after: int = 0) -> datetime | None:
    """Midnight in Paris as the day begins, or ``after`` days later; None for no day, or at the ends of time."""
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=after), time(), tzinfo=deadlines.PARIS).astimezone(UTC)
    except OverflowError:
        return None
