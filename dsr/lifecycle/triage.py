"""The officer's decision: accept | refuse | give_up | extend | ask | route, and each correction by itself."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dsr import grounds, notifications, permissions
from dsr.audit import log
from dsr.lifecycle import addresses, execution, identity, recipients, restricting, transition, wishes
from dsr.models.correction import Correction, Decision
from dsr.models.identity import Question
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.permissions import DecidedMeanwhile, Denied, Refusal
from dsr.states import Kind, State


class NotIdentified(Refusal):
    """No identity, no access and no erasure (law page, section 3)."""

    code = "not-identified"
    sentence = _("L’identité n’est pas établie : aucune boîte aux lettres prouvée, aucun identifiant vérifié.")


class Undecided(Refusal):
    """Corrections wait for a decision, or none was wished."""

    code = "undecided"
    sentence = _("Décidez d’abord de chaque correction souhaitée ; il en faut au moins une acceptée.")


class NoGround(Refusal):
    """A ground that is not in the closed list, or does not answer this kind of request."""

    code = "no-ground"
    sentence = _("Choisissez un motif de la liste.")


class NoAdvice(Refusal):
    """A refusal as unfounded or excessive without the DPO's advice (law page, section 4)."""

    code = "no-advice"
    sentence = _("Ce motif demande l’avis écrit du délégué à la protection des données.")


class TooLateToExtend(Refusal):
    """The notice of an extension leaves within the first month or not at all (GDPR Art. 12(3))."""

    code = "too-late-to-extend"
    sentence = _("Il est trop tard pour prolonger : l’avis devait partir pendant le premier mois.")


@transaction.atomic
def assign(data_request: DataRequest, *, to: Staff, by: Staff, at: datetime) -> DataRequest:
    """Entrust the request to an officer."""
    data_request = transition.lock(data_request)
    permissions.check("assign", by, data_request)
    if not to.has_perm(permissions.VIEW):
        raise Denied(_("Cette personne n’a pas accès aux demandes."))
    return transition.amend(
        data_request, event="request.assigned", by=by, at=at, facts={"to": to.reference}, assigned_to=to
    )


@transaction.atomic
def accept(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """Accept: an erasure is planned and waits for a second officer, everything else is carried out."""
    data_request = transition.lock(data_request)
    permissions.check("accept", by, data_request)
    if not data_request.identifiers.verified().exists():
        raise NotIdentified
    if data_request.kind == Kind.RECTIFICATION:
        _check_decided(data_request)
        restricting.lay(data_request, at=at)
    to = State.APPROVAL if data_request.kind == Kind.ERASURE else State.EXECUTING
    moved = transition.move(data_request, to=to, by=by, at=at, decided_at=at, decided_by=by)
    execution.prepare(moved, at=at)
    return moved


@transaction.atomic
def decide_correction(
    correction: Correction,
    *,
    accepted: bool,
    by: Staff,
    at: datetime,
    ground: str = "",
    value: str | None = None,
    reason: str = "",
    instead_of: str = Decision.PENDING,
) -> Correction:
    """Accept one correction, or refuse it on a ground; with another ``value`` than the wish it is accepted in part.

    Then the reader is told the ``reason``. Raises ``wishes.UnacceptableWish`` for a value that cannot be held, and
    DecidedMeanwhile unless ``instead_of``, the decision that the officer read, still stands, or this very one does.
    """
    data_request = transition.lock(correction.data_request)
    permissions.check("decide_correction", by, data_request)
    correction = data_request.corrections.get(pk=correction.pk)
    decided = {**wishes.UNDECIDED, "decision": Decision.REFUSED, "ground": ground}
    if accepted:
        decided = {**wishes.UNDECIDED, **_granted(correction, value, reason)}
    elif ground not in grounds.REFUSALS:
        raise NoGround
    standing = {name: getattr(correction, name) for name in decided}
    if correction.decision != instead_of and standing != decided:
        raise DecidedMeanwhile
    for name, said in decided.items():
        setattr(correction, name, said)
    correction.save(update_fields=list(decided))
    facts: dict[str, log.Fact] = {
        "concept": correction.concept,
        "decision": correction.decision,
        "ground": correction.ground,
    }
    log.record("correction.decided", about=data_request, by=by, at=at, facts=facts)
    return correction


@transaction.atomic
def refuse(data_request: DataRequest, *, because: str, by: Staff, at: datetime, advice: str = "") -> DataRequest:
    """Refuse, and tell the reader why and where to complain (GDPR Art. 12(4))."""
    data_request = transition.lock(data_request)
    permissions.check("refuse", by, data_request)
    ground = grounds.REFUSALS.get(because)
    if ground is None or not ground.answers(data_request.kind):
        raise NoGround
    if ground.needs_dpo_advice and not advice.strip():
        raise NoAdvice
    advised = advice.strip()
    facts: dict[str, log.Fact] = {"ground": because, "advised": bool(advised)}
    return _refused(data_request, because=because, by=by, at=at, facts=facts, dpo_advice=advised)


@transaction.atomic
def give_up(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """Identity was never proven: refuse, saying so, with the remedies (GDPR Art. 11(2), 12(2), 12(4))."""
    data_request = transition.lock(data_request)
    permissions.check("give_up", by, data_request)
    return _refused(data_request, because="identity", by=by, at=at, facts={"ground": "identity"})


@transaction.atomic
def extend(data_request: DataRequest, *, because: str, by: Staff, at: datetime) -> DataRequest:
    """Extend to three months from receipt, once, with its reason, while the notice can leave in time (Art. 12(3))."""
    data_request = transition.lock(data_request)
    permissions.check("extend", by, data_request)
    if because not in grounds.EXTENSIONS:
        raise NoGround
    if timezone.localdate(at) > data_request.notice_due_on:
        raise TooLateToExtend
    data_request.extended_at, data_request.extension_ground = at, because
    facts: dict[str, log.Fact] = {"ground": because, "until": str(data_request.unsuspended_due_on)}
    extended = transition.amend(data_request, event="request.extended", by=by, at=at, facts=facts)
    notifications.extension(extended, at=at)
    return extended


@transaction.atomic
def ask(data_request: DataRequest, *, question: str, by: Staff, at: datetime) -> DataRequest:
    """Ask for a precision, which does not suspend the clock (law page, section 2)."""
    return identity.ask(data_request, verb="ask", about=Question.About.PRECISION, text=question, by=by, at=at)


@transaction.atomic
def route(data_request: DataRequest, *, article: str, by: Staff, at: datetime) -> DataRequest:
    """Hand a request about a published article to the editor; it never reaches the eraser (GDPR Art. 17(3)(a), 85)."""
    data_request = transition.lock(data_request)
    permissions.check("route", by, data_request)
    if not article.strip():
        raise identity.NoReason
    return transition.amend(data_request, event="request.routed", by=by, at=at, about_article=article.strip())


@transaction.atomic
def unroute(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """It was not about an article after all: back among the requests that are carried out."""
    data_request = transition.lock(data_request)
    permissions.check("unroute", by, data_request)
    return transition.amend(data_request, event="request.unrouted", by=by, at=at, about_article="")


def _refused(
    data_request: DataRequest, *, because: str, by: Staff, at: datetime, facts: dict[str, log.Fact], **changes: str
) -> DataRequest:
    """Refuse; what an earlier decision had done all the same is told to whoever holds the data (GDPR Art. 19)."""
    changes = {"refusal_ground": because, **changes}
    moved = transition.move(
        data_request, to=State.REFUSED, by=by, at=at, facts=facts, decided_at=at, decided_by=by, **changes
    )
    notifications.refusal(moved, because=because, at=at)
    recipients.tell(moved, at=at)
    return moved


def _granted(correction: Correction, value: str | None, reason: str) -> dict[str, str]:
    """What is granted, and as which decision; the officer's own value is tried like the reader's."""
    addresses.check_may_be_granted(correction)
    in_part = value is not None and value != correction.new_value
    if in_part and correction.concept == identity.EMAIL:
        raise wishes.UnacceptableWish(
            correction.concept, gettext("Une adresse confirmée s’accepte telle quelle, ou pas.")
        )
    wished = value if in_part and value is not None else correction.new_value
    own = wishes.stands(correction.data_request, correction.concept, wished)  # done where it could be, and sent back
    wishes.check_acceptable(correction.concept, wished, taken=not own)
    if not in_part:
        return {"decision": Decision.ACCEPTED}
    if value == correction.old_value:
        raise wishes.UnacceptableWish(
            correction.concept, gettext("Cette valeur figure déjà : refusez plutôt la correction.")
        )
    if not reason.strip():
        raise identity.NoReason
    return {"decision": Decision.IN_PART, "granted_value": value or "", "reason": reason.strip()}


def _check_decided(data_request: DataRequest) -> None:
    decisions = set(data_request.corrections.values_list("decision", flat=True))
    if Decision.PENDING in decisions or not decisions & {Decision.ACCEPTED, Decision.IN_PART}:
        raise Undecided
