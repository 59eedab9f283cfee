"""The newspaper's mailing tool: whom it may not write to, and who subscribed anew; no address stands in a URL."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from dsr.api import bodies
from dsr.api.authentication import StaffToken, TheMailingTool
from dsr.api.door import Door, said
from dsr.api.schema import operation
from dsr.api.serializers import Shape
from dsr.lifecycle import suppressing
from dsr.models.staff import Staff

MACHINES = _("Machines")
REFUSED = (401, 403, 429)
PAGE = 1000
AFTER = "after"
LARGEST_NUMBER = 2**63 - 1


class Objection(Shape):
    """One objection: the keyed token of an address or number, since when and until when it holds."""

    token = serializers.CharField(max_length=64)
    recorded_at = serializers.DateTimeField()
    until = serializers.DateField()


class ObjectionPage(Shape):
    """One page of the objections in force, and the address of the next one."""

    next = serializers.URLField(allow_null=True)
    results = Objection(many=True)


class Verdict(Shape):
    """What the list says of one address: its token, to be found again in the pages, and whether it is refused."""

    token = serializers.CharField(max_length=64)
    suppressed = serializers.BooleanField()


class Verdicts(Shape):
    """One verdict for each address, in their order."""

    results = Verdict(many=True)


class Lifted(Shape):
    """Whether an objection was lifted; none may have been in force."""

    lifted = serializers.BooleanField()


class MachineDoor(Door):
    """An address for the mailing tool alone."""

    authentication_classes = (StaffToken,)
    permission_classes = (TheMailingTool,)
    throttle_scope = "suppressed"

    def machine(self) -> Staff:
        """Who asks."""
        user = self.request.user
        if not isinstance(user, Staff):
            raise TypeError("TheMailingTool lets nobody else in")
        return user


class Suppressed(MachineDoor):
    """The suppression list."""

    @operation(
        "listSuppressed",
        _("Les oppositions en vigueur"),
        tag=MACHINES,
        answers={200: ObjectionPage},
        may=(400, *REFUSED),
        parameters=(OpenApiParameter(AFTER, int, description=_("Reprendre après cette page, comme « next » le dit.")),),
        description=_("Des empreintes à clé, sans adresse : celles que POST a rendues pour vos contacts."),
    )
    def get(self, request: Request) -> Response:
        """One page of keyed tokens."""
        found = suppressing.page(after=_after(request), size=PAGE + 1, by=self.machine(), at=timezone.now())
        following = None
        if len(found) > PAGE:
            following = replace_query_param(request.build_absolute_uri(), AFTER, found[PAGE - 1].pk)
        return Response({"next": following, "results": Objection(found[:PAGE], many=True).data})

    @operation(
        "askSuppressed",
        _("À qui ne pas écrire"),
        tag=MACHINES,
        body=bodies.Addresses,
        answers={200: Verdicts},
        may=REFUSED,
        description=_("Jusqu’à 1 000 adresses ou numéros, dans le corps : jamais dans une URL, ni dans un journal."),
    )
    def post(self, request: Request) -> Response:
        """A verdict for each address."""
        answers = suppressing.ask(**said(bodies.Addresses, request), by=self.machine(), at=timezone.now())
        return Response({"results": Verdict(answers, many=True).data})


class Lift(MachineDoor):
    """A fresh subscription."""

    @operation(
        "liftSuppression",
        _("Lever une opposition par une nouvelle inscription"),
        tag=MACHINES,
        body=bodies.FreshConsent,
        answers={200: Lifted},
        may=(409, *REFUSED),
        description=_("L’instant du nouveau consentement doit suivre celui de l’opposition."),
    )
    def post(self, request: Request) -> Response:
        """Lift, and say whether there was anything to lift."""
        lifted = suppressing.lift(**said(bodies.FreshConsent, request), by=self.machine(), at=timezone.now())
        return Response({"lifted": lifted})


def _after(request: Request) -> int:
    """Where the page begins; whoever puts an address into the URL all the same is refused, and finds out at once."""
    if set(request.query_params) - {AFTER}:
        raise serializers.ValidationError({AFTER: [_("Cette adresse n’a pas d’autre paramètre.")]}, code="unknown")
    field: serializers.Field[Any, Any, Any, Any] = serializers.IntegerField(min_value=0, max_value=LARGEST_NUMBER)
    try:
        return int(field.run_validation(request.query_params.get(AFTER, "0")))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({AFTER: error.detail}) from error
