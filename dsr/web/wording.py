"""The reader's words: what each kind, state, turn and event is called on the page that follows a request."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dsr import deadlines
from dsr.notifications.writing import in_words
from dsr.states import Kind, Owner, State

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

TITLES: Final[dict[Kind, "StrPromise"]] = {
    Kind.ACCESS: _("Votre demande d’accès"),
    Kind.RECTIFICATION: _("Votre demande de correction"),
    Kind.ERASURE: _("Votre demande d’effacement"),
    Kind.OBJECTION: _("Votre opposition à nos messages"),
    Kind.OTHER: _("Votre demande"),
}

POSITIONS: Final[dict[State, "StrPromise"]] = {
    State.RECEIVED: _("Nous attendons que vous confirmiez votre adresse."),
    State.REVIEW: _("Nous examinons votre demande."),
    State.AWAITING_READER: _("Nous vous avons posé une question, et attendons votre réponse."),
    State.APPROVAL: _("Un effacement ne se rattrape pas : une seconde personne le relit avant qu’il commence."),
    State.EXECUTING: _("Nous faisons ce que vous avez demandé."),
    State.ANSWERED: _("Nous vous avons répondu."),
    State.REFUSED: _("Nous n’avons pas pu faire ce que vous demandiez."),
    State.WITHDRAWN: _("Vous avez retiré cette demande."),
    State.EXPIRED: _("Cette demande a été close : votre adresse n’a pas été confirmée à temps."),
}

POSITIONS_BY_KIND: Final[dict[tuple[State, Kind], "StrPromise"]] = {
    (State.EXECUTING, Kind.ACCESS): _("Nous réunissons vos données."),
    (State.EXECUTING, Kind.RECTIFICATION): _("Nous corrigeons vos données."),
    (State.EXECUTING, Kind.ERASURE): _("Nous effaçons vos données."),
    (State.EXECUTING, Kind.OBJECTION): _("Nous arrêtons nos messages."),
    (State.ANSWERED, Kind.RECTIFICATION): _("Vos données sont corrigées."),
    (State.ANSWERED, Kind.ERASURE): _("Vos données sont effacées."),
    (State.ANSWERED, Kind.OBJECTION): _("Vous ne recevrez plus nos messages."),
}

NOT_SENT: Final = _("Notre décision est prise : la lettre qui vous l’annonce va partir.")
JOINED: Final = _("Vous aviez déjà demandé la même chose : cette demande a rejoint la première.")
ERASED_IN_PART: Final = _("Vos données sont effacées, sauf ce que la loi nous fait garder.")
ERASED_IN_SCOPE: Final = _("Ce que vous aviez choisi est effacé.")
CORRECTED_IN_PART: Final = _("Vos données sont corrigées, sauf là où nous avons refusé.")
PACKAGE_READY: Final = _("Votre copie est prête.")
PACKAGE_GONE: Final = _("Votre copie n’est plus disponible : nous l’avons détruite, comme annoncé.")
COPY_BEING_MADE: Final = _("Nous préparons une nouvelle copie de vos données.")

TURNS: Final[dict[Owner, "StrPromise"]] = {
    Owner.READER: _("C’est à vous"),
    Owner.OFFICER: _("C’est à nous"),
    Owner.SECOND_OFFICER: _("C’est à nous"),
    Owner.SYSTEM: _("C’est en cours"),
    Owner.NOBODY: _("C’est terminé"),
}


def instant(at: datetime) -> str:
    """A day in words and its time in Paris."""
    local = at.astimezone(deadlines.PARIS)
    words = {"day": in_words(local.date()), "hour": local.hour, "minute": f"{local:%M}"}
    return gettext("%(day)s à %(hour)s h %(minute)s") % words


def hour(at: datetime) -> str:
    """A time of day in Paris."""
    local = at.astimezone(deadlines.PARIS)
    return gettext("%(hour)s h %(minute)s") % {"hour": local.hour, "minute": f"{local:%M}"}
