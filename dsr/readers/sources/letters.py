"""Which letters a reader receives, and what they agreed to."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from dsr.readers.models import Consent, NewsletterSubscription
from dsr.sources.base import Chunk, Cursor, Subject
from dsr.sources.fields import NOW, TODAY, by, kept, not_personal, personal
from dsr.sources.model_source import ModelSource

from .activities import LETTERS

INTERNAL = _("Un numéro interne, qui ne dit rien de vous.")


class NewsletterSubscriptions(ModelSource):
    """One reader on one list; an objection unsubscribes, an erasure removes."""

    name = "newsletter_subscriptions"
    label = _("Lettres d’information")
    description = _("Les lettres auxquelles vous êtes ou avez été inscrit, et quand vous les avez ouvertes.")
    activity = LETTERS
    model = NewsletterSubscription
    marketing = True
    identified_by = (by("account", "account"), by("email", "email", unless="account"))
    on_objection = {"status": NewsletterSubscription.Status.UNSUBSCRIBED, "unsubscribed_at": NOW}
    summary = _("%(list_name)s, %(status)s depuis le %(subscribed_at)s")
    dated_by = "subscribed_at"
    fields = {
        "id": not_personal(because=INTERNAL),
        "account": personal(_("Numéro de compte")),
        "email": personal(_("Adresse électronique"), concept="email"),
        "list_name": personal(_("Liste")),
        "status": personal(_("État")),
        "subscribed_at": personal(_("Inscrite le")),
        "subscribed_ip": personal(_("Adresse IP à l’inscription")),
        "unsubscribed_at": personal(_("Désinscrite le")),
        "last_opened_at": personal(_("Dernière ouverture")),
    }


def _choices(*, email: bool, since: str) -> QuerySet[Consent]:
    """The same person's choices on the same purpose; the history is written in order, so keys tell what came later."""
    person = Q(account=None, email=OuterRef("email")) if email else Q(account=OuterRef("account"))
    return Consent.objects.filter(person, Q((since, OuterRef("pk"))), purpose=OuterRef("purpose")).order_by("pk")


def _withdrawal(*, email: bool) -> Subquery:
    return Subquery(_choices(email=email, since="pk__gte").filter(given=False).values("changed_at")[:1])


PROOF = (
    kept(
        "CONSENT",
        since=(_withdrawal(email=False), "account__closed_at", TODAY),
        when=Q(account__isnull=False),
    ),
    kept("CONSENT", since=(_withdrawal(email=True), "changed_at"), when=Q(account=None)),
)

CHANNEL = "opposition"
SOLICITING = (Consent.Purpose.PARTNERS, Consent.Purpose.ADVERTISING)
LAST_WORD = Q(~Exists(_choices(email=False, since="pk__gt")), account__isnull=False) | Q(
    ~Exists(_choices(email=True, since="pk__gt")), account=None
)


class Consents(ModelSource):
    """Each choice is the proof of a consent; what was never withdrawn, the closing of the account withdraws."""

    name = "consents"
    label = _("Consentements")
    description = _("Ce que vous avez accepté ou refusé, quand, et le texte qui vous était montré.")
    activity = LETTERS
    model = Consent
    marketing = True
    identified_by = (by("account", "account"), by("email", "email", unless="account"))
    summary = _("%(purpose)s, le %(changed_at)s")
    dated_by = "changed_at"
    fields = {
        "id": not_personal(because=INTERNAL),
        "account": personal(_("Numéro de compte"), erased_to=None, kept=PROOF),
        "email": personal(_("Adresse électronique"), concept="email", erased_to="", kept=PROOF),
        "purpose": personal(_("Finalité"), kept=PROOF),
        "given": personal(_("Accordé"), kept=PROOF),
        "wording": personal(_("Texte affiché"), erased_to="", kept=PROOF, free_text=False),  # ours, the same for all
        "channel": personal(_("Recueilli par"), erased_to="", kept=PROOF),
        "ip": personal(_("Adresse IP"), erased_to=None, kept=PROOF),
        "changed_at": personal(_("Choix du"), kept=PROOF),
    }

    def stop_messages(self, subject: Subject, *, at: datetime, limit: int, cursor: Cursor) -> Chunk:  # noqa: ARG002
        """Withdraw each consent to be solicited that still stands: the history grows by one row, none is changed."""
        own = self.own(subject) or Q(pk__in=[])
        with transaction.atomic(using=self.alias):
            standing = self.rows().filter(own, LAST_WORD, given=True, purpose__in=SOLICITING)
            withdrawn = [
                Consent(account_id=account, email=email, purpose=purpose, given=False, channel=CHANNEL, changed_at=at)
                for account, email, purpose in standing.values_list("account", "email", "purpose")[:limit]
            ]
            Consent.objects.using(self.alias).bulk_create(withdrawn)
        return Chunk(cursor={} if len(withdrawn) == limit else None, changed=len(withdrawn))
