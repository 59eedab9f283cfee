"""The staff's side of the API: the queue, the file of a request, and a table of the verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_view
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from dsr import hints
from dsr.api import bodies
from dsr.api.authentication import AtTheDesk, StaffToken
from dsr.api.desk_serializers import File, MentionPage, Page, Queued
from dsr.api.door import Door, said
from dsr.api.filters import CURSOR, QueueFilter, by_due_date
from dsr.api.schema import NUMBER, REFERENCE, operation
from dsr.api.serializers import CertificateShape
from dsr.audit import log
from dsr.lifecycle import (
    certifying,
    closing,
    contracts,
    execution,
    identity,
    intake,
    mentions,
    persons,
    reading,
    recipients,
    triage,
)
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.verification import Certificate
from dsr.states import Kind, State

DESK = _("Bureau")
REFUSED = (401, 403)

NARROWING = (
    OpenApiParameter("kind", str, enum=Kind.values, description=_("Le droit exercé.")),
    OpenApiParameter("state", str, enum=State.values, description=_("La position de la demande.")),
    OpenApiParameter("due_before", date, description=_("Échéance avant ce jour.")),
    OpenApiParameter("due_after", date, description=_("Échéance après ce jour.")),
    OpenApiParameter("assigned_to_me", bool, description=_("Confiées à qui demande, ou au contraire aux autres.")),
    OpenApiParameter("late", bool, description=_("Échues sans réponse partie, ou au contraire toutes les autres.")),
    OpenApiParameter(CURSOR, str, description=_("Le curseur de la page suivante, tel que « next » le donne.")),
)


class DeskDoor(Door):
    """An address for staff who may see requests."""

    authentication_classes = (StaffToken, SessionAuthentication)
    permission_classes = (AtTheDesk,)

    def staff(self) -> Staff:
        """Who asks."""
        user = self.request.user
        if not isinstance(user, Staff):
            raise TypeError("AtTheDesk lets nobody else in")
        return user

    def seen(self, data_request: DataRequest) -> None:
        """Record that the file was looked at."""
        with transaction.atomic():
            log.record("request.viewed", about=data_request, by=self.staff(), at=timezone.now())

    def row(self, data_request: DataRequest) -> Any:
        """The request as the queue shows it."""
        return Queued(data_request, context={"request": self.request}).data


class Queue(DeskDoor):
    """All requests, by due date."""

    @operation(
        "listRequests",
        _("La file des demandes"),
        tag=DESK,
        answers={200: Page},
        may=(400, *REFUSED),
        parameters=NARROWING,
    )
    def get(self, request: Request) -> Response:
        """One page of the queue, narrowed by the filters."""
        narrowed = QueueFilter(request.query_params, request=request, queryset=_all())
        if not narrowed.is_valid():
            raise serializers.ValidationError(narrowed.errors)
        page, following = by_due_date(narrowed.qs, request)
        return Response({"next": following, "results": [self.row(data_request) for data_request in page]})

    @operation(
        "enterRequest",
        _("Saisir une demande reçue autrement"),
        tag=DESK,
        body=bodies.Entry,
        answers={201: Queued},
        may=REFUSED,
        description=_("Une demande arrivée par courrier, téléphone, courriel ou sur place, avec sa vraie date."),
    )
    def post(self, request: Request) -> Response:
        """Type in a request."""
        entered = intake.enter(**said(bodies.Entry, request), by=self.staff(), at=timezone.now())
        hints.for_request(entered)
        where = reverse("api:desk-request", args=[entered.reference])
        return Response(self.row(entered), status.HTTP_201_CREATED, headers={"Location": where})


class Dossier(DeskDoor):
    """The file of one request."""

    @operation(
        "viewRequest",
        _("Le dossier d’une demande"),
        tag=DESK,
        answers={200: File},
        may=REFUSED,
        parameters=(REFERENCE,),
        description=_("La consultation est inscrite au journal."),
    )
    def get(self, request: Request, reference: str) -> Response:
        """Everything about one request; that it was looked at is recorded."""
        data_request = one(reference)
        self.seen(data_request)
        return Response(File(data_request, context={"request": request}).data)


class Mentions(DeskDoor):
    """What other people wrote of an erased reader, and waits for a decision."""

    @operation(
        "listMentions",
        _("Les mentions à décider"),
        tag=DESK,
        answers={200: MentionPage},
        may=(400, *REFUSED),
        parameters=(REFERENCE, OpenApiParameter("after", int, description=_("Le numéro de la dernière lue."))),
        description=_("La consultation est inscrite au journal."),
    )
    def get(self, request: Request, reference: str) -> Response:
        """Some mentions, the first found first."""
        after = serializers.IntegerField(min_value=0).run_validation(request.query_params.get("after", 0))
        shown = mentions.show(one(reference), after=after, by=self.staff(), at=timezone.now())
        following = shown[-1].mention.pk if len(shown) == mentions.A_PAGE else None
        return Response(MentionPage({"next": following, "results": shown}).data)


class CertificateOf(DeskDoor):
    """The certificate of a finished erasure."""

    @operation(
        "viewCertificate",
        _("Le certificat d’un effacement"),
        tag=DESK,
        answers={200: CertificateShape},
        may=REFUSED,
        parameters=(REFERENCE,),
        description=_("La consultation est inscrite au journal."),
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """The signed note, and what it states."""
        try:
            found = certifying.show(one(reference), by=self.staff(), at=timezone.now())
        except Certificate.DoesNotExist as error:
            raise Http404 from error
        return Response(CertificateShape(found).data)


@dataclass(frozen=True, slots=True)
class Verb:
    """One act of the desk: its address, its id and title, its body, and the domain's verb.

    ``part`` names the relation of the request whose member the verb is about; empty for the request itself.
    """

    name: str
    operation_id: str
    title: str | Promise
    act: Callable[..., object]
    body: type[serializers.Serializer[Any]] = bodies.Nothing
    part: str = ""


VERBS = (
    Verb("assign", "assignRequest", _("Confier"), triage.assign, bodies.Assignment),
    Verb("accept", "acceptRequest", _("Accepter"), triage.accept),
    Verb("refuse", "refuseRequest", _("Refuser"), triage.refuse, bodies.Refusal),
    Verb("extend", "extendRequest", _("Prolonger le délai"), triage.extend, bodies.Extension),
    Verb("ask", "askPrecision", _("Demander une précision"), triage.ask, bodies.Precision),
    Verb("doubt", "doubtIdentity", _("Demander une preuve d’identité"), identity.doubt, bodies.Doubt),
    Verb("record_reply", "recordReply", _("Noter la réponse du lecteur"), identity.record_reply, bodies.Reply),
    Verb("give_up", "giveUpIdentity", _("Clore faute d’identité"), triage.give_up),
    Verb("vouch", "vouchIdentifier", _("Relever un identifiant sur un document"), identity.vouch, bodies.Vouched),
    Verb("route", "routeRequest", _("Transmettre à la rédaction en chef"), triage.route, bodies.Article),
    Verb("unroute", "unrouteRequest", _("Reprendre à la rédaction en chef"), triage.unroute),
    Verb("answer", "answerRequest", _("Répondre par écrit"), closing.answer, bodies.Answer),
    Verb("plan", "planErasure", _("Refaire le plan d’effacement"), execution.replan),
    Verb(
        "record_ending",
        "recordEnding",
        _("Noter le choix du lecteur sur son contrat"),
        contracts.record,
        bodies.Contract,
    ),
    Verb("approve", "approveErasure", _("Approuver l’effacement en second"), execution.approve, bodies.Approval),
    Verb("take_back", "takeBackRequest", _("Reprendre l’examen, une étape étant impossible"), execution.take_back),
    Verb("decide_passages", "decidePassages", _("Masquer ou laisser des passages"), persons.decide, bodies.Passages),
    Verb("mask_rest", "maskRest", _("Masquer les passages qui restent à décider"), persons.mask_rest),
    Verb("mark_passage", "markPassage", _("Désigner un passage à masquer"), persons.mark, bodies.MarkedPassage),
    Verb("finish_screening", "finishScreening", _("Composer le paquet"), persons.finish),
    Verb("release", "releasePackage", _("Remettre au lecteur le paquet relu"), reading.release),
    Verb("repack", "repackPackage", _("Composer de nouveau le paquet"), reading.repack),
    Verb("mask_mentions", "maskMentions", _("Masquer des mentions"), mentions.mask, bodies.Mentions),
    Verb("leave_mentions", "leaveMentions", _("Laisser des mentions"), mentions.leave, bodies.MentionsLeft),
    Verb("send_back", "sendBackRequest", _("Renvoyer à l’examen"), execution.send_back),
    Verb(
        "decide",
        "decideCorrection",
        _("Décider d’une correction"),
        triage.decide_correction,
        bodies.Decision,
        "corrections",
    ),
    Verb("retry", "retryStep", _("Relancer une étape"), execution.retry, part="steps"),
    Verb("complete", "completeStep", _("Déclarer faite une étape à la main"), execution.complete_by_hand, part="steps"),
    Verb(
        "countersign",
        "countersignIdentifier",
        _("Confirmer un identifiant en second"),
        identity.countersign,
        part="identifiers",
    ),
    Verb("told", "tellRecipient", _("Noter un destinataire prévenu"), recipients.told, bodies.Told, "recipients"),
    Verb(
        "impossible",
        "giveRecipientUp",
        _("Dire pourquoi un destinataire ne peut pas être prévenu"),
        recipients.impossible,
        bodies.Untellable,
        "recipients",
    ),
    Verb(
        "replied",
        "recordRecipientReply",
        _("Noter la réponse d’un destinataire"),
        recipients.replied,
        bodies.RecipientReply,
        "recipients",
    ),
    Verb("posted", "postLetter", _("Déclarer une lettre postée"), closing.posted, bodies.Posted, "notices"),
)


class Act(DeskDoor):
    """One verb on one request, or on one part of it."""

    verb: ClassVar[Verb]

    def post(self, request: Request, reference: str, number: int | None = None) -> Response:
        """Act; answers the request as the queue shows it."""
        data_request = one(reference)
        about = data_request if number is None else _part(data_request, self.verb.part, number)
        self.verb.act(about, **said(self.verb.body, request), by=self.staff(), at=timezone.now())
        hints.for_request(data_request)
        return Response(self.row(one(reference)))


def addresses() -> list[URLPattern]:
    """One address for each verb."""
    return [path(_address(verb), _view(verb), name=f"desk-{verb.name}") for verb in VERBS]


def _address(verb: Verb) -> str:
    part = f"{verb.part}/<int:number>/" if verb.part else ""
    return f"desk/requests/<exact:reference>/{part}{verb.name}"


def _view(verb: Verb) -> Callable[..., Any]:
    parameters = (REFERENCE, NUMBER) if verb.part else (REFERENCE,)
    described = operation(
        verb.operation_id,
        verb.title,
        tag=DESK,
        body=verb.body,
        answers={200: Queued},
        may=(409, *REFUSED),
        parameters=parameters,
    )
    act: type[Act] = type(f"Act{verb.operation_id}", (Act,), {"verb": verb})
    extend_schema_view(post=described)(act)
    return act.as_view()


def _all() -> Any:
    return DataRequest.objects.select_related("assigned_to", "joined_to").prefetch_related("questions")


def one(reference: str) -> DataRequest:
    """The request of that reference; raises Http404."""
    found: DataRequest | None = _all().filter(reference=reference).first()
    if found is None:
        raise Http404
    return found


def _part(data_request: DataRequest, relation: str, number: int) -> Any:
    found = getattr(data_request, relation).filter(pk=number).first()
    if found is None:
        raise Http404
    return found
