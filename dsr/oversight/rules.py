"""What deserves an auditor's eyes, drawn from the log by the rules of one table."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from dsr import deadlines
from dsr.audit import log
from dsr.models.audit import AuditEntry
from dsr.oversight.span import Act, Span

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

IN_A_HURRY: Final = timedelta(minutes=1)
MANY, MANY_WITHIN = 20, timedelta(minutes=10)
FAILURES: Final = 3
NIGHT_BEGINS, NIGHT_ENDS = 22, 6  # hours in Paris

# What reviewing itself writes: neither news to review, nor many acts in a few minutes.
OF_REVIEWING: Final = frozenset({"review.opened", "review.marked", "review.signed", "log.viewed"})
LOOKS: Final = frozenset({"request.viewed", "log.viewed", "desk.searched"})
RIGHTS: Final = (
    "settings.changed", "staff.added", "staff.changed", "staff.disarmed", "group.changed", "group.removed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """One entry that a rule drew: its place, whose act it is (empty: nobody's in particular), and a code if any."""

    index: int
    actor: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is drawn, why an auditor looks at it, and how it is found."""

    title: "StrPromise"
    why: "StrPromise"
    draw: Callable[[Span], Iterable[Drawn]]


def by_one_person(span: Span) -> Iterator[Drawn]:
    """Decisions on requests in which no other member of staff did more than look."""
    decisions = list(span.staff_acts("request.refused", "request.answered", "request.accepted"))
    histories = span.histories(act.entry.subject for act in decisions)
    for act in decisions:
        hands = {each.actor for each in histories[act.entry.subject] if _is_deed(each)}
        if hands == {act.entry.actor}:
            yield Drawn(act.index, act.entry.actor)


def in_a_hurry(span: Span) -> Iterator[Drawn]:
    """Approvals within a minute of the plan, or of the approver's first look at the request since it was made."""
    approvals = list(span.acts("request.approved"))
    histories = span.histories(act.entry.subject for act in approvals)
    for act in approvals:
        if act.entry.at - _began(act.entry, histories[act.entry.subject]) < IN_A_HURRY:
            yield Drawn(act.index, act.entry.actor)


def unassigned_views(span: Span) -> Iterator[Drawn]:
    """Requests that somebody opened without being in charge of them or doing anything about them."""
    views = list(span.staff_acts("request.viewed"))
    histories = span.histories(act.entry.subject for act in views)
    in_charge = {subject: set(_in_charge(history)) for subject, history in histories.items()}
    return (Drawn(act.index, act.entry.actor) for act in views if act.entry.actor not in in_charge[act.entry.subject])


def downloads(span: Span) -> Iterator[Drawn]:
    """Packages that staff opened."""
    return (Drawn(act.index, act.entry.actor) for act in span.staff_acts("package.printed"))


def refusals(span: Span) -> Iterator[Drawn]:
    """Refusals, by ground and by whoever decided."""
    refused = span.acts("request.refused")
    return (Drawn(act.index, act.entry.actor, str(act.entry.facts.get("ground", ""))) for act in refused)


def late_answers(span: Span) -> Iterator[Drawn]:
    """Answers that left after the last day."""
    return (Drawn(act.index) for act in span.acts("notice.sent") if act.entry.facts.get("days_late"))


def failed_proofs(span: Span) -> Iterator[Drawn]:
    """Codes refused, on requests where that happened several times, those before the span included."""
    failed = list(span.acts("code.failed"))
    histories = span.histories(act.entry.subject for act in failed)
    times = {subject: sum(each.event == "code.failed" for each in history) for subject, history in histories.items()}
    return (Drawn(act.index) for act in failed if times[act.entry.subject] >= FAILURES)


def mass_actions(span: Span) -> Iterator[Drawn]:
    """The acts of whoever did very many in a few minutes, looking at requests included."""
    recent: dict[str, deque[Act]] = defaultdict(deque)
    undrawn: dict[str, deque[Act]] = defaultdict(deque)
    for act in span.staff_acts():
        if act.entry.event in OF_REVIEWING:
            continue
        for acts in (recent[act.entry.actor], undrawn[act.entry.actor]):
            acts.append(act)
            while act.entry.at - acts[0].entry.at > MANY_WITHIN:
                acts.popleft()
        if len(recent[act.entry.actor]) >= MANY:
            yield from (Drawn(each.index, each.entry.actor) for each in undrawn.pop(act.entry.actor))


def at_night(span: Span) -> Iterator[Drawn]:
    """What staff did at night."""
    return (Drawn(act.index, act.entry.actor) for act in span.staff_acts() if _is_night(act.entry.at))


def failed_verifications(span: Span) -> Iterator[Drawn]:
    """The log that was not what was recorded, and erasures after which something was left."""
    for act in span.acts("log.verified", "erasure.verified"):
        if act.entry.facts.get("problems") or act.entry.facts.get("remaining"):
            yield Drawn(act.index, detail=act.entry.event)


def changed_rights(span: Span) -> Iterator[Drawn]:
    """Settings, members of staff and groups that changed."""
    for act in span.acts(*RIGHTS):
        yield Drawn(act.index, act.entry.actor if act.is_by_staff else "", act.entry.event)


RULES: Final[dict[str, Rule]] = {
    "alone": Rule(
        _("Décisions d’une seule personne"),
        _("Personne d’autre n’a agi sur ces demandes : relisez-en quelques-unes."),
        by_one_person,
    ),
    "hurry": Rule(
        _("Approbations en moins d’une minute"),
        _("Un plan d’effacement se lit : l’approbation a suivi de trop près."),
        in_a_hurry,
    ),
    "unassigned": Rule(
        _("Dossiers consultés sans en avoir la charge"),
        _("Qui les a ouverts n’en avait pas la charge, et n’y a rien fait d’autre."),
        unassigned_views,
    ),
    "downloads": Rule(
        _("Paquets ouverts par l’équipe"),
        _("Un paquet contient tout d’une personne : il ne s’ouvre que pour un envoi postal."),
        downloads,
    ),
    "refusals": Rule(
        _("Refus, par motif"),
        _("Chaque refus doit tenir devant la CNIL : le motif est-il le bon ?"),
        refusals,
    ),
    "late": Rule(
        _("Réponses parties en retard"),
        _("Le délai légal était passé : la cause est-elle connue, et levée ?"),
        late_answers,
    ),
    "proofs": Rule(
        _("Preuves d’identité manquées"),
        _("Trois codes refusés ou plus sur une même demande : quelqu’un essaie peut-être d’en forcer l’accès."),
        failed_proofs,
    ),
    "mass": Rule(
        _("Actions en masse"),
        _("Vingt gestes ou plus en dix minutes : un travail d’équipe, ou des données qu’on emporte ?"),
        mass_actions,
    ),
    "night": Rule(
        _("Travail de nuit"),
        _("Entre 22 heures et 6 heures, à Paris."),
        at_night,
    ),
    "unverified": Rule(
        _("Vérifications manquées"),
        _("Le journal n’était pas ce qui fut inscrit, ou il restait des données après un effacement."),
        failed_verifications,
    ),
    "rights": Rule(
        _("Réglages et droits modifiés"),
        _("Qui a changé ce que le service fait, ou ce que l’équipe peut faire ?"),
        changed_rights,
    ),
}


def _is_deed(entry: AuditEntry) -> bool:
    """Whether a member of staff did something, more than look."""
    return entry.actor not in {log.READER, log.SYSTEM} and entry.event not in LOOKS


def _began(approval: AuditEntry, history: list[AuditEntry]) -> datetime:
    """When the approver could begin to read what was approved."""
    before = [entry for entry in history if entry.n < approval.n]
    made = max((entry.n for entry in before if entry.event == "plan.made"), default=0)
    since = [entry for entry in before if entry.n >= made]
    looks = [entry.at for entry in since if entry.event == "request.viewed" and entry.actor == approval.actor]
    return min(looks, default=since[0].at if since else approval.at)


def _in_charge(history: list[AuditEntry]) -> Iterator[str]:
    """Whoever the request was ever entrusted to, or did something about it."""
    for entry in history:
        if entry.event == "request.assigned":
            yield str(entry.facts.get("to", ""))
        if _is_deed(entry):
            yield entry.actor


def _is_night(at: datetime) -> bool:
    hour = deadlines.local(at).hour
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS
