"""The passages of one copy that may be another person's, each in its sentence, for the officer who decides."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from dsr import permissions
from dsr.api.desk import DESK, REFUSED, DeskDoor, one
from dsr.api.schema import REFERENCE, operation
from dsr.api.serializers import Shape
from dsr.audit import log
from dsr.lifecycle import screening
from dsr.models.passage import CHOICES, Nature, Passage

PAGE = 50
AFTER = "after"
PARAMETERS = (
    REFERENCE,
    OpenApiParameter("undecided", bool, description=_("Seulement ceux qui attendent une décision.")),
    OpenApiParameter(AFTER, int, description=_("Les passages d’après ce numéro, tel que « next » le donne.")),
)


class Asked(serializers.Serializer[Any]):
    """How the list is narrowed."""

    undecided = serializers.BooleanField(default=False)
    after = serializers.IntegerField(min_value=0, max_value=2**63 - 1, default=0)


class PassageShape(Shape):
    """One passage, the words before and after it, and what was decided; the words are null once destroyed."""

    id = serializers.IntegerField(source="pk")
    source = serializers.CharField()  # type: ignore[assignment]
    field = serializers.CharField()
    row = serializers.CharField()
    nature = serializers.ChoiceField(Nature.choices)
    before = serializers.SerializerMethodField()
    value = serializers.SerializerMethodField("get_words")
    after = serializers.SerializerMethodField()
    decision = serializers.ChoiceField(CHOICES, allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)

    def get_before(self, passage: Passage) -> str | None:
        """The words before."""
        return self._words(passage, 0)

    def get_words(self, passage: Passage) -> str | None:
        """The passage."""
        return self._words(passage, 1)

    def get_after(self, passage: Passage) -> str | None:
        """The words after."""
        return self._words(passage, 2)

    def _words(self, passage: Passage, part: int) -> str | None:
        excerpt = screening.excerpt(passage)
        return excerpt and excerpt[part]


class PassagePage(Shape):
    """One page of passages, and the address of the next one."""

    next = serializers.URLField(allow_null=True)
    results = PassageShape(many=True)


class Listed(DeskDoor):
    """The passages of one request."""

    @operation(
        "listPassages",
        _("Les passages qui peuvent désigner d’autres personnes"),
        tag=DESK,
        answers={200: PassagePage},
        may=(400, *REFUSED),
        parameters=PARAMETERS,
        description=_("La consultation est inscrite au journal."),
    )
    def get(self, request: Request, reference: str) -> Response:
        """One page; that it was looked at is recorded."""
        permissions.check_may_see_passages(self.staff())
        data_request = one(reference)
        asked = Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        passages = data_request.passages.select_related("data_request").filter(pk__gt=asked.validated_data[AFTER])
        if asked.validated_data["undecided"]:
            passages = passages.undecided()
        with transaction.atomic():
            log.record("request.viewed", about=data_request, by=self.staff(), at=timezone.now())
        found = list(passages[: PAGE + 1])
        address = request.build_absolute_uri()
        following = replace_query_param(address, AFTER, found[PAGE - 1].pk) if len(found) > PAGE else None
        return Response({"next": following, "results": PassageShape(found[:PAGE], many=True).data})
