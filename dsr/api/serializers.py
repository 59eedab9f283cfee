"""What callers are given: the position of a request, and the request as its reader follows it."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dsr import grounds
from dsr.api.fields import ScopeField
from dsr.audit.events import EVENTS, TOLD
from dsr.audit.log import READER, SYSTEM
from dsr.lifecycle import contracts
from dsr.lifecycle.downloads import Begun
from dsr.models.audit import AuditEntry
from dsr.models.correction import Decision
from dsr.models.erasure import Kept
from dsr.models.identity import Question
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.request import DataRequest, Ending
from dsr.models.verification import Certificate
from dsr.packages import certificate
from dsr.sources import registry
from dsr.states import Kind, Owner, State

NEWSPAPER = "newspaper"


def follow_url(data_request: DataRequest) -> str:
    """The reader's page of the request; it carries no secret."""
    return f"{settings.DSR_SITE_URL}/demande/{data_request.reference}/"


class Shape(serializers.Serializer[Any]):
    """Something given, never taken."""


class Receipt(Shape):
    """What a request is answered with at once, the same for every address."""

    reference = serializers.CharField()
    follow_url = serializers.URLField()
    together = serializers.ListField(child=serializers.CharField())


class AskedQuestion(Shape):
    """The question that waits for the reader's answer."""

    about = serializers.ChoiceField(Question.About.choices)
    reason = serializers.CharField()
    asked_at = serializers.DateTimeField()
    suspends = serializers.BooleanField()


class CorrectionShape(Shape):
    """A correction and what was decided of it."""

    id = serializers.IntegerField(source="pk")
    concept = serializers.CharField()
    old = serializers.CharField(source="old_value")
    new = serializers.CharField(source="new_value")
    explanation = serializers.CharField()
    decision = serializers.ChoiceField(Decision.choices)
    ground = serializers.CharField()
    granted = serializers.CharField(source="granted_value", help_text=_("Acceptée en partie : la valeur retenue."))
    reason = serializers.CharField()


class KeptShape(Shape):
    """What an erasure kept: how many rows of which source, why and until when (null: case by case)."""

    source = serializers.CharField()  # type: ignore[assignment]
    rows = serializers.IntegerField()
    ground = serializers.CharField()
    until = serializers.DateField(allow_null=True)
    reference = serializers.SerializerMethodField()
    sentence = serializers.SerializerMethodField()

    def get_reference(self, kept: Kept) -> str:
        """The article."""
        return str(grounds.keeping(kept.ground).reference)

    def get_sentence(self, kept: Kept) -> str:
        """The ground in words."""
        return str(grounds.keeping(kept.ground).sentence)


class ContractShape(Shape):
    """A contract that runs on and binds some sources: the two choices in words, and the one made, if any.

    ``until`` is the last day on which silence is no choice yet; null once it is one, or none is needed.
    """

    sources = serializers.ListField(child=serializers.CharField())
    now = serializers.CharField()
    term = serializers.CharField()
    ending = serializers.ChoiceField(Ending.choices, allow_blank=True)
    until = serializers.DateField(allow_null=True)


class PackageShape(Shape):
    """The package that answers an access, while it can be opened."""

    size = serializers.IntegerField()
    sealed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class Opened(Shape):
    """A download session: where the archive is, and what opens it."""

    url = serializers.SerializerMethodField()
    token = serializers.CharField()
    expires_at = serializers.DateTimeField(source="session.expires_at")
    size = serializers.IntegerField(source="session.package.size")
    etag = serializers.CharField(source="session.package.ciphertext_digest")

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, begun: Begun) -> str:
        """The archive."""
        reference = begun.session.package.data_request.reference
        return f"{settings.DSR_SITE_URL}{reverse('web:copy-archive', args=[reference])}"


class LetterShape(Shape):
    """A letter to the reader; one that carries a secret is given without its text."""

    letter = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.SerializerMethodField()
    by_post = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)

    def get_text(self, notice: Notice) -> str:
        """The letter, unless a code or a link goes with it."""
        return "" if notice.secret_id else notice.text


class Happening(Shape):
    """One line of the timeline, as the reader is told of it."""

    at = serializers.DateTimeField()
    event = serializers.CharField()
    sentence = serializers.SerializerMethodField()
    by = serializers.SerializerMethodField()

    def get_sentence(self, entry: AuditEntry) -> str:
        """The event in words."""
        return str(EVENTS[entry.event].sentence)

    @extend_schema_field({"type": "string", "enum": [READER, SYSTEM, NEWSPAPER]})
    def get_by(self, entry: AuditEntry) -> str:
        """Who acted, staff unnamed."""
        return entry.actor if entry.actor in {READER, SYSTEM} else NEWSPAPER


