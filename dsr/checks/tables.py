"""The tables that no source claims: each either knows no reader, or is exempted with a reason.

``DSR_EXEMPT_TABLES`` maps ``app.Model``, a whole ``app``, or ``database:table`` for a table without a model, to the
reason why no source claims it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import connections
from django.db.models import EmailField, ForeignKey, GenericIPAddressField, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsr.checks.declared import declared, error, of_models
from dsr.sources.activities import Text
from dsr.sources.inspecting import email_like

STAFF: Final = gettext_lazy("L’accès de l’équipe, qui n’est pas faite de lecteurs.")
NOBODYS: Final = gettext_lazy("Des droits et des noms de tables : rien d’une personne.")
OURS: Final[Mapping[str, Text]] = {
    "dsr": gettext_lazy("Les dossiers des demandes : gardés au titre du motif DSR, puis détruits par « forget »."),
    "django.contrib.admin": gettext_lazy("Les gestes de l’équipe, où chaque personne n’est qu’une référence."),
    "django.contrib.auth": NOBODYS,
    "django.contrib.contenttypes": NOBODYS,
    "django.contrib.sessions": gettext_lazy("Des sessions qui expirent d’elles-mêmes."),
    "allauth.account": STAFF,
    "allauth.mfa": STAFF,
    "knox": STAFF,
}


@register("dsr")
def check_tables(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Which tables know a reader and belong to no source; nothing is said while a source cannot be loaded."""
    if declared()[1]:
        return []
    return [*_unclaimed(), *_exemptions()]


def unanswered() -> list[str]:
    """Each field of each installed model that no source classifies and no reason exempts, as ``app.Model.field``."""
    classified: dict[type[Model], set[str]] = {}
    for _path, source in of_models():
        classified.setdefault(source.model, set()).update(source.fields)
    return [
        f"{model._meta.label}.{field.name}"
        for model in installed()
        if not exempt(model)
        for field in model._meta.local_concrete_fields
        if field.column and field.name not in classified.get(model, ())
    ]


def installed() -> list[type[Model]]:
    """Every model that has a table of its own, those of many-to-many relations included."""
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def claimed() -> set[type[Model]]:
    """The models that a source declares; a source of another kind may name its own as ``model``."""
    return {model for each in declared()[0] if (model := getattr(each.source, "model", None))}


def exemptions() -> Mapping[str, Text]:
    """The newspaper's own exemptions and their reasons."""
    given: Mapping[str, Text] = settings.DSR_EXEMPT_TABLES
    return given


def exempt(model: type[Model]) -> Text:
    """Why no source claims the table; empty when nobody said."""
    options = model._meta
    given = exemptions()
    ours = OURS.get(apps.get_app_config(options.app_label).name, "")
    return given.get(options.label) or given.get(options.app_label) or ours


def _unclaimed() -> Iterator[Error]:
    for model, link in _linked().items():
        sentence = _(
            "Cette table connaît des lecteurs (%(link)s) et aucune source ne la déclare : écrivez la sienne "
            "(manage.py draft_source %(model)s), ou dites pourquoi il n’en faut pas dans DSR_EXEMPT_TABLES."
        )
        yield error("E015", model._meta.label, sentence % {"link": link, "model": model._meta.label})


def _linked() -> dict[type[Model], str]:
    """The unclaimed tables that lead to a reader, also by way of each other, and what leads there."""
    theirs = claimed()
    waiting = [model for model in installed() if model not in theirs and not exempt(model)]
    found: dict[type[Model], str] = {}
    while news := {model: link for model in waiting if (link := _link(model, {*theirs, *found}))}:
        found |= news
        waiting = [model for model in waiting if model not in news]
    return found


def _link(model: type[Model], readers: set[type[Model]]) -> str:
    """The name of the first field that leads to a reader, empty when none does."""
    for field in model._meta.local_concrete_fields:
        known = isinstance(field, EmailField | GenericIPAddressField) or email_like(field.name)
        if known or (isinstance(field, ForeignKey) and field.related_model in readers):
            return field.name
    anywhere = [field.name for field in model._meta.private_fields if hasattr(field, "ct_field")]
    return anywhere[0] if anywhere else ""


def _exemptions() -> Iterator[Error]:
    labels = {model._meta.label for model in installed()}
    theirs = {model._meta.label for model in claimed()}
    for name, reason in exemptions().items():
        about = f"DSR_EXEMPT_TABLES[{name}]"
        if not str(reason).strip():
            yield error("E016", about, _("Une table n’est dispensée de source que pour une raison : écrivez-la."))
        if name in theirs:
            yield error("E016", about, _("Une source déclare déjà cette table : retirez la dispense."))
        alias, colon, _table = name.partition(":")
        if not (alias in connections if colon else name in labels or name in apps.app_configs):
            yield error("E016", about, _("Ce n’est ni un modèle, ni une application, ni « base:table » : corrigez."))
