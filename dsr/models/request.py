"""The request: one reader asking one kind of thing about one scope."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from dsr import deadlines
from dsr.models import prepared
from dsr.models.prepared import given
from dsr.models.staff import ALPHABET
from dsr.states import CLOSED, OPEN, OWNERS, Kind, Owner, State

if TYPE_CHECKING:
    from dsr.models.identity import Question

EVERYTHING: dict[str, Any] = {}


class Channel(models.TextChoices):
    """How the request reached the newspaper; all of them count alike (law page, section 1)."""

    FORM = "form", _("formulaire")
    API = "api", _("API")
    POST = "post", _("courrier postal")
    EMAIL = "email", _("courriel à la rédaction")
    TELEPHONE = "telephone", _("téléphone")
    COUNTER = "counter", _("sur place")


class Ending(models.TextChoices):
    """What the reader wants of a contract that still runs; silence is ``AT_TERM``."""

    NOW = "now", _("mettre fin au contrat maintenant")
    AT_TERM = "term", _("effacer le reste maintenant, et ceci au terme du contrat")


def new_reference() -> str:
    """A random public reference, readable aloud, such as ``DSR-7K4M-2QXP``."""
    draw = [secrets.choice(ALPHABET) for _ in range(8)]
    return f"DSR-{''.join(draw[:4])}-{''.join(draw[4:])}"


def scope_digest(scope: dict[str, Any]) -> str:
    """A digest that is the same for the same scope, whatever the order of its sources and rows."""
    ordered = {name: sorted(rows) if isinstance(rows, list) else rows for name, rows in scope.items()}
    return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    """Questions about many requests, phrased to be read aloud."""

    def open(self) -> Self:
        """Those that still want a decision or an execution."""
        return self.filter(state__in=OPEN)

    def closed(self) -> Self:
        """Those that were answered, refused, withdrawn or expired."""
        return self.filter(state__in=CLOSED)

    def due_before(self, day: date) -> Self:
        """Those whose last day comes before ``day``."""
        return self.filter(due_on__lt=day)

    def undelivered(self) -> Self:
        """Those decided whose answering letter has not left: the clock still runs."""
        return self.filter(state__in=[State.ANSWERED, State.REFUSED, State.EXPIRED], answer_sent_at=None)

    def on_the_clock(self) -> Self:
        """Those the law still waits for: open, or decided and not sent."""
        return self.open() | self.undelivered()

    def of_person(self, token: str) -> Self:
        """Those whose mailbox was proven to be this person's."""
        return self.filter(person=token).exclude(person="")