class Row(Shape):
    """The legal position of a request: what a list shows, without a word about the reader."""

    reference = serializers.CharField()
    kind = serializers.ChoiceField(Kind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    state = serializers.ChoiceField(State.choices)
    state_label = serializers.CharField(source="get_state_display")
    turn = serializers.ChoiceField(Owner.choices, source="owner")
    turn_label = serializers.CharField(source="owner.label")
    received_at = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True)
    extended = serializers.SerializerMethodField()
    suspended = serializers.BooleanField(source="is_suspended")
    late = serializers.SerializerMethodField()
    closed_at = serializers.DateTimeField(allow_null=True)
    answer_sent_at = serializers.DateTimeField(allow_null=True)

    def get_extended(self, data_request: DataRequest) -> bool:
        """Whether the answer takes three months."""
        return data_request.extended_at is not None

    def get_late(self, data_request: DataRequest) -> bool:
        """Whether the last day has passed and no answer has left."""
        return data_request.is_late(timezone.now())


class Followed(Row):
    """The request as its reader follows it."""

    language = serializers.ChoiceField(settings.LANGUAGES)
    message = serializers.CharField()
    scope = ScopeField()
    about_article = serializers.CharField()
    confirmed = serializers.SerializerMethodField()
    follow_url = serializers.SerializerMethodField()
    joined_to = serializers.CharField(source="joined_to.reference", allow_null=True, default=None)
    question = serializers.SerializerMethodField()
    corrections = CorrectionShape(many=True)
    contract = serializers.SerializerMethodField()
    refusal = serializers.SerializerMethodField()
    reply = serializers.CharField()
    kept = KeptShape(many=True)
    package = serializers.SerializerMethodField()
    letters = LetterShape(many=True, source="notices.to_the_reader")
    timeline = serializers.SerializerMethodField()

    def get_confirmed(self, data_request: DataRequest) -> bool:
        """Whether the mailbox was proven."""
        return data_request.confirmed_at is not None

    def get_follow_url(self, data_request: DataRequest) -> str:
        """The same, on a page."""
        return follow_url(data_request)

    @extend_schema_field(AskedQuestion(allow_null=True))
    def get_question(self, data_request: DataRequest) -> Any:
        """The open question, if there is one."""
        question = data_request.questions.filter(answered_at=None).first()
        return question and AskedQuestion(question).data

    @extend_schema_field(ContractShape(allow_null=True))
    def get_contract(self, data_request: DataRequest) -> Any:
        """The choice to make about a contract; null when there is none, or no longer."""
        plan = contracts.asked(data_request)
        if plan is None:
            return None
        words = registry.contract_words(plan.bound)
        choice = {"sources": plan.bound, "now": words.now, "term": words.at_term, "ending": data_request.ending}
        until = contracts.choosing_until(data_request, plan, at=timezone.now())
        return ContractShape({**choice, "until": until}).data

    @extend_schema_field({"type": "string", "description": _("Le motif et l’article ; vide sans refus.")})
    def get_refusal(self, data_request: DataRequest) -> str:
        """Why it was refused, in words."""
        ground = grounds.REFUSALS.get(data_request.refusal_ground)
        return f"{ground.sentence} ({ground.reference})" if ground else ""

    @extend_schema_field(PackageShape(allow_null=True))
    def get_package(self, data_request: DataRequest) -> Any:
        """The package, while it can be opened."""
        package = Package.objects.available(timezone.now()).filter(data_request=data_request).first()
        return package and PackageShape(package).data

    @extend_schema_field(Happening(many=True))
    def get_timeline(self, data_request: DataRequest) -> Any:
        """What happened, oldest first."""
        entries = AuditEntry.objects.filter(subject=data_request.reference, event__in=TOLD).order_by("n")
        return Happening(entries, many=True).data


class Admitted(Followed):
    """The request, with the token that follows it."""

    token = serializers.SerializerMethodField()
    joined = serializers.SerializerMethodField()

    def get_token(self, data_request: DataRequest) -> str:  # noqa: ARG002
        """The bearer token, good for thirty days."""
        return str(self.context["token"])

    def get_joined(self, data_request: DataRequest) -> bool:
        """Whether the request confirmed was joined to this earlier one."""
        return bool(data_request.reference != self.context["asked"])


class Choice(Shape):
    """One row in words, for the reader to tick."""

    key = serializers.CharField()
    text = serializers.CharField()


class Choices(Shape):
    """The rows of one source that the request may be limited to."""

    source = serializers.CharField()  # type: ignore[assignment]
    label = serializers.CharField()  # type: ignore[assignment]
    rows = Choice(many=True)


class Correctable(Shape):
    """A value that the reader may ask to correct."""

    concept = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class SourceShape(Shape):
    """One body of personal data, as a scope may name it."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()


class CertificateShape(Shape):
    """The certificate of an erasure: what it states, and the signed note that `/audit/key` verifies."""

    certificate = serializers.SerializerMethodField(method_name="get_stated")
    note = serializers.CharField()
    made_at = serializers.DateTimeField()

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_stated(self, row: Certificate) -> Any:
        """What the note states."""
        return certificate.opened(row.note)
