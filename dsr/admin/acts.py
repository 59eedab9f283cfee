"""The verbs of the desk as a table: what each is called, what it asks, the one domain call it makes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.admin import forms
from dsr.lifecycle import closing, contracts, execution, identity, persons, reading, recipients, triage
from dsr.models.correction import Decision
from dsr.models.identity import Identifier
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Status
from dsr.permissions import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Form = forms.ActForm


@dataclass(frozen=True, slots=True)
class Act:
    """One verb: ``call`` takes the target, ``by``, ``at`` and the form's fields; ``done`` is said afterwards."""

    label: "StrPromise"
    done: "StrPromise"
    call: Callable[..., Any]
    form: type[Form] = Form
    hint: "StrPromise | str" = ""
    tone: str = "plain"


# On the request itself, offered when ``permissions.verbs`` says so.
ACTS: dict[str, Act] = {
    "assign": Act(_("Confier"), _("Demande confiée."), triage.assign, forms.Assign),
    "accept": Act(_("Accepter"), _("Demande acceptée."), triage.accept, tone="go"),
    "refuse": Act(
        _("Refuser"),
        _("Demande refusée ; le lecteur en est informé."),
        triage.refuse,
        forms.Refuse,
        hint=_("Le lecteur reçoit le motif et les recours."),
        tone="stop",
    ),
    "extend": Act(
        _("Prolonger le délai"),
        _("Délai prolongé ; le lecteur en est informé."),
        triage.extend,
        forms.Extend,
        hint=_("Trois mois à compter de la réception, une seule fois. La charge de travail n’est pas un motif."),
    ),
    "ask": Act(_("Demander une précision"), _("Question envoyée."), triage.ask, forms.Ask),
    "doubt": Act(
        _("Douter de l’identité"),
        _("Question envoyée ; le lecteur a la main."),
        identity.doubt,
        forms.Doubt,
        hint=_("Suspend le délai si la question part dans les sept jours de la réception."),
    ),
    "record_reply": Act(
        _("Noter la réponse"),
        _("Réponse notée ; la demande revient à l’examen."),
        identity.record_reply,
        forms.RecordReply,
        hint=_("Reçue par courrier ou par téléphone ; ou pourquoi vous poursuivez sans réponse."),
    ),
    "give_up": Act(
        _("Clore : identité non prouvée"),
        _("Demande refusée faute d’identité."),
        triage.give_up,
        hint=_("Le lecteur reçoit le motif et les recours."),
        tone="stop",
    ),
    "vouch": Act(
        _("Relever un identifiant"), _("Identifiant relevé ; un second agent le confirme."), identity.vouch, forms.Vouch
    ),
    "route": Act(
        _("Confier à la rédaction"),
        _("Demande confiée à la rédaction."),
        triage.route,
        forms.Route,
        hint=_("La demande porte sur un article publié : rien n’y sera effacé par ce service."),
    ),
    "unroute": Act(_("Reprendre à la rédaction"), _("Demande reprise."), triage.unroute),
    "answer": Act(_("Répondre"), _("Réponse écrite ; elle part."), closing.answer, forms.Answer, tone="go"),
    "plan": Act(_("Refaire le plan"), _("Le plan est en préparation."), execution.replan),
    "record_ending": Act(
        _("Noter le choix pour le contrat"),
        _("Choix noté."),
        contracts.record,
        forms.RecordEnding,
        hint=_("Dit par courrier ou par téléphone ; sur sa page, le lecteur choisit lui-même."),
    ),
    "approve": Act(
        _("Approuver l’effacement"),
        _("Effacement approuvé ; il commence."),
        execution.approve,
        forms.Approve,
        tone="stop",
    ),
    "take_back": Act(
        _("Reprendre l’examen"),
        _("Demande revenue à l’examen ; ce qui est fait reste fait."),
        execution.take_back,
        hint=_("Une étape ne peut plus être faite : sa source a quitté les réglages, ou une valeur est refusée."),
    ),
    "finish_screening": Act(
        _("Composer le paquet"),
        _("Le paquet est en préparation."),
        persons.finish,
        hint=_("Chaque passage a sa décision."),
        tone="go",
    ),
    "release": Act(
        _("Remettre au lecteur"),
        _("Paquet remis ; le lecteur en est averti."),
        reading.release,
        hint=_("Après l’avoir ouvert et relu : rien n’y désigne quelqu’un d’autre sans raison."),
        tone="go",
    ),
    "repack": Act(
        _("Composer de nouveau"),
        _("Le paquet est détruit ; un autre est en préparation."),
        reading.repack,
        hint=_("Avec les passages désignés et les décisions prises depuis."),
    ),
    "send_back": Act(_("Renvoyer à l’examen"), _("Demande renvoyée à l’examen."), execution.send_back),
}


