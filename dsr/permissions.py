"""Who may do what, and when: one table of verbs, the questions put to it, and the errors all verbs share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsr.models import prepared
from dsr.models.identity import Identifier, Question
from dsr.models.prepared import given
from dsr.models.request import DataRequest
from dsr.models.review import Finding
from dsr.models.staff import Staff
from dsr.models.step import Action, Status, Step
from dsr.sources import registry
from dsr.states import CLOSED, OPEN, Kind, State


class Refusal(Exception):  # noqa: N818
    """An act that cannot be done; ``str()`` is a sentence fit for the person, ``code`` a stable slug."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str | Promise] = _("Cette action n’est pas possible.")

    def __init__(self, sentence: str | Promise = "") -> None:
        super().__init__(sentence or self.sentence)

    def __str__(self) -> str:
        return str(self.args[0])


class Denied(Refusal):
    """The member of staff may not."""

    code = "denied"
    sentence = _("Vous n’avez pas le droit de faire cela.")


class NotNow(Refusal):
    """The request is not where this verb applies."""

    code = "not-now"
    sentence = _("Cette action n’est plus possible : la demande a changé d’état entre-temps.")


class DecidedMeanwhile(Refusal):
    """Somebody else decided since the page, or the answer of the API, was read."""

    code = "decided-meanwhile"
    sentence = _("Quelqu’un d’autre a décidé entre-temps : relisez sa décision avant de la changer.")


DECIDE = "dsr.decide_datarequest"
APPROVE = "dsr.approve_erasure"
ENTER = "dsr.add_datarequest"
VIEW = "dsr.view_datarequest"
REVIEW = "dsr.sign_review"
SUPPRESS = "dsr.use_suppression"
RESTRICTED = "dsr.view_restriction"

EXECUTABLE = frozenset({Kind.ACCESS, Kind.RECTIFICATION, Kind.ERASURE, Kind.OBJECTION})


@dataclass(frozen=True, slots=True)
class Verb:
    """The permission a verb wants, and the states in which it applies."""

    permission: str
    states: frozenset[State]


COPYING = frozenset({State.EXECUTING, State.ANSWERED})  # answered: a fresh copy

VERBS: dict[str, Verb] = {
    "assign": Verb(DECIDE, OPEN),
    "accept": Verb(DECIDE, frozenset({State.REVIEW})),
    "refuse": Verb(DECIDE, frozenset({State.REVIEW})),
    "extend": Verb(DECIDE, OPEN - {State.RECEIVED}),
    "ask": Verb(DECIDE, frozenset({State.REVIEW})),
    "doubt": Verb(DECIDE, frozenset({State.REVIEW})),
    "record_reply": Verb(DECIDE, frozenset({State.AWAITING_READER})),
    "give_up": Verb(DECIDE, frozenset({State.AWAITING_READER})),
    "vouch": Verb(DECIDE, frozenset({State.REVIEW})),
    "route": Verb(DECIDE, frozenset({State.REVIEW})),
    "unroute": Verb(DECIDE, frozenset({State.REVIEW})),
    "answer": Verb(DECIDE, frozenset({State.REVIEW})),
    "decide_correction": Verb(DECIDE, frozenset({State.REVIEW})),
    "look_at_proof": Verb(DECIDE, frozenset({State.REVIEW, State.AWAITING_READER})),
    "plan": Verb(DECIDE, frozenset({State.APPROVAL})),
    "record_ending": Verb(DECIDE, frozenset({State.APPROVAL})),
    "approve": Verb(APPROVE, frozenset({State.APPROVAL})),
    "send_back": Verb(APPROVE, frozenset({State.APPROVAL})),
    "take_back": Verb(DECIDE, frozenset({State.EXECUTING})),
    "finish_screening": Verb(DECIDE, COPYING),
    "release": Verb(DECIDE, COPYING),
    "repack": Verb(DECIDE, COPYING),
    "decide_passages": Verb(DECIDE, COPYING),
    "mark_passage": Verb(DECIDE, COPYING),
    "read": Verb(DECIDE, COPYING),
    "tell": Verb(DECIDE, CLOSED | {State.EXECUTING}),  # closed: what was done in part, or on its end date
    "decide_mentions": Verb(DECIDE, frozenset({State.EXECUTING})),
    "carry_out": Verb(DECIDE, frozenset({State.EXECUTING, State.APPROVAL, State.ANSWERED})),  # answered: a fresh copy
}

# The verbs a desk shows as buttons of a request, in order; the others belong to a part of its page.
ON_A_PART = frozenset(
    {
        "decide_correction",
        "look_at_proof",
        "tell",
        "carry_out",
        "decide_passages",
        "mark_passage",
        "read",
        "decide_mentions",
    }
)
SHOWN = tuple(verb for verb in VERBS if verb not in ON_A_PART)


def check(verb: str, by: Staff, data_request: DataRequest) -> None:
    """Raise Denied when the member of staff may not, NotNow when the request is not where the verb applies."""
    rule = VERBS[verb]
    if not by.has_perm(rule.permission):
        raise Denied
    if data_request.state not in rule.states or (verb in APPLIES and not APPLIES[verb](data_request)):
        raise NotNow
    if verb == "approve" and by.pk == data_request.decided_by_id:
        raise Denied(_("Un effacement est approuvé par une autre personne que celle qui l’a accepté."))


