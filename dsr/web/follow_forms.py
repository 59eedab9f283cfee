"""The small forms of a request's page: a code, a reply, corrections, ticked rows, a contract."""

from datetime import date
from hashlib import sha256
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsr.lifecycle.wishes import Wish
from dsr.models.correction import Correction
from dsr.models.identity import Question
from dsr.models.request import Ending
from dsr.notifications.writing import in_words
from dsr.permissions import Refusal
from dsr.sources import registry
from dsr.sources.base import RowSummary, Source, Value
from dsr.sources.statements import STATEMENT
from dsr.web.forms import NO_SUCH_CHOICE, TOO_LONG, LongText

CODE_LENGTH = 64
ONE_LINE = 60
WHOLE_SOURCE = "*"


class PageForm(forms.Form):
    """A form whose fields' ids begin with its name, so that several live on one page."""

    name = ""
    field = ""

    def place_of(self, refusal: Refusal) -> str | None:  # noqa: ARG002
        """The field beside which the sentence of a refusal belongs; None is the whole form."""
        return self.field or None

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"{self.name}-%s", label_suffix="", use_required_attribute=False, **kwargs)


class CodeForm(PageForm):
    """The code of a letter, typed; or the token of its link, which a script brings from the fragment of the address."""

    name = "confirm"
    field = "code"

    code = forms.CharField(
        label=_("Code reçu par courriel"),
        help_text=_("Neuf lettres et chiffres, comme 7K4-M2Q-XP9."),
        required=False,
        max_length=CODE_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false", "size": 14}
        ),
        error_messages={"max_length": _("Ce code est trop long : il a neuf lettres et chiffres.")},
    )
    token = forms.CharField(required=False, max_length=CODE_LENGTH, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned["code"] and not cleaned["token"]:
            self.add_error("code", _("Écrivez le code de notre courriel."))
        return cleaned

    @property
    def secret(self) -> dict[str, str]:
        """``code`` and ``token``, as the domain takes them."""
        return {"code": self.cleaned_data["code"], "token": self.cleaned_data["token"]}


class DownloadForm(CodeForm):
    """The same, for the package."""

    name = "download"


class AddressForm(CodeForm):
    """The same, for the code of the new mailbox."""

    name = "address"


class ProofForm(PageForm):
    """A file that shows what is right."""

    name = "proof"
    field = "file"

    file = forms.FileField(
        label=_("Justificatif"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        error_messages={
            "required": _("Choisissez un fichier assez petit."),
            "empty": _("Ce fichier est vide."),
            "max_length": TOO_LONG,
        },
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        size = filesizeformat(settings.DSR_PROOF_MAX_BYTES)
        self.fields["file"].help_text = _("PDF, JPEG ou PNG, %(size)s au plus.") % {"size": size}


class ReplyForm(PageForm):
    """The answer to the officer's question."""

    name = "reply"
    field = "answer"

    answer = LongText(
        label=_("Votre réponse"),
        max_length=Question._meta.get_field("answer").max_length,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Écrivez votre réponse."), "max_length": TOO_LONG},
    )


class ContractForm(PageForm):
    """What becomes of a contract that still runs, in the words of the sources that hold it."""

    name = "contract"
    field = "ending"

    ending = forms.ChoiceField(
        label=_("Votre choix"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez l’un des deux."), "invalid_choice": NO_SUCH_CHOICE},
    )

    def __init__(self, data: Any = None, *, sources: list[str], chosen: str, until: date | None):
        super().__init__(data, initial={"ending": chosen})
        self.until = until and in_words(until)
        words = registry.contract_words(sources)
        self.chosen = chosen
        self.labels = [source.label for source in registry.sources() if source.name in sources]
        self.fields["ending"].choices = [(Ending.NOW, words.now), (Ending.AT_TERM, words.at_term)]  # type: ignore[attr-defined]


class ScopeForm(PageForm):
    """Rows to tick, source by source; ``source:*`` is all of a source."""

    name = "scope"
    field = "rows"

    rows = forms.MultipleChoiceField(
        label=_("Ce dont il s’agit"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Cochez au moins une ligne. Pour demander tout, ne changez rien ici."),
            "invalid_choice": NO_SUCH_CHOICE,
        },
    )

    def __init__(self, data: Any = None, *, choosable: list[tuple[Source, list[RowSummary]]], scope: dict[str, Any]):
        super().__init__(data, initial={"rows": _ticked(scope)})
        self.labels = {source.name: source.label for source, _rows in choosable}
        self.fields["rows"].choices = [  # type: ignore[attr-defined]
            (f"{source.name}:{key}", text)
            for source, rows in choosable
            for key, text in [(WHOLE_SOURCE, _("Tout")), *((row.key, row.text) for row in rows)]
        ]

    def groups(self) -> list[tuple[str | Promise, list[forms.boundfield.BoundWidget]]]:
        """The boxes of each source under its label."""
        boxes: dict[str, list[forms.boundfield.BoundWidget]] = {}
        for box in self["rows"]:
            boxes.setdefault(str(box.data["value"]).partition(":")[0], []).append(box)
        return [(self.labels[name], each) for name, each in boxes.items()]

    @property
    def scope(self) -> dict[str, Any]:
        """What was ticked, as the domain wants it; all of a source contains its rows."""
        scope: dict[str, Any] = {}
        for ticked in self.cleaned_data["rows"]:
            name, _colon, key = ticked.partition(":")
            if key == WHOLE_SOURCE:
                scope[name] = WHOLE_SOURCE
            elif scope.get(name) != WHOLE_SOURCE:
                scope.setdefault(name, []).append(key)
        return scope


class WishesForm(PageForm):
    """Every value the reader may correct, with what they wish instead.

    ``concept-n`` and ``seen-n`` say which value stood there when the page was shown (a digest: line breaks and spaces
    survive no form); a concept or a value that does not stand any more is passed on as it is, for the domain to refuse.
    """

    name = "wish"

    def __init__(self, data: Any = None, *, values: list[Value], wished: list[Correction]):
        super().__init__(data)
        self.values = {(value.concept, _seen(value.value)): value for value in values}
        before = {(each.concept, each.old_value): each for each in wished}
        shown = self._posted(data) if data is not None else list(self.values)
        self.shown = dict(enumerate(shown))
        for n, (concept, seen) in self.shown.items():
            value = self.values.get((concept, seen))
            wish = before.get((concept, value.value)) if value else None
            self._add(n, concept, seen, value.value if value else "", wish)

    def clean(self) -> dict[str, Any]:
        """Something is to be changed."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.wishes:
            self.add_error(None, _("Vous n’avez rien changé : écrivez la bonne valeur à côté de celle qui est fausse."))
        return cleaned

    def rows(self) -> list[dict[str, Any]]:
        """For the template: the value that stands, and the bound fields beside it."""
        return [
            {
                "label": self._label(concept),
                "value": self.values[concept, seen].value if (concept, seen) in self.values else "",
                "field": self[f"new-{n}"],
                "explanation": self[f"explanation-{n}"],
                "explains": bool(self[f"explanation-{n}"].value() or self[f"explanation-{n}"].errors),
                "hidden": [self[f"concept-{n}"], self[f"seen-{n}"]],
            }
            for n, (concept, seen) in self.shown.items()
        ]

    @property
    def wishes(self) -> list[Wish]:
        """The values that the reader changed."""
        wishes = []
        for n, (concept, seen) in self.shown.items():
            value = self.values.get((concept, seen))
            old, new = value.value if value else seen, self.cleaned_data[f"new-{n}"]
            if new != _as_typed(old):
                wishes.append(Wish(concept, old, new, self.cleaned_data[f"explanation-{n}"]))
        return wishes

    def place_of(self, refusal: Refusal) -> str | None:
        """A correction is refused beside its own value."""
        concept = getattr(refusal, "concept", None)
        return next((f"new-{n}" for n, (each, _seen) in self.shown.items() if each == concept), None)

    def _add(self, n: int, concept: str, seen: str, value: str, wish: Correction | None) -> None:
        long = concept == STATEMENT or "\n" in value or len(value) > ONE_LINE
        self.fields[f"concept-{n}"] = forms.Field(widget=forms.HiddenInput, initial=concept, required=False)
        self.fields[f"seen-{n}"] = forms.Field(widget=forms.HiddenInput, initial=seen, required=False)
        self.fields[f"new-{n}"] = LongText(
            label=_("Ce qu’il faudrait écrire"),
            initial=wish.new_value if wish else value,
            required=False,
            max_length=Correction._meta.get_field("new_value").max_length,
            widget=forms.Textarea(attrs={"rows": 3}) if long else forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"max_length": TOO_LONG},
        )
        self.fields[f"explanation-{n}"] = LongText(
            label=_("Pourquoi (facultatif)"),
            initial=wish.explanation if wish else "",
            required=False,
            max_length=Correction._meta.get_field("explanation").max_length,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"max_length": TOO_LONG},
        )

    def _label(self, concept: str) -> str | Promise:
        return registry.labels().get(concept, concept)

    def _posted(self, data: Any) -> list[tuple[str, str]]:
        shown: list[tuple[str, str]] = []
        while f"concept-{len(shown)}" in data:
            n = len(shown)
            shown.append((data[f"concept-{n}"].replace("\0", ""), data.get(f"seen-{n}", "").replace("\0", "")))
        return shown


def _seen(value: str) -> str:
    return sha256(value.encode()).hexdigest()[:32]


def _as_typed(value: str) -> str:
    """A value as a form would give it back unchanged."""
    return value.replace("\r\n", "\n").strip()


def _ticked(scope: dict[str, Any]) -> list[str]:
    return [
        f"{name}:{key}" for name, keys in scope.items() for key in ([WHOLE_SOURCE] if keys == WHOLE_SOURCE else keys)
    ]
