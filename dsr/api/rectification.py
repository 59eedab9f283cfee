"""The reader's side of a rectification: the values to correct, the proofs, a new address confirmed or contested."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dsr import hints
from dsr.api import bodies, serializers
from dsr.api.door import Door, said
from dsr.api.reader import ReaderDoor, find, of_held, of_request
from dsr.lifecycle import addresses, proofs, wishes


class Corrections(ReaderDoor):
    """The values to correct."""

    @of_request(
        "listCorrectable",
        _("Ce qui peut être corrigé"),
        answers={200: serializers.Correctable(many=True)},
        may=(401, 409),
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """The values that stand now."""
        return Response(serializers.Correctable(wishes.correctable(self.held()), many=True).data)

    @of_held("wishCorrections", _("Demander des corrections"), body=bodies.Wishes, may=(401, 409))
    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Say which values to change, and to what."""
        return self.done(wishes.wish(self.held(), **said(bodies.Wishes, request), at=timezone.now()))


class Proofs(ReaderDoor):
    """Where a reader shows that a correction is right."""

    parser_classes: Sequence[type[BaseParser]] = (MultiPartParser,)
    throttle_scope = "code"

    @of_request(
        "attachProof",
        _("Joindre un justificatif"),
        body={"multipart/form-data": bodies.Attached},
        answers={200: serializers.Followed},
        may=(401, 409, 429),
        description=_("Un PDF, un JPEG ou un PNG, trois au plus par demande. Il est détruit dès la décision."),
    )
    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Attach one file."""
        held = self.held()
        proofs.attach(held, **said(bodies.Attached, request), at=timezone.now())
        return self.done(held)


class NewAddress(Door):
    """Where the new mailbox confirms, by the code of its letter alone."""

    throttle_scope = "code"

    @of_request(
        "confirmAddress",
        _("Confirmer la nouvelle adresse"),
        body=bodies.Proof,
        answers={204: None},
        may=(429,),
        description=_("Avec le code ou le jeton reçu à la nouvelle adresse, qui prendra effet après un délai."),
    )
    def post(self, request: Request, reference: str) -> Response:
        """Confirm; unknown references are answered like wrong codes."""
        proof, asked = said(bodies.Proof, request), find(reference)
        addresses.confirm(asked, at=timezone.now(), **proof)
        hints.for_request(asked)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OldAddress(Door):
    """Where the old mailbox objects, by the code of its letter alone."""

    throttle_scope = "code"

    @of_request(
        "contestAddress",
        _("Contester la nouvelle adresse"),
        body=bodies.Proof,
        answers={204: None},
        may=(429,),
        description=_("Avec le code ou le jeton reçu à l’ancienne adresse : elle ne change pas."),
    )
    def post(self, request: Request, reference: str) -> Response:
        """Object, likewise."""
        proof, asked = said(bodies.Proof, request), find(reference)
        addresses.contest(asked, at=timezone.now(), **proof)
        hints.for_request(asked)
        return Response(status=status.HTTP_204_NO_CONTENT)
