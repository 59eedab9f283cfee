"""The account that identifies a reader: what it reveals, what it keeps for a running contract or for an author."""

from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from dsr.readers.models import Account, Subscription
from dsr.sources.fields import ERASE, NO_END_YET, NOW, TODAY, Sought, by, kept, not_personal, personal, reveal
from dsr.sources.model_source import ModelSource

from .activities import ACCOUNTS

_SUBSCRIPTIONS = Subscription.objects.filter(account=OuterRef("pk"))
_RUNNING = Exists(_SUBSCRIPTIONS.filter(ended_on=None))
_LAST_END = Subquery(_SUBSCRIPTIONS.values("account").annotate(last=Max("ended_on")).values("last"))

CONTRACT = (
    kept("CONTRAT-COURS", since=NO_END_YET, when=_RUNNING),
    kept("CONTRAT-COURS", since=_LAST_END),
)
AUTHOR = kept("HEB-ID", since=("closed_at", TODAY), referenced_by="comments")
AUTHOR_ACCOUNT = kept("HEB-COMPTE", since=("closed_at", TODAY), referenced_by="comments")
IDENTITY = (*CONTRACT, AUTHOR)


class Accounts(ModelSource):
    """Declared last: it identifies the reader. Emptied, not removed, while an invoice or a kept comment needs it."""

    name = "accounts"
    label = _("Compte de lecteur")
    description = _("Votre compte : qui vous êtes, où vous joindre, et les dates de vos visites.")
    activity = ACCOUNTS
    model = Account
    completable = True
    identified_by = (by("account", "id"), by("email", "email"), by("subscriber", "subscriber_number"))
    reveals = (
        reveal("account", "id"),
        reveal("subscriber", "subscriber_number"),
        reveal("email", "email", when=Q(email_confirmed_at__isnull=False)),
    )
    dated_by = "created_at"
    shared = ERASE  # whatever address or number it also bears, an account is one reader's
    stays_for = (
        "subscriptions",
        "invoices",
        "comments",
        "consents",
        "newsletter_subscriptions",
        "articles_read",
        "support_messages",
        "moderation_notes",
        "reports",
        "bans",
    )
    fields = {
        "id": not_personal(_("Numéro de compte"), because=_("Un numéro interne, qui ne dit rien de vous.")),
        "email": personal(
            _("Adresse électronique"),
            concept="email",
            erased_to=None,
            kept=IDENTITY,
            when_corrected={"email_confirmed_at": None},
        ),
        "email_confirmed_at": personal(_("Adresse confirmée le"), erased_to=None, kept=IDENTITY),
        "password": personal(
            _("Mot de passe"),
            erased_to="",
            kept=CONTRACT,
            not_exported=_("Nous n’en gardons qu’une empreinte, que la sécurité de votre compte interdit de remettre."),
        ),
        "pen_name": personal(_("Pseudonyme"), concept="pen_name", erased_to="", kept=(*CONTRACT, AUTHOR_ACCOUNT)),
        "given_name": personal(_("Prénom"), concept="given_name", erased_to="", kept=IDENTITY),
        "family_name": personal(_("Nom"), concept="family_name", erased_to="", kept=IDENTITY),
        "phone": personal(_("Téléphone"), concept="phone", erased_to="", kept=IDENTITY),
        "birth_date": personal(_("Date de naissance"), concept="birth_date", erased_to=None, kept=AUTHOR),
        "street": personal(_("Rue"), concept="address_line", erased_to="", kept=IDENTITY),
        "street_complement": personal(
            _("Complément d’adresse"), concept="address_complement", erased_to="", kept=IDENTITY
        ),
        "postcode": personal(
            _("Code postal"), concept="postcode", erased_to="", kept=IDENTITY, searched=Sought.NOTHING
        ),
        "city": personal(_("Ville"), concept="city", erased_to="", kept=IDENTITY),
        "country": personal(_("Pays"), concept="country", erased_to="", kept=IDENTITY),
        "subscriber_number": personal(_("Numéro d’abonné"), erased_to=None, kept=CONTRACT),
        "created_at": not_personal(
            _("Ouvert le"), because=_("Une date technique, qui ne désigne personne une fois le compte vidé.")
        ),
        "last_seen_at": personal(_("Dernière visite"), erased_to=None),
        "last_ip": personal(_("Dernière adresse IP"), erased_to=None),
        "closed_at": personal(_("Fermé le"), erased_to=NOW, kept=CONTRACT),
    }
