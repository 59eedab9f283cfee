"""The page on which an officer masks or leaves what other people may be read of: each passage in its sentence."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsr import permissions
from dsr.admin import words
from dsr.admin.offers import Offers
from dsr.lifecycle import persons, screening
from dsr.models.passage import CHOICES, Decision, Passage
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status
from dsr.sources import base, registry
from dsr.sources.activities import Text

SIZE = 50


class DecisionsForm(forms.Form):
    """One list for each passage shown, masking first, and whether it stands for all that say the same."""

    def __init__(self, data: Any = None, *, passages: Iterable[Passage]) -> None:
        super().__init__(data, label_suffix="")
        self.passages = list(passages)
        for passage in self.passages:
            first = passage.decision or Decision.MASK
            self.fields[f"decision-{passage.pk}"] = forms.ChoiceField(
                label=_("Décision sur le passage %(number)s") % {"number": passage.pk}, choices=CHOICES, initial=first
            )
            self.fields[f"everywhere-{passage.pk}"] = forms.BooleanField(
                label=_("De même partout où il se lit, sauf décision contraire"), required=False
            )

    def said(self) -> dict[str, Any]:
        """The decisions as the domain takes them."""
        data = self.cleaned_data
        return {
            "decisions": {each.pk: data[f"decision-{each.pk}"] for each in self.passages},
            "everywhere": [each.pk for each in self.passages if data[f"everywhere-{each.pk}"]],
            "instead_of": {each.pk: self.data.get(f"seen-{each.pk}", "") for each in self.passages},
        }


class MarkForm(forms.Form):
    """What an officer has read and no machine finds."""

    required_css_class = "dk-required"

    text = forms.CharField(
        label=gettext_lazy("Passage, exactement comme il se lit"),
        max_length=persons.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    source = forms.ChoiceField(label=gettext_lazy("Source"))
    row = forms.CharField(
        label=gettext_lazy("Numéro de la ligne"),
        help_text=gettext_lazy("Vide : partout dans cette source."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, data_request: DataRequest) -> None:
        super().__init__(data, auto_id="mark-%s", label_suffix="")
        searched = [each for each, _rows in registry.in_scope(data_request.scope) if each.free_text]
        self.fields["source"].choices = [(each.name, words.source_label(each.name)) for each in searched]  # type: ignore[attr-defined]


def shown(data_request: DataRequest, *, every: bool, after: int = 0) -> list[Passage]:
    """One more than a page of passages: those to decide, or every one from a number on."""
    passages = data_request.passages.filter(pk__gt=after) if every else data_request.passages.undecided()
    return list(passages.select_related("decided_by")[: SIZE + 1])


def context(
    data_request: DataRequest,
    *,
    by: Staff,
    every: bool,
    after: int = 0,
    form: DecisionsForm | None = None,
    mark: MarkForm | None = None,
) -> dict[str, Any]:
    """Every part of the page; the forms are those that were posted and not carried out."""
    found = shown(data_request, every=every, after=after)
    form = form or DecisionsForm(passages=found[:SIZE])
    counts = data_request.passages.aggregate(all=Count("pk"))["all"], data_request.passages.undecided().count()
    return {
        "data_request": data_request,
        "passages": _lines(data_request, form),
        "every": every,
        "next": found[SIZE - 1].pk if every and len(found) > SIZE else None,
        "total": counts[0],
        "undecided": counts[1],
        "may_decide": permissions.may("decide_passages", by, data_request),
        "may_mark": permissions.may("mark_passage", by, data_request),
        "mark_form": mark or MarkForm(data_request=data_request),
        "marked": _marked(data_request),
        "searching": data_request.steps.filter(action=Action.SCREEN, status=Status.PENDING).exists(),
        "offers": [each for each in Offers(data_request, by).on_request() if each.verb == "finish_screening"],
    }


def summary(data_request: DataRequest) -> dict[str, int]:
    """How many passages there are, and how many wait."""
    return {"total": data_request.passages.count(), "undecided": data_request.passages.undecided().count()}


def _lines(data_request: DataRequest, form: DecisionsForm) -> list[dict[str, Any]]:
    tokens = {each.token for each in form.passages}
    alike = data_request.passages.filter(token__in=tokens).order_by().values_list("token").annotate(Count("pk"))
    times = dict(alike)
    sources = {each.name: each for each in registry.sources()}
    lines = []
    for passage in form.passages:
        passage.data_request = data_request
        before, value, after = screening.excerpt(passage) or ("", _("(détruit)"), "")
        lines.append(
            {
                "row": passage,
                "source": words.source_label(passage.source),
                "field": _field(passage.field, sources.get(passage.source)),
                "before": before,
                "value": value,
                "after": after,
                "times": times.get(passage.token, 1),
                "decision": form[f"decision-{passage.pk}"],
                "everywhere": form[f"everywhere-{passage.pk}"],
            }
        )
    return lines


def _field(name: str, source: base.Source | None) -> Text:
    """The field in words, or its name once its source was taken out."""
    return source.free_text.get(base.column_of(name), name) if source else name


def _marked(data_request: DataRequest) -> list[dict[str, Any]]:
    """The texts that officers marked, and how often each was found."""
    return [
        {
            "text": screening.unseal_text(each),
            "source": words.source_label(each.source),
            "row": each.row,
            "found": data_request.passages.filter(source=each.source, token=each.token).count(),
        }
        for each in data_request.marked_texts.filter(sealed__isnull=False).select_related("data_request")
    ]
