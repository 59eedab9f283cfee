"""What staff are given: the queue, and the whole file of one request."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dsr import permissions
from dsr.api.serializers import AskedQuestion, Followed, Happening, LetterShape, Row, Shape
from dsr.models.audit import AuditEntry
from dsr.models.erasure import Plan
from dsr.models.identity import Means
from dsr.models.recipient import RecipientNotice, Untold
from dsr.models.request import Channel, DataRequest, Ending
from dsr.models.step import Action, Status


class Queued(Row):
    """A request in the desk's queue, with what the caller may do."""

    channel = serializers.ChoiceField(Channel.choices)
    minor = serializers.BooleanField()
    assigned_to = serializers.CharField(source="assigned_to.reference", allow_null=True, default=None)
    verbs = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(permissions.SHOWN)}})
    def get_verbs(self, data_request: DataRequest) -> list[str]:
        """The verbs that this caller may use now, in order."""
        return permissions.verbs(self.context["request"].user, data_request)


class Page(Shape):
    """One page of the queue, and the address of the next one."""

    next = serializers.URLField(allow_null=True)
    results = Queued(many=True)


class KeptLine(Shape):
    """Rows that a plan would keep, on which ground and until when."""

    ground = serializers.CharField()
    until = serializers.DateField(allow_null=True)
    rows = serializers.IntegerField()


class PlanLine(Shape):
    """What an erasure would do to one source."""

    source = serializers.CharField()  # type: ignore[assignment]
    erased = serializers.IntegerField()
    rewritten = serializers.IntegerField()
    files = serializers.IntegerField()
    undecided = serializers.IntegerField(default=0)
    by_hand = serializers.BooleanField()
    kept = KeptLine(many=True)


class PlanChange(Shape):
    """What became of one source between the plan that was approved and this one; null where it was not planned."""

    source = serializers.CharField()  # type: ignore[assignment]
    before = PlanLine(allow_null=True)
    after = PlanLine(allow_null=True)


class PlanShape(Shape):
    """The current plan; ``approve`` wants its fingerprint. ``changes`` since an approval that the data outran.

    ``bound`` names the sources that a running contract binds; ``ending`` is what the reader wants of it.
    """

    fingerprint = serializers.CharField()
    made_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    lines = PlanLine(many=True)
    changes = PlanChange(many=True)
    bound = serializers.ListField(child=serializers.CharField())
    ending = serializers.ChoiceField(Ending.choices, source="data_request.ending", allow_blank=True)


class StepShape(Shape):
    """One step: a source and an action, and where the work stands."""

    id = serializers.IntegerField(source="pk")
    source = serializers.CharField()  # type: ignore[assignment]
    action = serializers.ChoiceField(Action.choices)
    status = serializers.ChoiceField(Status.choices)
    attempts = serializers.IntegerField()
    failure = serializers.CharField()
    finished_at = serializers.DateTimeField(allow_null=True)


class IdentifierShape(Shape):
    """An identifier of the reader, and how it was verified."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    value = serializers.CharField()
    verified_by = serializers.ChoiceField(Means.choices)
    verified_at = serializers.DateTimeField(allow_null=True)


class QuestionShape(AskedQuestion):
    """A question and its answer."""

    contestable = serializers.BooleanField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


class DeskLetter(LetterShape):
    """A letter as the desk sees it: with what went wrong."""

    id = serializers.IntegerField(source="pk")
    answers = serializers.BooleanField()
    failure = serializers.CharField()
    needs_attention = serializers.BooleanField()


class RecipientShape(Shape):
    """A recipient to tell, and what became of it (GDPR Art. 19)."""

    id = serializers.IntegerField(source="pk")
    recipient = serializers.CharField()
    by_letter = serializers.SerializerMethodField()
    told_on = serializers.DateField(allow_null=True)
    untold = serializers.ChoiceField(Untold.choices, allow_blank=True)
    explanation = serializers.CharField()
    replied_on = serializers.DateField(allow_null=True)

    def get_by_letter(self, task: RecipientNotice) -> bool:
        """Whether a letter tells it, rather than a member of staff."""
        return task.letter_id is not None


class LogLine(Happening):
    """One line of the timeline as the desk reads it: who acted, and the facts."""

    n = serializers.IntegerField()
    actor = serializers.CharField()
    facts = serializers.DictField()


class MentionShape(Shape):
    """One mention: where it stands, what was found there, and the passage with the old values in double brackets."""

    id = serializers.IntegerField(source="mention.pk")
    source = serializers.CharField(source="mention.source")  # type: ignore[assignment]
    row = serializers.CharField(source="mention.row_key")
    field = serializers.CharField(source="mention.field")
    kinds = serializers.CharField(source="mention.kinds")
    maskable = serializers.BooleanField(source="mention.maskable")
    passage = serializers.SerializerMethodField()

    def get_passage(self, shown: Any) -> str:
        """What stands around it."""
        return "".join(f"[[{text}]]" if found else text for text, found in shown.pieces)


class MentionPage(Shape):
    """Some mentions to decide, and the number after which the next ones come."""

    next = serializers.IntegerField(allow_null=True)
    results = MentionShape(many=True)


class File(Queued, Followed):
    """The whole file of a request, for the officer who decides it."""

    email = serializers.CharField()
    postal_address = serializers.CharField()
    questions = QuestionShape(many=True)
    identifiers = IdentifierShape(many=True)
    steps = StepShape(many=True)
    recipients = RecipientShape(many=True)
    plan = serializers.SerializerMethodField()
    letters = DeskLetter(many=True, source="notices")

    @extend_schema_field(PlanShape(allow_null=True))
    def get_plan(self, data_request: DataRequest) -> Any:
        """The current plan, if one was made."""
        plan = Plan.objects.filter(data_request=data_request, superseded_at=None).first()
        return plan and PlanShape(plan).data

    @extend_schema_field(LogLine(many=True))
    def get_timeline(self, data_request: DataRequest) -> Any:
        """Everything that happened, oldest first."""
        entries = AuditEntry.objects.filter(subject=data_request.reference).order_by("n")
        return LogLine(entries, many=True).data
