"""The settings: keys that are keys, dates that are dates, and what the data protection officer has to choose."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsr import deadlines, grounds
from dsr.checks import log
from dsr.checks.declared import error
from dsr.management.demo import environment

KEYS: Final = ("DSR_SERVICE_KEY", "DSR_SUPPRESSION_KEY", "DSR_LOG_KEY")
HEX_KEY: Final = re.compile(r"[0-9a-f]{64}\Z", re.IGNORECASE)
FEWEST_DIGITS = 8  # a random key of 64 digits shows nearly all sixteen
READINGS: Final = ("always", "free-text")
A_WORKING_DAY: Final = date(2026, 1, 5)


@register("dsr")
def check_settings(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """What no service can work with, wherever it runs."""
    return [*_keys(), *_hosting(production=not settings.DEBUG), *_durations(), *_dates(), *_reading(), *_choosing()]


@register("dsr", deploy=True)
def check_deployment(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """What no production may be started with."""
    return [*(_hosting(production=True) if settings.DEBUG else ()), *_borrowed_secrets()]


def refuse_to_start() -> None:
    """Raise ImproperlyConfigured with every fault in the settings, or with each guard the log lost."""
    faults = check_settings(None) or log.unguarded()
    if faults:
        raise ImproperlyConfigured("\n".join(str(fault) for fault in faults))


def _keys() -> Iterator[Error]:
    for name in KEYS:
        if not HEX_KEY.match(getattr(settings, name)):
            sentence = _("Cette clé doit avoir 64 chiffres hexadécimaux : tirez-la par « openssl rand -hex 32 ».")
            yield error("E017", name, sentence)
    for name, other in combinations(KEYS, 2):
        if getattr(settings, name).lower() == getattr(settings, other).lower():
            sentence = _("Cette clé est la même que %(other)s, et chacune change à son heure : tirez-en une autre.")
            yield error("E018", name, sentence % {"other": other})


def _hosting(*, production: bool) -> Iterator[Error]:
    if grounds.hosting_grounds_decided():
        return
    if settings.DSR_HOSTING_GROUNDS:
        yield error("E020", "DSR_HOSTING_GROUNDS", _("Cette valeur n’est ni « keep » ni « drop » : corrigez-la."))
    elif production:
        sentence = _(
            "Le délégué à la protection des données doit choisir de garder (« keep ») ou non (« drop ») ce qui "
            "identifie l’auteur d’une contribution : rien ne démarre en production avant."
        )
        yield error("E019", "DSR_HOSTING_GROUNDS", sentence)


def _reading() -> Iterator[Error]:
    if settings.DSR_READ_BEFORE_RELEASE not in READINGS:
        sentence = _("Cette valeur n’est ni « always » ni « free-text » : corrigez-la.")
        yield error("E031", "DSR_READ_BEFORE_RELEASE", sentence)


def _choosing() -> Iterator[Error]:
    if settings.DSR_CONTRACT_CHOICE_DAYS < 1:
        sentence = _("Un lecteur dont le contrat court doit avoir un jour au moins pour choisir : allongez ce délai.")
        yield error("E032", "DSR_CONTRACT_CHOICE_DAYS", sentence)


def _durations() -> Iterator[Error]:
    for ground in grounds.KEEPING.values():
        if ground.duration and ground.duration.setting:
            try:
                ground.duration.in_months()
            except ImproperlyConfigured:
                years = ground.duration.years
                sentence = ngettext(
                    "Cette durée doit être de %(years)d an au moins : allongez-la.",
                    "Cette durée doit être de %(years)d ans au moins : allongez-la.",
                    years,
                )
                yield error("E021", ground.duration.setting, sentence % {"years": years})


def _dates() -> Iterator[Error]:
    try:
        grounds.keeping("COMPTA").until(A_WORKING_DAY)
    except ImproperlyConfigured:
        sentence = _("La clôture de l’exercice est un mois et un jour, comme « 12-31 » : corrigez-la.")
        yield error("E022", "DSR_FINANCIAL_YEAR_END", sentence)
    try:
        deadlines.due_on(A_WORKING_DAY, subdivision=settings.DSR_HOLIDAY_SUBDIVISION)
    except ValueError:
        sentence = _("Aucun jour férié n’est connu sous ce nom : écrivez par exemple « Alsace-Moselle », ou rien.")
        yield error("E023", "DSR_HOLIDAY_SUBDIVISION", sentence)


def _borrowed_secrets() -> Iterator[Error]:
    """Secrets that others know: those of the demonstration, which lie beside it, and those of the tests."""
    known = _secrets_of_the_demonstration()
    for name in environment.SECRETS:
        value = getattr(settings, name)
        if value in known or (name in KEYS and len(set(value.lower())) < FEWEST_DIGITS):
            sentence = _("Ce secret n’en est pas un : il vient de la démonstration, ou n’est pas tiré au hasard.")
            yield error("E024", name, sentence)


def _secrets_of_the_demonstration() -> set[str]:
    path = settings.DSR_DATA_DIR / environment.NAME
    try:
        drawn = environment.read(path)
    except OSError:
        return set()
    return {drawn[name] for name in environment.SECRETS if name in drawn}