def check_may_enter(by: Staff) -> None:
    """Raise Denied unless the member of staff may type in a request that came by another way."""
    if not by.has_perm(ENTER):
        raise Denied


def check_may_view(by: Staff) -> None:
    """Raise Denied unless the member of staff may see requests."""
    if not by.has_perm(VIEW):
        raise Denied


def check_may_see_passages(by: Staff) -> None:
    """Raise Denied unless the member of staff decides what other people are read of in a copy."""
    if not by.has_perm(DECIDE):
        raise Denied


def check_may_post(by: Staff, data_request: DataRequest) -> None:  # noqa: ARG001
    """Raise Denied unless the member of staff may print and post answers, in any state."""
    if not by.has_perm(DECIDE):
        raise Denied


def check_may_countersign(by: Staff, identifier: Identifier) -> None:
    """Raise Denied unless another officer than the one who read the document confirms it (law page, section 3)."""
    check("vouch", by, identifier.data_request)
    if by.pk == identifier.vouched_by_id:
        raise Denied(_("Un identifiant relevé sur un document est confirmé par une autre personne."))


def check_may_review(by: Staff) -> None:
    """Raise Denied unless the member of staff reviews the log."""
    if not by.has_perm(REVIEW):
        raise Denied


def check_may_read_restrictions(by: Staff) -> None:
    """Raise Denied unless the caller may read which fields of which rows are contested: the newspaper's tools."""
    if not by.has_perm(RESTRICTED):
        raise Denied


def check_may_use_suppression(by: Staff) -> None:
    """Raise Denied unless the caller may ask the suppression list and lift an objection: the mailing tool."""
    if not by.has_perm(SUPPRESS):
        raise Denied


def check_may_mark(by: Staff, finding: Finding) -> None:
    """Raise Denied for a finding about one's own acts: it waits for another auditor."""
    check_may_review(by)
    if by.reference == finding.actor:
        raise Denied(_("Ce constat porte sur vos propres actes : il attend une autre personne."))


def may_mark(by: Staff, finding: Finding) -> bool:
    """Whether ``check_may_mark`` would pass."""
    try:
        check_may_mark(by, finding)
    except Refusal:
        return False
    return True


def may(verb: str, by: Staff, data_request: DataRequest) -> bool:
    """Whether ``check`` would pass."""
    try:
        check(verb, by, data_request)
    except Refusal:
        return False
    return True


def verbs(by: Staff, data_request: DataRequest) -> list[str]:
    """The verbs this member of staff may use on this request now, in the order of a desk."""
    return [verb for verb in SHOWN if may(verb, by, data_request)]


def _is_by_hand(data_request: DataRequest) -> bool:
    """Whether a person answers it in words: another kind of request, or one about an article."""
    return data_request.kind == Kind.OTHER or bool(data_request.about_article)


def _lost_a_source(data_request: DataRequest) -> bool:
    """Whether a step waits for a source that the settings no longer name."""
    known = ["", *(source.name for source in registry.sources())]
    return data_request.steps.unfinished().exclude(source__in=known).exists()


def gave_up_rectifying(data_request: DataRequest) -> bool:
    """Whether the database does not take a corrected value, or a step that writes one failed for good."""
    return data_request.steps.filter(action=Action.RECTIFY, status=Status.NEEDS_ATTENTION).exists()


def _is_bound(data_request: DataRequest) -> bool:
    """Whether a contract that still runs holds something that the current plan is about."""
    plan = data_request.plans.filter(superseded_at=None).first()
    return plan is not None and bool(plan.bound)


def _waits_at(*actions: Action) -> Callable[[DataRequest], bool]:
    """Whether a person's part of one of these steps is awaited."""
    awaited = prepared.Exists(
        lambda: Step.objects.filter(data_request=given("request"), action__in=actions, status=Status.WAITING)
    )
    return lambda data_request: awaited(request=data_request.pk)


# What the state alone does not say: the kind, the article, the one extension, the question that is open.
APPLIES: dict[str, Callable[[DataRequest], bool]] = {
    "accept": lambda data_request: data_request.kind in EXECUTABLE and not _is_by_hand(data_request),
    "answer": _is_by_hand,
    "route": lambda data_request: not data_request.about_article,
    "unroute": lambda data_request: bool(data_request.about_article),
    "extend": lambda data_request: data_request.extended_at is None and not data_request.minor,
    "take_back": lambda data_request: _lost_a_source(data_request) or gave_up_rectifying(data_request),
    "record_ending": _is_bound,
    "give_up": lambda data_request: data_request.questions.filter(
        answered_at=None, about=Question.About.IDENTITY
    ).exists(),
    "finish_screening": _waits_at(Action.SCREEN),
    "decide_passages": _waits_at(Action.SCREEN, Action.READ),
    "mark_passage": lambda data_request: (
        data_request.steps.filter(action=Action.SCREEN).unfinished().exists() or _waits_at(Action.READ)(data_request)
    ),
    "read": _waits_at(Action.READ),
    "release": _waits_at(Action.READ),
    "repack": _waits_at(Action.READ),
}
