"""The life of a request as tables: kinds, states, whose turn it is, the allowed moves and the audit event of each."""

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Kind(TextChoices):
    """What a reader may ask."""

    ACCESS = "access", _("accès à mes données")
    RECTIFICATION = "rectification", _("rectification de mes données")
    ERASURE = "erasure", _("effacement de mes données")
    OBJECTION = "objection", _("ne plus recevoir vos messages")
    OTHER = "other", _("autre demande sur mes données")


class State(TextChoices):
    """The legal position of a request; technical progress lives on steps and notices."""

    RECEIVED = "received", _("reçue, en attente de confirmation")
    REVIEW = "review", _("à l’examen")
    AWAITING_READER = "awaiting_reader", _("en attente de votre réponse")
    APPROVAL = "approval", _("en attente d’une seconde validation")
    EXECUTING = "executing", _("en cours d’exécution")
    ANSWERED = "answered", _("répondue")
    REFUSED = "refused", _("refusée")
    WITHDRAWN = "withdrawn", _("retirée")
    EXPIRED = "expired", _("close faute de confirmation")


class Owner(TextChoices):
    """Whose turn it is."""

    READER = "reader", _("lecteur")
    OFFICER = "officer", _("agent")
    SECOND_OFFICER = "second_officer", _("second agent")
    SYSTEM = "system", _("système")
    NOBODY = "nobody", _("personne")


OWNERS: dict[State, Owner] = {
    State.RECEIVED: Owner.READER,
    State.REVIEW: Owner.OFFICER,
    State.AWAITING_READER: Owner.READER,
    State.APPROVAL: Owner.SECOND_OFFICER,
    State.EXECUTING: Owner.SYSTEM,
    State.ANSWERED: Owner.NOBODY,
    State.REFUSED: Owner.NOBODY,
    State.WITHDRAWN: Owner.NOBODY,
    State.EXPIRED: Owner.NOBODY,
}

CLOSED = frozenset(state for state, owner in OWNERS.items() if owner == Owner.NOBODY)
OPEN = frozenset(OWNERS) - CLOSED

# The audit event of each allowed move; a pair that is not here is not a move.
EVENTS: dict[tuple[State, State], str] = {
    (State.RECEIVED, State.REVIEW): "request.confirmed",
    (State.RECEIVED, State.EXECUTING): "request.confirmed",
    (State.RECEIVED, State.WITHDRAWN): "request.withdrawn",
    (State.RECEIVED, State.EXPIRED): "request.expired",
    (State.REVIEW, State.AWAITING_READER): "request.asked",
    (State.REVIEW, State.APPROVAL): "request.accepted",
    (State.REVIEW, State.EXECUTING): "request.accepted",
    (State.REVIEW, State.ANSWERED): "request.answered",
    (State.REVIEW, State.REFUSED): "request.refused",
    (State.REVIEW, State.WITHDRAWN): "request.withdrawn",
    (State.AWAITING_READER, State.REVIEW): "request.replied",
    (State.AWAITING_READER, State.REFUSED): "request.refused",
    (State.AWAITING_READER, State.WITHDRAWN): "request.withdrawn",
    (State.APPROVAL, State.EXECUTING): "request.approved",
    (State.APPROVAL, State.REVIEW): "request.sent_back",
    (State.APPROVAL, State.WITHDRAWN): "request.withdrawn",
    (State.EXECUTING, State.ANSWERED): "request.answered",
    (State.EXECUTING, State.APPROVAL): "request.plan_changed",
    (State.EXECUTING, State.REVIEW): "request.returned",
}

TRANSITIONS: dict[State, frozenset[State]] = {
    state: frozenset(target for source, target in EVENTS if source == state) for state in State
}

# The legal basis named in letters, whatever article the reader quoted (law page, section 1).
LEGAL_BASIS: dict[Kind, "StrPromise"] = {
    Kind.ACCESS: _("RGPD art. 12 et 15 ; loi 78-17 art. 49"),
    Kind.RECTIFICATION: _("RGPD art. 12, 16 et 19 ; loi 78-17 art. 50"),
    Kind.ERASURE: _("RGPD art. 12, 17 et 19 ; loi 78-17 art. 51"),
    Kind.OBJECTION: _("RGPD art. 12 et 21 ; loi 78-17 art. 56"),
    Kind.OTHER: _("RGPD art. 12 et 15 à 22 ; loi 78-17 art. 48 à 56 et 84 à 86"),
}
