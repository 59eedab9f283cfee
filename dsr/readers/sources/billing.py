"""What a reader bought: the contracts and the invoices, and how long the law keeps them."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr.grounds import keeping
from dsr.readers.models import Invoice, Subscription
from dsr.sources.contracts import ContractWords
from dsr.sources.fields import NO_END_YET, Sought, by, kept, not_personal, personal
from dsr.sources.model_source import ModelSource

from .activities import BILLING

INTERNAL = _("Un numéro interne, qui ne dit rien de vous.")

RUNNING = kept("CONTRAT-COURS", since=("ended_on", NO_END_YET))
ONLINE = kept("CONTRAT-E", since="ended_on", when=Q(concluded_online=True, amount__gte=keeping("CONTRAT-E").threshold))
CLAIM = kept("LITIGE-5", since="ended_on")
CONTRACT = (RUNNING, ONLINE, CLAIM)

UNPAID = kept("LITIGE-2", since="due_on", when=Q(paid_on=None))
BOOKS = (kept("COMPTA", since="issued_on"), kept("FISC", since="issued_on"), UNPAID)
DEBIT = kept("CB-PREUVE", since="debited_on")
VOUCHER = (*BOOKS, DEBIT)


class Invoices(ModelSource):
    """An invoice is a voucher: nothing in it is corrected; the truncated card goes before the rest."""

    name = "invoices"
    label = _("Factures")
    description = _("Vos factures, telles qu’elles vous ont été envoyées, et leur paiement.")
    activity = BILLING
    model = Invoice
    identified_by = (by("account", "account"),)
    summary = _("Facture %(number)s du %(issued_on)s, %(amount)s %(currency)s")
    dated_by = "issued_on"
    fields = {
        "id": not_personal(because=INTERNAL),
        "number": personal(_("Numéro"), kept=VOUCHER),
        "account": personal(_("Numéro de compte"), kept=VOUCHER),
        "subscription": personal(_("Numéro de l’abonnement"), erased_to=None, kept=BOOKS),
        "issued_on": personal(_("Émise le"), kept=VOUCHER),
        "due_on": personal(_("Échéance"), erased_to=None, kept=BOOKS),
        "amount": personal(_("Montant TTC"), kept=VOUCHER),
        "vat": personal(_("Dont TVA"), kept=VOUCHER),
        "currency": personal(_("Devise"), kept=VOUCHER),
        "billing_name": personal(_("Nom"), erased_to="", kept=BOOKS, searched=Sought.NAME),
        "billing_email": personal(_("Adresse électronique"), erased_to="", kept=BOOKS),
        "billing_street": personal(_("Rue"), erased_to="", kept=BOOKS),
        "billing_postcode": personal(_("Code postal"), erased_to="", kept=BOOKS, searched=Sought.NOTHING),
        "billing_city": personal(_("Ville"), erased_to="", kept=BOOKS),
        "billing_country": personal(_("Pays"), erased_to="", kept=BOOKS),
        "truncated_card": personal(
            _("Carte, quatre derniers chiffres"),
            erased_to="",
            kept=DEBIT,
            searched=Sought.NOTHING,
        ),
        "debited_on": personal(_("Débitée le"), kept=VOUCHER),
        "paid_on": personal(_("Payée le"), erased_to=None, kept=BOOKS),
    }


class Subscriptions(ModelSource):
    """A contract: kept while it runs, ten years if concluded online for 120 € or more, else five.

    An invoice is kept longer than a small contract: the row that it names is emptied then, and is nobody's.
    """

    name = "subscriptions"
    label = _("Abonnements")
    description = _("Vos abonnements en cours et passés, leur prix et leur livraison.")
    activity = BILLING
    model = Subscription
    identified_by = (by("account", "account"),)
    stays_for = ("invoices",)
    summary = _("%(offer)s, depuis le %(started_on)s")
    contract = ContractWords(
        now=_("Terminer mon abonnement maintenant"),
        at_term=_("Effacer le reste maintenant, et ceci au terme de l’abonnement"),
        to_end=_(
            "Le lecteur termine son abonnement. Dans l’outil de facturation : arrêtez le prélèvement, réglez le "
            "remboursement. Puis inscrivez la fin de l’abonnement dans les données du journal et cochez. Rien ne "
            "s’efface avant : le plan est refait, sans contrat en cours."
        ),
    )
    dated_by = "started_on"
    fields = {
        "id": not_personal(_("Numéro de l’abonnement"), because=INTERNAL),
        "account": personal(_("Numéro de compte"), erased_to=None, kept=CONTRACT),
        "offer": personal(_("Offre"), erased_to="", kept=CONTRACT),
        "amount": personal(_("Montant"), erased_to=None, kept=CONTRACT),
        "currency": personal(_("Devise"), erased_to="", kept=CONTRACT),
        "started_on": personal(_("Début"), erased_to=None, kept=CONTRACT),
        "ended_on": personal(_("Fin"), erased_to=None, kept=CONTRACT),
        "concluded_online": personal(_("Conclu en ligne"), erased_to=False, kept=CONTRACT),
        "delivery_name": personal(_("Destinataire"), concept="full_name", erased_to="", kept=CONTRACT),
        "delivery_street": personal(
            _("Rue de livraison"), concept="address_line", erased_to="", kept=(RUNNING, ONLINE)
        ),
        "delivery_postcode": personal(
            _("Code postal de livraison"),
            concept="postcode",
            erased_to="",
            kept=(RUNNING, ONLINE),
            searched=Sought.NOTHING,
        ),
        "delivery_city": personal(_("Ville de livraison"), concept="city", erased_to="", kept=(RUNNING, ONLINE)),
        "delivery_country": personal(_("Pays de livraison"), concept="country", erased_to="", kept=(RUNNING, ONLINE)),
        "mandate_reference": personal(
            _("Référence du mandat de prélèvement"), erased_to="", kept=RUNNING, searched=Sought.NUMBER
        ),
        "truncated_card": personal(
            _("Carte, quatre derniers chiffres"), erased_to="", kept=RUNNING, searched=Sought.NOTHING
        ),
    }
