"""The form of a request: what is asked, by whom, about what; every error is a sentence beside its field."""

import secrets
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsr.models.request import DataRequest
from dsr.sources import registry
from dsr.states import Kind
from dsr.web.rights import WISHES

MESSAGE_LENGTH = DataRequest._meta.get_field("message").max_length
TOO_LONG = _("Ce texte est trop long : %(show_value)d caractères, pour %(limit_value)d au plus. Rien n’a été perdu.")
NO_SUCH_CHOICE = _("Ce choix n’existe pas.")


class LongText(forms.CharField):
    """A text of several lines; a line break counts once, and the browser never cuts what was pasted."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """The text with plain line breaks."""
        return str(super().to_python(value)).replace("\r\n", "\n")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No ``maxlength``: it would cut without saying so."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class About(models.TextChoices):
    """What a request may be about; rows are ticked later, once the reader is proven."""

    EVERYTHING = "everything", _("Toutes mes données")
    SOURCES = "sources", _("Seulement certaines d’entre elles")


def new_nonce() -> str:
    """What makes a form shown to one person at one time recognisable."""
    return secrets.token_urlsafe(16)


class RequestForm(forms.Form):
    """The reader's form; ``scope`` and ``content`` say it as the domain wants it. It never asks for identity papers."""

    kinds = forms.MultipleChoiceField(
        label=_("Que demandez-vous ?"),
        help_text=_("Vous pouvez cocher plusieurs cases."),
        choices=WISHES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Cochez au moins une case."), "invalid_choice": NO_SUCH_CHOICE},
    )
    email = forms.EmailField(
        label=_("Votre adresse électronique"),
        help_text=_("Celle que vous utilisez chez nous. Nous y enverrons un code, puis notre réponse."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Écrivez votre adresse électronique : sans elle, nous ne pouvons pas vous répondre."),
            "invalid": _("Cette adresse est incomplète. Elle ressemble d’ordinaire à prenom.nom@exemple.fr."),
            "max_length": TOO_LONG,
        },
    )
    about = forms.ChoiceField(
        label=_("Sur quelles données porte votre demande ?"),
        choices=About.choices,
        initial=About.EVERYTHING,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Dites si votre demande porte sur toutes vos données, ou sur certaines."),
            "invalid_choice": NO_SUCH_CHOICE,
        },
    )
    sources = forms.MultipleChoiceField(
        label=_("Lesquelles ?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": NO_SUCH_CHOICE},
    )
    about_article = forms.URLField(
        label=_("S’agit-il d’un article ? Collez son adresse"),
        help_text=_("Facultatif. Une demande sur un article est lue par la rédaction en chef."),
        required=False,
        assume_scheme="https",
        max_length=200,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "invalid": _("Cette adresse d’article n’est pas complète. Copiez-la depuis votre navigateur."),
            "max_length": TOO_LONG,
        },
    )
    message = LongText(
        label=_("Voulez-vous préciser quelque chose ?"),
        help_text=_("Facultatif, sauf pour une autre demande. N’envoyez jamais de pièce d’identité."),
        required=False,
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"max_length": TOO_LONG},
    )
    minor = forms.BooleanField(
        label=_("J’étais mineur ou mineure quand ces données ont été recueillies"),
        help_text=_("Votre demande passera alors en tête."),
        required=False,
    )
    nonce = forms.CharField(max_length=64, required=False, initial=new_nonce, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "use_required_attribute": False, **kwargs})
        self.fields["sources"].choices = [(each.name, each.label) for each in registry.sources()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What one field says of another."""
        cleaned = super().clean() or self.cleaned_data
        if Kind.OTHER in cleaned.get("kinds", []) and not cleaned.get("message") and "message" not in self.errors:
            self.add_error("message", _("Dites-nous en quelques mots ce que vous demandez."))
        chosen = cleaned.get("sources", [])
        if cleaned.get("about") == About.SOURCES and not chosen and "sources" not in self.errors:
            self.add_error("sources", _("Cochez au moins une ligne, ou choisissez « Toutes mes données »."))
        if cleaned.get("about") == About.EVERYTHING and chosen:
            self.add_error(
                "about", _("Vous avez aussi coché certaines données : décochez-les, ou choisissez de vous y limiter.")
            )
        return cleaned

    @property
    def scope(self) -> dict[str, Any]:
        """Every row of each chosen source; empty for everything."""
        return dict.fromkeys(self.cleaned_data["sources"], "*")

    @property
    def content(self) -> dict[str, Any]:
        """The cleaned fields as ``intake.receive`` names them, scope and language aside."""
        fields = ("email", "message", "about_article", "minor")
        content = {name: self.cleaned_data[name] for name in fields}
        return {"kinds": [Kind(kind) for kind in self.cleaned_data["kinds"]], **content}
