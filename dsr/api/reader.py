"""The reader's side of the API: submit, prove, follow, say more, withdraw, download."""

from datetime import datetime
from functools import partial

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from dsr import hints
from dsr.api import bodies, serializers
from dsr.api.authentication import FollowToken, HoldsTheRequest
from dsr.api.door import Door, said
from dsr.api.schema import REFERENCE, operation
from dsr.lifecycle import closing, contracts, copies, delivery, downloads, identity, intake, wishes
from dsr.models.identity import Purpose
from dsr.models.request import Channel, DataRequest
from dsr.models.verification import Certificate
from dsr.sources import registry

READER = _("Lecteur")
of_request = partial(operation, tag=READER, parameters=(REFERENCE,))


class Sources(Door):
    """What a scope may name."""

    @operation(
        "listSources", _("Les sources de données"), tag=READER, answers={200: serializers.SourceShape(many=True)}
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Every source, in the caller's language."""
        return Response(serializers.SourceShape(registry.sources(), many=True).data)


class Requests(Door):
    """Where requests arrive."""

    throttle_scope = "intake"

    @operation(
        "submitRequest",
        _("Déposer une demande"),
        tag=READER,
        body=bodies.Submission,
        answers={202: serializers.Receipt},
        may=(429,),
        description=_("La réponse est la même que l’adresse nous soit connue ou non. Un code part à cette adresse."),
    )
    def post(self, request: Request) -> Response:
        """Register one request per right; the mailbox must answer next."""
        first, *others = intake.receive(**said(bodies.Submission, request), channel=Channel.API, at=timezone.now())
        for data_request in (first, *others):
            hints.for_request(data_request)
        receipt = {
            "reference": first.reference,
            "follow_url": serializers.follow_url(first),
            "together": [other.reference for other in others],
        }
        where = reverse("api:request", args=[first.reference])
        return Response(serializers.Receipt(receipt).data, status.HTTP_202_ACCEPTED, headers={"Location": where})


class Confirm(Door):
    """Where a code or a link's token is presented."""

    throttle_scope = "code"

    @of_request(
        "confirmRequest",
        _("Présenter un code"),
        body=bodies.Proof,
        answers={200: serializers.Admitted},
        may=(429,),
        description=_(
            "Prouve la boîte aux lettres, ou ramène à une demande déjà prouvée, et rend le jeton de suivi. "
            "Si une demande identique était ouverte, c’est elle qui est rendue, avec « joined »."
        ),
    )
    def post(self, request: Request, reference: str) -> Response:
        """Prove the mailbox, or come back; unknown references are answered like wrong codes."""
        now = timezone.now()
        proof = said(bodies.Proof, request)
        asked = find(reference)
        carried = _admit(asked, at=now, **proof)
        for touched in (carried, asked, *asked.asked_together.all()):
            hints.for_request(touched)
        context = {"token": identity.issue_bearer(carried, at=now), "asked": reference}
        return Response(serializers.Admitted(carried, context=context).data)


class Code(Door):
    """Where a reader asks for a code."""

    throttle_scope = "code"

    @of_request(
        "sendCode",
        _("Recevoir un code"),
        body=bodies.Nothing,
        answers={202: None},
        may=(429,),
        description=_(
            "Envoie à l’adresse de la demande un code pour la confirmer ou y revenir. La réponse ne dit rien."
        ),
    )
    def post(self, request: Request, reference: str) -> Response:
        """E-mail a code to the address on file, if there is such a request; the answer never says."""
        said(bodies.Nothing, request)
        data_request = DataRequest.objects.filter(reference=reference).first()
        if data_request:
            purpose = Purpose.FOLLOW if data_request.confirmed_at else Purpose.CONFIRM
            identity.challenge(data_request, purpose=purpose, at=timezone.now())
            hints.for_request(data_request)
        return Response(status=status.HTTP_202_ACCEPTED)


class ReaderDoor(Door):
    """An address of one request, for whoever holds its token."""

    authentication_classes = (FollowToken,)
    permission_classes = (HoldsTheRequest,)

    def held(self) -> DataRequest:
        """The request that the token follows."""
        held = self.request.auth
        if not isinstance(held, DataRequest):
            raise TypeError("HoldsTheRequest lets nobody else in")
        return held

    def done(self, data_request: DataRequest) -> Response:
        """Hint that there may be work, and show the request as it now stands."""
        hints.for_request(data_request)
        data_request.refresh_from_db()
        return Response(serializers.Followed(data_request).data)


of_held = partial(of_request, answers={200: serializers.Followed})


class Follow(ReaderDoor):
    """The request itself."""

    @of_held("followRequest", _("Suivre une demande"), may=(401,))
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """The state, whose turn it is, the due date, and all that was said."""
        return Response(serializers.Followed(self.held()).data)


class Withdraw(ReaderDoor):
    """Where a reader thinks better of it."""

    @of_held("withdrawRequest", _("Retirer une demande"), body=bodies.Nothing, may=(401, 409))
    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Withdraw, while nothing has been carried out."""
        said(bodies.Nothing, request)
        return self.done(closing.withdraw(self.held(), at=timezone.now()))


class Reply(ReaderDoor):
    """Where a reader answers the open question."""

    @of_held("replyToQuestion", _("Répondre à la question posée"), body=bodies.Reply, may=(401, 409))
    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Answer; the clock runs again."""
        return self.done(identity.reply(self.held(), **said(bodies.Reply, request), at=timezone.now()))


class Contract(ReaderDoor):
    """What becomes of a contract that still runs."""

    @of_held(
        "chooseEnding",
        _("Choisir ce que devient un contrat en cours"),
        body=bodies.Contract,
        may=(401, 409),
        description=_(
            "Tant que « contract » n’est pas nul, jusqu’à l’approbation de l’effacement. « now » : le "
            "contrat est terminé avant que rien ne s’efface. « term », ou pas de réponse : le reste s’efface "
            "maintenant, et ceci au terme du contrat."
        ),
    )
    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Choose, or change one's mind."""
        return self.done(contracts.choose(self.held(), **said(bodies.Contract, request), at=timezone.now()))


class Scope(ReaderDoor):
    """What the request is about."""

    @of_request(
        "listChoices",
        _("Ce que la demande peut viser"),
        answers={200: serializers.Choices(many=True)},
        may=(401, 409),
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """The rows that may be ticked, in words."""
        choices = [
            {"source": source.name, "label": source.label, "rows": rows}
            for source, rows in wishes.choosable(self.held())
        ]
        return Response(serializers.Choices(choices, many=True).data)

    @of_held("chooseScope", _("Choisir la portée"), body=bodies.Scope, may=(401, 409))
    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Limit the request to some sources or rows, before it is decided."""
        return self.done(wishes.choose_scope(self.held(), **said(bodies.Scope, request), at=timezone.now()))


class CertificateOf(ReaderDoor):
    """The certificate of a finished erasure."""

    @of_request(
        "readCertificate",
        _("Le certificat de l’effacement"),
        answers={200: serializers.CertificateShape},
        may=(401,),
        description=_("Ce qui a été effacé et vérifié, sans nommer personne, et la note signée qui le prouve."),
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """The signed note, and what it states."""
        found = Certificate.objects.filter(data_request=self.held()).first()
        if found is None:
            raise Http404
        return Response(serializers.CertificateShape(found).data)


class Package(ReaderDoor):
    """The package that answers an access request."""

    throttle_scope = "code"

    @of_request(
        "openPackage",
        _("Ouvrir le paquet"),
        body=bodies.Opening,
        answers={201: serializers.Opened, 202: None},
        may=(401, 429),
        description=_(
            "Avec le code à usage unique : l’adresse de l’archive ZIP, et le jeton « Bearer » qui l’y ouvre un quart "
            "d’heure, plus longtemps tant qu’elle se télécharge. Un transfert interrompu reprend avec l’en-tête Range. "
            "Sans code : un code part à l’adresse de la demande."
        ),
    )
    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Open a download session against a one-time code; without a code, e-mail one."""
        held, now = self.held(), timezone.now()
        secret = said(bodies.Opening, request)
        if not secret:
            delivery.send_code(held, at=now)
            hints.for_request(held)
            return Response(status=status.HTTP_202_ACCEPTED)
        begun = downloads.begin(held, at=now, **secret)
        return Response(serializers.Opened(begun).data, status.HTTP_201_CREATED)


class PackageAgain(ReaderDoor):
    """Where a reader asks for a fresh copy, once theirs is destroyed."""

    throttle_scope = "code"

    @of_held(
        "askPackageAgain",
        _("Demander une nouvelle copie"),
        body=bodies.Nothing,
        may=(401, 409, 429),
        description=_(
            "Tant que la demande est conservée : la copie est refaite de ce qui est détenu aujourd’hui, une lettre "
            "l’annonce avec son code. Une à la fois, et une par jour."
        ),
    )
    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Have it made anew; the answer given before stays."""
        said(bodies.Nothing, request)
        return self.done(copies.ask(self.held(), at=timezone.now()))


def find(reference: str) -> DataRequest:
    """The request of that reference; raises WrongCode when there is none, as for a code that is wrong."""
    found = DataRequest.objects.filter(reference=reference).first()
    if found is None:
        raise identity.WrongCode
    return found


def _admit(data_request: DataRequest, *, at: datetime, code: str = "", token: str = "") -> DataRequest:
    """Prove the mailbox the first time, come back every other time; raises WrongCode."""
    if data_request.confirmed_at is None:
        return intake.confirm(data_request, at=at, code=code, token=token)
    identity.admit(data_request, at=at, code=code, token=token)
    return data_request