@dataclass(frozen=True, slots=True)
class RowAct(Act):
    """One verb on a row of the request's page: ``rows`` names the relation, ``check`` raises when it is not for now."""

    rows: str = ""
    check: Callable[[Staff, Any], None] = field(default=lambda by, row: None)  # noqa: ARG005


def _check_countersign(by: Staff, identifier: Identifier) -> None:
    if identifier.verified_at or not identifier.vouched_by_id:
        raise permissions.NotNow
    permissions.check_may_countersign(by, identifier)


def _check_correction(by: Staff, correction: Any) -> None:
    permissions.check("decide_correction", by, correction.data_request)
    if correction.decision != Decision.PENDING:
        raise permissions.NotNow


def _check_step(wanted: Status) -> Callable[[Staff, Any], None]:
    def check(by: Staff, step: Any) -> None:
        permissions.check("carry_out", by, step.data_request)
        if step.status != wanted or (wanted == Status.WAITING and step.action in execution.OWN_VERBS):
            raise permissions.NotNow

    return check


def _check_recipient(by: Staff, task: Any) -> None:
    permissions.check("tell", by, task.data_request)
    if task.settled_at:
        raise permissions.NotNow


def _check_reply(by: Staff, task: Any) -> None:
    permissions.check_may_post(by, task.data_request)
    if not task.told_on or task.replied_on:
        raise permissions.NotNow


def _check_posted(by: Staff, notice: Any) -> None:
    permissions.check_may_post(by, notice.data_request)
    if not notice.by_post or notice.sent_at:
        raise permissions.NotNow


def _check_stuck_notice(by: Staff, notice: Any) -> None:
    permissions.check_may_post(by, notice.data_request)
    if not notice.needs_attention:
        raise permissions.NotNow


ROW_ACTS: dict[str, RowAct] = {
    "countersign": RowAct(
        _("Confirmer"), _("Identifiant confirmé."), identity.countersign, rows="identifiers", check=_check_countersign
    ),
    "decide_correction": RowAct(
        _("Décider"),
        _("Correction décidée."),
        triage.decide_correction,
        forms.DecideCorrection,
        rows="corrections",
        check=_check_correction,
    ),
    "retry": RowAct(
        _("Relancer"),
        _("Étape relancée."),
        execution.retry,
        rows="steps",
        check=_check_step(Status.NEEDS_ATTENTION),
    ),
    "complete_by_hand": RowAct(
        _("C’est fait"),
        _("Étape faite."),
        execution.complete_by_hand,
        forms.CompleteByHand,
        rows="steps",
        check=_check_step(Status.WAITING),
    ),
    "told": RowAct(
        _("Noter qu’il est prévenu"),
        _("Destinataire prévenu."),
        recipients.told,
        forms.ToldByHand,
        rows="recipients",
        check=_check_recipient,
    ),
    "impossible": RowAct(
        _("Impossible, ou effort disproportionné"),
        _("Motif noté ; le lecteur le lira."),
        recipients.impossible,
        forms.Impossible,
        rows="recipients",
        check=_check_recipient,
    ),
    "replied": RowAct(
        _("Noter sa réponse"),
        _("Réponse notée."),
        recipients.replied,
        forms.Replied,
        rows="recipients",
        check=_check_reply,
    ),
    "send_again": RowAct(
        _("Renvoyer"), _("Le courrier repart."), closing.send_again, rows="notices", check=_check_stuck_notice
    ),
    "posted": RowAct(
        _("Noter l’envoi"), _("Envoi noté."), closing.posted, forms.Posted, rows="notices", check=_check_posted
    ),
}


def may(act: RowAct, by: Staff, row: Any) -> bool:
    """Whether the verb is for this member of staff and this row, now."""
    try:
        act.check(by, row)
    except Refusal:
        return False
    return True


def target(data_request: DataRequest, act: Act, row: int | None) -> Any:
    """The request, or the row of it that the verb is about; raises DoesNotExist for a row of another request."""
    if not isinstance(act, RowAct):
        return data_request
    found = getattr(data_request, act.rows).get(pk=row)
    found.data_request = data_request
    return found
