"""What callers send: one serializer for each body."""

from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from dsr import grounds
from dsr.api.fields import ArticleAddress, Email, Flag, Instant, ScopeField, Text
from dsr.leaving import LEAVING
from dsr.lifecycle.wishes import Wish
from dsr.models import correction, passage
from dsr.models.recipient import Untold
from dsr.models.request import Channel, Ending
from dsr.models.staff import Staff
from dsr.states import Kind

MESSAGE = 5000
SENTENCES = 2000
INSTEAD_OF = _(
    "La décision que vous avez lue et que celle-ci remplace ; sans elle, seul ce qui restait à décider l’est."
)
TYPED_IN = [choice for choice in Channel.choices if choice[0] not in {Channel.FORM, Channel.API}]
GDPR_APPLIES = datetime(2018, 5, 25, tzinfo=UTC)

Body = serializers.Serializer[Any]


def _language() -> str:
    """The caller's language, for those who do not name the reader's."""
    return get_language() or settings.LANGUAGE_CODE


class Asked(Body):
    """What every request says, whoever types it in."""

    kind = serializers.ChoiceField(Kind.choices, help_text=_("Le droit exercé."))
    language = serializers.ChoiceField(
        settings.LANGUAGES, required=False, help_text=_("La langue des courriers ; à défaut, celle d’Accept-Language.")
    )
    message = Text(max_length=MESSAGE, required=False, allow_blank=True, help_text=_("Ce que le lecteur ajoute."))
    scope = ScopeField(required=False, help_text=_("La portée ; vide ou absente : toutes les données."))
    about_article = ArticleAddress(
        required=False, allow_blank=True, help_text=_("L’article publié dont il s’agit, s’il s’agit d’un article.")
    )
    minor = Flag(required=False, help_text=_("Le lecteur était mineur quand ses données ont été recueillies."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Name a language."""
        return {"language": _language(), **attrs}


class Submission(Asked):
    """A reader's request."""

    kinds = serializers.ListField(
        child=serializers.ChoiceField(Kind.choices),
        required=False,
        max_length=len(Kind),
        help_text=_("D’autres droits exercés en même temps : une demande liée pour chacun."),
    )
    email = Email(max_length=254, help_text=_("L’adresse à laquelle répondre ; un code y est envoyé."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Gather the rights, the first one first."""
        attrs = super().validate(attrs)
        kinds = [attrs.pop("kind"), *attrs.pop("kinds", [])]
        return {**attrs, "kinds": [Kind(kind) for kind in dict.fromkeys(kinds)]}


class Entry(Asked):
    """A request that reached the newspaper by another way, typed in by staff."""

    channel = serializers.ChoiceField(TYPED_IN, help_text=_("La voie par laquelle elle est arrivée."))
    received_at = Instant(help_text=_("L’instant où elle est arrivée, par quelque voie que ce soit."))
    email = Email(max_length=254, required=False, allow_blank=True)
    postal_address = Text(max_length=1000, required=False, allow_blank=True)

    def validate_received_at(self, value: datetime) -> datetime:
        """Refuse a date before the law applied, most likely a slip of the keyboard."""
        if value < GDPR_APPLIES:
            raise serializers.ValidationError(_("Cette date précède l’entrée en application du RGPD, le 25 mai 2018."))
        return value


class Proof(Body):
    """A code or a link token, from a letter."""

    code = Text(max_length=40, required=False, allow_blank=True, help_text=_("Le code à taper, reçu par courriel."))
    token = Text(
        max_length=200, required=False, allow_blank=True, help_text=_("Ou le jeton du lien reçu par courriel.")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Want one of the two."""
        if not any(attrs.values()):
            raise serializers.ValidationError({"code": [_("Donnez le code, ou le jeton du lien.")]}, code="required")
        return attrs


class Opening(Proof):
    """A code to open the package, or nothing to be sent one."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let nothing mean nothing."""
        return {name: value for name, value in attrs.items() if value}


class Nothing(Body):
    """A verb that needs no words."""


class Reply(Body):
    """The reader's answer to the open question."""

    answer = Text(max_length=MESSAGE)


class Contract(Body):
    """What becomes of a contract that still runs."""

    ending = serializers.ChoiceField(Ending.choices, help_text=_("Sans choix, c’est « term »."))


class Scope(Body):
    """What the request is about."""

    scope = ScopeField(help_text=_("Les sources, avec « * » ou les clés choisies parmi celles que GET propose."))


class WishBody(Body):
    """One correction the reader wishes."""

    concept = Text(max_length=64, help_text=_("La donnée, telle que GET la nomme."))
    old = Text(max_length=MESSAGE, allow_blank=True, trim_whitespace=False, help_text=_("La valeur affichée."))
    new = Text(max_length=SENTENCES, allow_blank=True, help_text=_("La valeur souhaitée."))
    explanation = Text(max_length=SENTENCES, required=False, allow_blank=True)


class Wishes(Body):
    """The corrections the reader wishes."""

    wishes = serializers.ListField(child=WishBody(), min_length=1, max_length=100)

    def validate_wishes(self, value: list[dict[str, str]]) -> list[Wish]:
        """As the domain takes them."""
        return [Wish(**each) for each in value]


class Attached(Body):
    """One file."""

    file = serializers.FileField(help_text=_("Un PDF, un JPEG ou un PNG."))


class Assignment(Body):
    """To whom a request is entrusted."""

    to = Text(max_length=12, help_text=_("La référence d’un membre de l’équipe."))

    def validate_to(self, value: str) -> Staff:
        """The active member of staff of that reference."""
        found = Staff.objects.filter(reference=value, is_active=True, is_staff=True).first()
        if found is None:
            raise serializers.ValidationError(_("Aucun membre de l’équipe ne porte cette référence."), code="unknown")
        return found


class Refusal(Body):
    """Why a request is refused."""

    because = serializers.ChoiceField(
        sorted((code, str(code)) for code in grounds.REFUSALS), help_text=_("Un motif de la liste fermée.")
    )
    advice = Text(
        max_length=SENTENCES,
        required=False,
        allow_blank=True,
        help_text=_("L’avis du délégué, pour les motifs qui l’exigent."),
    )


class Extension(Body):
    """Why an answer takes three months (GDPR Art. 12(3))."""

    because = serializers.ChoiceField(sorted((code, str(code)) for code in grounds.EXTENSIONS))


class Precision(Body):
    """A question to the reader that does not suspend the clock."""

    question = Text(max_length=SENTENCES)


class Doubt(Body):
    """A reasonable doubt on identity, as the reader is told of it."""

    reason = Text(max_length=SENTENCES)


class Vouched(Body):
    """An identifier read on a document."""

    kind = serializers.ChoiceField(["email", "account", "subscriber"])
    value = Text(max_length=320)


class Article(Body):
    """The published article a request turns out to be about."""

    article = ArticleAddress()


class Answer(Body):
    """An officer's written answer."""

    text = Text(max_length=20_000)


class Approval(Body):
    """The plan that the second officer saw."""

    fingerprint = Text(max_length=64, help_text=_("L’empreinte du plan, telle que le dossier la donne."))


class Decision(Body):
    """What is decided of one correction."""

    accepted = Flag()
    ground = Text(max_length=32, required=False, allow_blank=True, help_text=_("Le motif, quand elle est refusée."))
    value = Text(
        max_length=SENTENCES,
        required=False,
        allow_blank=True,
        help_text=_("Acceptée en partie : la valeur qui figurera, autre que celle qui est souhaitée."),
    )
    reason = Text(
        max_length=SENTENCES, required=False, allow_blank=True, help_text=_("La raison d’une acceptation en partie.")
    )
    instead_of = serializers.ChoiceField(correction.Decision.choices, required=False, help_text=INSTEAD_OF)


class Told(Body):
    """When and how a recipient was told by hand."""

    on = serializers.DateField()
    how = Text(max_length=200, required=False, allow_blank=True, default="")


class Untellable(Body):
    """Why a recipient cannot be told (GDPR Art. 19)."""

    because = serializers.ChoiceField(Untold.choices)
    explanation = Text(max_length=500, help_text=_("Le lecteur la lira."))


class RecipientReply(Body):
    """What a recipient answered, and when."""

    on = serializers.DateField()
    reply = Text(max_length=SENTENCES, required=False, allow_blank=True, default="")


class Addresses(Body):
    """Whom the mailing tool is about to write to."""

    addresses = serializers.ListField(
        child=Text(max_length=320), min_length=1, max_length=1000, help_text=_("Adresses électroniques ou numéros.")
    )


class FreshConsent(Body):
    """Who subscribed anew, and when they consented."""

    address = Text(max_length=320)
    consented_at = Instant(help_text=_("L’instant où la personne a consenti."))


class PassageDecision(Body):
    """What becomes of one passage."""

    id = serializers.IntegerField(min_value=1, help_text=_("Le numéro, tel que la liste des passages le donne."))
    decision = serializers.ChoiceField(passage.CHOICES)
    everywhere = Flag(
        required=False, help_text=_("De même partout où le même passage se lit et n’a pas été décidé autrement.")
    )
    instead_of = serializers.ChoiceField(passage.CHOICES, required=False, help_text=INSTEAD_OF)


class Passages(Body):
    """What becomes of several passages."""

    decisions = serializers.ListField(child=PassageDecision(), min_length=1, max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """As the domain takes them."""
        said = attrs["decisions"]
        everywhere = [each["id"] for each in said if each.get("everywhere")]
        instead_of = {each["id"]: each["instead_of"] for each in said if "instead_of" in each}
        decisions = {each["id"]: each["decision"] for each in said}
        return {"decisions": decisions, "everywhere": everywhere, "instead_of": instead_of}


class MarkedPassage(Body):
    """Words that no machine finds, to be masked."""

    source = Text(max_length=64, help_text=_("La source où elles se lisent."))  # type: ignore[assignment]
    text = Text(max_length=500, help_text=_("Exactement comme elles se lisent."))
    row = Text(max_length=200, required=False, allow_blank=True, help_text=_("La ligne ; vide : toute la source."))


class Posted(Body):
    """The day a letter was handed to the post."""

    on = serializers.DateField()

    def validate_on(self, value: date) -> date:
        """Refuse a day before the law applied, most likely a slip of the keyboard."""
        if value < GDPR_APPLIES.date():
            raise serializers.ValidationError(_("Cette date précède l’entrée en application du RGPD, le 25 mai 2018."))
        return value


class Mentions(Body):
    """Mentions of the reader in other people's rows."""

    mentions = serializers.ListField(
        child=serializers.IntegerField(), min_length=1, max_length=1000, help_text=_("Les numéros des mentions.")
    )


class MentionsLeft(Mentions):
    """Mentions that are left where they stand."""

    reason = serializers.ChoiceField(
        [(code, each.sentence) for code, each in LEAVING.items()], help_text=_("Pourquoi elles sont laissées.")
    )
