"""What each verb of the desk asks of the officer: exactly the fields it needs."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from dsr import grounds, permissions
from dsr.admin import words
from dsr.models.correction import Correction
from dsr.models.identity import Identifier
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice, Untold
from dsr.models.request import DataRequest, Ending
from dsr.models.staff import Staff
from dsr.models.step import Action, Step
from dsr.states import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Target = DataRequest | Correction | Identifier | Notice | RecipientNotice | Step


def paragraph(rows: int = 4) -> forms.Textarea:
    """A text area that grows with what is typed."""
    return forms.Textarea(attrs={"rows": rows})


def _day(label: "StrPromise") -> forms.DateField:
    """A day, picked or typed."""
    picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=picker, localize=False)


class ActForm(forms.Form):
    """The fields of one verb on one target; several forms live on one page, so each has its own element ids."""

    required_css_class = "dk-required"

    def __init__(self, *args: Any, target: Target, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.target, self.by = target, by
        self.prepare()

    def prepare(self) -> None:
        """Fit the fields to the target."""


class OfficerChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A member of staff, by name."""

    def label_from_instance(self, obj: Any) -> str:
        """The name, or the name they sign in with."""
        return obj.get_full_name() or str(obj.get_username())


class Assign(ActForm):
    to = OfficerChoice(Staff.objects.none(), label=_("Agent"), empty_label=None)

    def prepare(self) -> None:
        """Offer those who may decide, the asker first."""
        field = self.fields["to"]
        field.queryset = Staff.objects.with_perm(permissions.DECIDE).order_by("last_name", "username")  # type: ignore[attr-defined]
        field.initial = self.by.pk


class Refuse(ActForm):
    because = forms.ChoiceField(label=_("Motif, tel que le lecteur le lira"), widget=forms.RadioSelect)
    advice = forms.CharField(
        label=_("Avis du délégué à la protection des données"),
        help_text=_("Exigé pour une demande infondée ou excessive."),
        widget=paragraph(3),
        required=False,
    )

    def prepare(self) -> None:
        """Offer the grounds that answer this kind of request."""
        offered = grounds.refusals_for(_kind(self.target))
        self.fields["because"].choices = [(ground.code, ground.sentence) for ground in offered]  # type: ignore[attr-defined]


class Extend(ActForm):
    because = forms.ChoiceField(
        label=_("Motif"),
        choices=[(ground.code, ground.sentence) for ground in grounds.EXTENSIONS.values()],
        widget=forms.RadioSelect,
    )


class Ask(ActForm):
    question = forms.CharField(
        label=_("Question"), help_text=_("Le délai continue de courir."), widget=paragraph(), max_length=2000
    )


class Doubt(ActForm):
    reason = forms.CharField(
        label=_("Motif du doute, et ce que vous demandez"),
        help_text=_("Un doute raisonnable et précis, et le moyen le moins intrusif d’y répondre."),
        widget=paragraph(),
        max_length=2000,
    )


class Vouch(ActForm):
    kind = forms.ChoiceField(label=_("Nature"), choices=words.IDENTIFIERS.items())
    value = forms.CharField(
        label=_("Valeur lue sur le document"),
        help_text=_("Un second agent la confirmera."),
        max_length=320,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class Route(ActForm):
    article = forms.URLField(label=_("Adresse de l’article"), assume_scheme="https", max_length=200)


class RecordReply(ActForm):
    answer = forms.CharField(label=_("Ce que le lecteur a répondu"), widget=paragraph(4), max_length=5000)


class Answer(ActForm):
    text = forms.CharField(label=_("Réponse envoyée au lecteur"), widget=paragraph(8), max_length=20000)


class Approve(ActForm):
    fingerprint = forms.CharField(widget=forms.HiddenInput)


class DecideCorrection(ActForm):
    accepted = forms.ChoiceField(
        label=_("Décision"),
        choices=[("yes", _("Accepter")), ("part", _("Accepter en partie")), ("no", _("Refuser"))],
        widget=forms.RadioSelect,
    )
    value = forms.CharField(
        label=_("En partie : la valeur qui figurera"), max_length=2000, required=False, widget=paragraph(1)
    )
    reason = forms.CharField(
        label=_("En partie : la raison, telle que le lecteur la lira"),
        max_length=2000,
        required=False,
        widget=paragraph(2),
    )
    ground = forms.ChoiceField(label=_("Motif d’un refus"), required=False)

    def prepare(self) -> None:
        """Offer the grounds for leaving a value as it is."""
        offered = [(ground.code, _short(ground)) for ground in grounds.refusals_for(Kind.RECTIFICATION)]
        self.fields["ground"].choices = [("", "–"), *offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A refused correction has its ground, one granted in part its reason; what another choice asks is left out."""
        data = self.cleaned_data
        chosen = data.get("accepted")
        if chosen == "no" and not data.get("ground"):
            self.add_error("ground", _("Choisissez le motif du refus."))
        if chosen == "part" and not data.get("reason"):
            self.add_error("reason", _("Dites au lecteur pourquoi la valeur retenue n’est pas celle qu’il souhaite."))
        value = data.get("value", "") if chosen == "part" else None
        return {
            "accepted": chosen in {"yes", "part"},
            "value": value,
            "reason": data.get("reason", "") if chosen == "part" else "",
            "ground": data.get("ground", "") if chosen == "no" else "",
        }


class RecordEnding(ActForm):
    ending = forms.ChoiceField(label=_("Choix du lecteur"), choices=Ending.choices, widget=forms.RadioSelect)


class CompleteByHand(ActForm):
    file = forms.FileField(label=_("Fichier trouvé"), required=False)
    no_file = forms.BooleanField(label=_("Rien à joindre"), required=False)

    def prepare(self) -> None:
        """Say how large a file may be; whoever ends a contract has none to hand in."""
        if isinstance(self.target, Step) and self.target.action == Action.TERMINATE:
            self.fields.clear()
            return
        size = filesizeformat(settings.DSR_UPLOAD_MAX_BYTES)
        self.fields["file"].help_text = _("%(size)s au plus.") % {"size": size}

    def clean(self) -> dict[str, Any]:
        """A file that was too large to be received must not pass for no file."""
        data = self.cleaned_data
        nothing = data.pop("no_file", False)
        if "file" in data and not data["file"] and not nothing:
            self.add_error("file", _("Joignez un fichier assez petit, ou cochez « Rien à joindre »."))
        return data


class Posted(ActForm):
    on = _day(_("Postée le"))


class ToldByHand(ActForm):
    on = _day(_("Prévenu le"))
    how = forms.CharField(
        label=_("Comment"), max_length=200, required=False, help_text=_("Extranet, téléphone, lettre…")
    )


class Impossible(ActForm):
    because = forms.ChoiceField(
        label=_("Motif, tel que le lecteur le lira"), choices=Untold.choices, widget=forms.RadioSelect
    )
    explanation = forms.CharField(
        label=_("Précision"), help_text=_("Le lecteur la lira aussi."), widget=paragraph(2), max_length=500
    )


class Replied(ActForm):
    on = _day(_("Réponse du"))
    reply = forms.CharField(label=_("Ce qu’il a répondu"), widget=paragraph(2), max_length=2000, required=False)


def _kind(target: Target) -> str:
    return target.kind if isinstance(target, DataRequest) else target.data_request.kind


def _short(ground: grounds.RefusalGround) -> str:
    return Truncator(str(ground.sentence)).chars(90)
