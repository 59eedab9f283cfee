"""What is contested: for the desk, each correction and its marks; for the newspaper's tools, rows and fields alone."""

from itertools import chain
from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from dsr.api import bodies
from dsr.api.authentication import ReadsRestrictions, StaffToken
from dsr.api.desk import DESK, REFUSED, DeskDoor, one
from dsr.api.door import Door, said
from dsr.api.schema import NUMBER, REFERENCE, operation
from dsr.api.serializers import CorrectionShape, Shape
from dsr.lifecycle import proofs, restricting
from dsr.models.correction import Correction
from dsr.models.proof import Proof
from dsr.sources import registry

MACHINES = _("Machines")
AFTER, SOURCE = "after", "source"
PAGE = 1000
LARGEST_NUMBER = 2**63 - 1


class Mark(Shape):
    """One contested field of one row; it says no value."""

    source = serializers.CharField()  # type: ignore[assignment]
    key = serializers.CharField(help_text=_("La clé de la ligne, telle que la source la donne."))
    field = serializers.CharField(help_text=_("Le champ dont l’exactitude est contestée."))
    since = serializers.DateTimeField()


class Marks(Shape):
    """One page of the marks, and the address of the next one."""

    next = serializers.URLField(allow_null=True)
    results = Mark(many=True)


class ProofShape(Shape):
    """A proof that the reader attached."""

    id = serializers.IntegerField(source="pk")
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sealed_at = serializers.DateTimeField()


class Contested(CorrectionShape):
    """A correction, how many fields are marked for it, and whether the value has changed meanwhile."""

    stale = serializers.SerializerMethodField()
    restricted = serializers.SerializerMethodField()

    def get_stale(self, correction: Correction) -> bool:
        """Whether it came back because the value was no longer the one that the reader saw."""
        return correction.stale_at is not None

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_restricted(self, correction: Correction) -> Any:
        """The first marks, in the order in which they were laid."""
        return Mark(correction.restrictions.order_by("pk")[:PAGE], many=True).data


class ContestedFile(Shape):
    """What the reader wishes, and what they attached."""

    corrections = Contested(many=True)
    proofs = ProofShape(many=True)


class Corrections(DeskDoor):
    """The corrections of one request."""

    @operation(
        "listCorrections",
        _("Les corrections d’une demande"),
        tag=DESK,
        answers={200: ContestedFile},
        may=REFUSED,
        parameters=(REFERENCE,),
        description=_("Avec les champs marqués d’une limitation. La consultation est inscrite au journal."),
    )
    def get(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Each correction; that it was looked at is recorded."""
        data_request = one(reference)
        self.seen(data_request)
        shown = {
            "corrections": data_request.corrections.order_by("pk"),
            "proofs": data_request.proofs.filter(destroyed_at=None).order_by("pk"),
        }
        return Response(ContestedFile(shown).data)


class Look(DeskDoor):
    """One proof."""

    renderer_classes = (JSONRenderer,)

    @operation(
        "lookAtProof",
        _("Ouvrir un justificatif"),
        tag=DESK,
        body=bodies.Nothing,
        answers={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        may=(409, *REFUSED),
        parameters=(REFERENCE, NUMBER),
        description=_("Pour qui décide, jusqu’à la décision. Chaque regard est inscrit au journal."),
    )
    def post(self, request: Request, reference: str, number: int) -> HttpResponseBase:
        """Stream the file, as a download and never as a page."""
        said(bodies.Nothing, request)
        proof = Proof.objects.filter(data_request=one(reference), pk=number).first()
        if proof is None:
            raise Http404
        chunks = proofs.look(proof, by=self.staff(), at=timezone.now())
        first = next(chunks)  # an altered object fails here, while an error can still be answered
        headers = {"Content-Disposition": f'attachment; filename="{proof.file_name}"'}
        return StreamingHttpResponse(chain([first], chunks), content_type="application/octet-stream", headers=headers)


class Restricted(Door):
    """The marks, for the newspaper's own tools."""

    authentication_classes = (StaffToken,)
    permission_classes = (ReadsRestrictions,)

    @operation(
        "listRestricted",
        _("Les champs dont l’usage est limité"),
        tag=MACHINES,
        answers={200: Marks},
        may=(400, 401, 403),
        parameters=(
            OpenApiParameter(SOURCE, str, description=_("Une source ; absente, toutes.")),
            OpenApiParameter(AFTER, int, description=_("Reprendre après cette page, comme « next » le dit.")),
        ),
        description=_("RGPD, article 18 : gardez ces valeurs, ne vous en servez pas. Seules des clés sont données."),
    )
    def get(self, request: Request) -> Response:
        """One page, oldest first."""
        name, after = _asked(request)
        found = restricting.page(source=name, after=after, size=PAGE + 1)
        following = None
        if len(found) > PAGE:
            following = replace_query_param(request.build_absolute_uri(), AFTER, found[PAGE - 1].pk)
        return Response({"next": following, "results": Mark(found[:PAGE], many=True).data})


def _asked(request: Request) -> tuple[str, int]:
    """The source and where the page begins; raises ValidationError, also for a parameter that says something else."""
    if unknown := sorted(set(request.query_params) - {AFTER, SOURCE}):
        raise serializers.ValidationError({unknown[0]: [_("Cette adresse n’a pas ce paramètre.")]}, code="unknown")
    name = request.query_params.get(SOURCE, "")
    if name and name not in {each.name for each in registry.sources()}:
        raise serializers.ValidationError({SOURCE: [_("Cette source n’existe pas.")]}, code="unknown")
    field: serializers.Field[Any, Any, Any, Any] = serializers.IntegerField(min_value=0, max_value=LARGEST_NUMBER)
    try:
        return name, int(field.run_validation(request.query_params.get(AFTER, "0")))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({AFTER: error.detail}) from error