class DataRequest(models.Model):
    """One request; ``state`` is its legal position and only ``dsr.lifecycle.transition`` writes it.

    ``scope`` maps a source's name to ``"*"`` or to a list of row keys; an empty scope is everything.
    ``person`` is a keyed token of the proven mailbox, empty until it is proven.
    """

    reference = models.CharField(_("référence"), max_length=16, unique=True, default=new_reference, editable=False)
    kind = models.CharField(_("nature"), max_length=16, choices=Kind.choices)
    state = models.CharField(_("état"), max_length=16, choices=State.choices, default=State.RECEIVED, editable=False)
    channel = models.CharField(_("voie"), max_length=16, choices=Channel.choices)
    language = models.CharField(_("langue"), max_length=2, choices=settings.LANGUAGES, default="fr")

    email = models.EmailField(_("adresse électronique"), blank=True)
    postal_address = models.TextField(_("adresse postale"), blank=True)
    message = models.TextField(_("message"), blank=True, max_length=5000)
    scope = models.JSONField(_("portée"), default=dict, blank=True)
    scope_digest = models.CharField(max_length=64, editable=False)
    about_article = models.URLField(_("article concerné"), blank=True)
    ending = models.CharField(_("choix pour le contrat"), max_length=4, choices=Ending.choices, blank=True)
    minor = models.BooleanField(_("mineur lors de la collecte"), default=False)

    person = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    asked_with = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="asked_together")
    joined_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="joined")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned",
        verbose_name=_("suivie par"),
    )

    received_at = models.DateTimeField(_("reçue le"))
    entered_at = models.DateTimeField(_("saisie le"))
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmée le"), null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    due_on = models.DateField(_("échéance"), null=True, blank=True)
    extended_at = models.DateTimeField(_("prolongée le"), null=True, blank=True)
    extension_ground = models.CharField(_("motif de prolongation"), max_length=32, blank=True)
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    refusal_ground = models.CharField(_("motif de refus"), max_length=32, blank=True)
    dpo_advice = models.TextField(_("avis du délégué à la protection des données"), blank=True)
    reply = models.TextField(_("réponse rédigée"), blank=True)
    closed_at = models.DateTimeField(_("close le"), null=True, blank=True)
    answer_sent_at = models.DateTimeField(_("réponse partie le"), null=True, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("demande")
        verbose_name_plural = _("demandes")
        ordering = ["due_on", "pk"]
        permissions = [
            ("decide_datarequest", _("Peut décider d’une demande")),
            ("approve_erasure", _("Peut approuver un effacement en second")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "scope_digest"],
                condition=Q(state__in=sorted(OPEN - {State.RECEIVED})) & ~Q(person=""),
                name="one_open_request_per_person_kind_and_scope",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None) | Q(decided_at__isnull=False),
                name="a_decider_has_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(extended_at=None, extension_ground="")
                | Q(extended_at__isnull=False) & ~Q(extension_ground=""),
                name="an_extension_has_its_ground",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(CLOSED), closed_at__isnull=False)
                | Q(state__in=sorted(OPEN), closed_at=None),
                name="closed_has_its_instant",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED) | ~Q(refusal_ground=""), name="a_refusal_has_its_ground"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["state", "answer_sent_at"]),
            models.Index(Upper("email"), name="requests_from_an_address"),
        ]

    def __str__(self) -> str:
        return self.reference

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the scope's digest beside the scope, so that the constraint can hold it."""
        self.scope_digest = scope_digest(self.scope)
        super().save(*args, **kwargs)

    @property
    def received_on(self) -> date:
        """The day of receipt in Paris, from which the law counts."""
        return deadlines.receipt_day(self.received_at)

    @property
    def owner(self) -> Owner:
        """Whose turn it is."""
        return OWNERS[State(self.state)]

    @property
    def is_open(self) -> bool:
        """Whether a decision or an execution is still wanted."""
        return self.state in OPEN

    @property
    def is_about_everything(self) -> bool:
        """Whether the scope is everything; only then is the account closed."""
        return not self.scope

    @property
    def is_suspended(self) -> bool:
        """Whether a recorded doubt on identity, asked in time, holds the clock (GDPR Art. 12(6))."""
        return _is_suspended(self._questions())

    @property
    def notice_due_on(self) -> date:
        """The last day on which an extension or a refusal may be announced (GDPR Art. 12(3)-(4))."""
        return self._due_on(self.questions.all(), extended=False)

    def compute_due_on(self) -> date | None:
        """The last day to answer; None while the clock is suspended or stopped without an answer."""
        if self.state == State.WITHDRAWN:
            return None
        questions = self._questions()
        return None if _is_suspended(questions) else self._due_on(questions, extended=self.extended_at is not None)

    def _questions(self) -> "Sequence[Question]":
        """What was asked of the reader, as it was read along or as it stands."""
        read_along = getattr(self, "_prefetched_objects_cache", {}).get("questions")
        return _QUESTIONS(request=self.pk) if read_along is None else list(read_along)

    @property
    def unsuspended_due_on(self) -> date:
        """The last day to answer, as though the doubt that is open had not been raised."""
        return self._due_on(self.questions.all(), extended=self.extended_at is not None)

    def _due_on(self, questions: "Iterable[Question]", *, extended: bool) -> date:
        """The due date under the suspensions that were answered."""
        suspensions = [
            (deadlines.receipt_day(question.asked_at), deadlines.receipt_day(question.answered_at))
            for question in questions
            if question.suspends and question.answered_at
        ]
        return deadlines.due_on(
            self.received_on, extended=extended, suspensions=suspensions, subdivision=settings.DSR_HOLIDAY_SUBDIVISION
        )

    def is_late(self, at: datetime) -> bool:
        """Whether the last day has passed and no answer has left."""
        until = self.answer_sent_at or at
        return self.due_on is not None and deadlines.is_late(self.due_on, until)


_QUESTIONS = prepared.Rows(
    lambda: apps.get_model("dsr", "Question")._default_manager.filter(data_request=given("request"))
)


def _is_suspended(questions: "Iterable[Question]") -> bool:
    return any(question.suspends and question.answered_at is None for question in questions)
