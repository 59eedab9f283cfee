"""The closed lists of the law and their articles: why we may refuse, take longer, or keep.

A code is stable: requests and audit facts store it. A reference reads on from « en application de », a sentence stands
alone in a letter. Conditions are for staff, and for the declarations of data sources that keep rows on a ground.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


G = TypeVar("G", bound="Ground")


class UnknownGround(LookupError):  # noqa: N818
    """No closed list holds the code."""


@dataclass(frozen=True)
class Ground:
    """What every closed list gives: a code that never changes, the article, and the sentence the reader is told."""

    code: str
    reference: StrPromise
    sentence: StrPromise


@dataclass(frozen=True)
class RefusalGround(Ground):
    """Why a request may be refused (GDPR art. 12(4)-(5)); `kinds` are those it can answer, none means any."""

    kinds: frozenset[str] = frozenset()
    needs_dpo_advice: bool = False
    by_itself: bool = False  # the service finds it; no officer chooses it

    def answers(self, kind: str) -> bool:
        """Whether a request of this kind may be refused so."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True)
class ExtensionGround(Ground):
    """Why an answer may take three months (GDPR art. 12(3)); workload is no reason."""


@dataclass(frozen=True)
class Duration:
    """Calendar years and months; with a setting, the years it gives, which may not be fewer than `years`."""

    years: int = 0
    months: int = 0
    setting: str = ""

    def in_months(self) -> int:
        """The whole length; a setting shorter than the law allows raises ImproperlyConfigured."""
        years: int = getattr(settings, self.setting) if self.setting else self.years
        if years < self.years:
            raise ImproperlyConfigured(f"{self.setting} is {years}: it may not be less than {self.years} years.")
        return years * 12 + self.months


@dataclass(frozen=True, kw_only=True)
class KeepingGround(Ground):
    """Why data outlive an erasure, and until when (law page, section 5).

    `keeps`, `condition` and `start` are words. No duration means case by case. `from_year_close` counts from the close
    of the financial year that holds the start. `threshold` is the least price, in euros, of a contract so kept.
    """

    keeps: StrPromise
    condition: StrPromise
    start: StrPromise
    duration: Duration | None = None
    from_year_close: bool = False
    hosting: bool = False
    threshold: Decimal = Decimal(0)

    def until(self, start: date) -> date | None:
        """The last day it is kept, None when that is judged case by case.

        A hosting ground that the DPO dropped keeps nothing: its last day is the eve of the start. While the DPO has not
        chosen, asking raises ImproperlyConfigured.
        """
        if self.hosting and not _keeps_for_hosting():
            return start - timedelta(days=1)
        if self.duration is None:
            return None
        return _months_later(_year_close(start) if self.from_year_close else start, self.duration.in_months())

    def last_day(self, start: date) -> date:
        """The last day, of a ground that always has one; raises LookupError for one judged case by case."""
        until = self.until(start)
        if until is None:
            raise LookupError(f"{self.code} is judged case by case.")
        return until


def hosting_grounds_decided() -> bool:
    """Whether the DPO chose to keep or to drop what hosts of readers' contributions may have to keep (HEB-…)."""
    return settings.DSR_HOSTING_GROUNDS in {"keep", "drop"}


def refusing(code: str) -> RefusalGround:
    """The ground of a refusal; raises UnknownGround."""
    return _look_up(REFUSALS, code)


def refusals_for(kind: str) -> list[RefusalGround]:
    """The grounds an officer may choose from for a request of this kind."""
    return [ground for ground in REFUSALS.values() if ground.answers(kind) and not ground.by_itself]


def extending(code: str) -> ExtensionGround:
    """The ground of an extension; raises UnknownGround."""
    return _look_up(EXTENSIONS, code)


def keeping(code: str) -> KeepingGround:
    """The ground for keeping; raises UnknownGround."""
    return _look_up(KEEPING, code)


def _keeps_for_hosting() -> bool:
    if not hosting_grounds_decided():
        raise ImproperlyConfigured("DSR_HOSTING_GROUNDS is undecided: the DPO chooses keep or drop.")
    return bool(settings.DSR_HOSTING_GROUNDS == "keep")


def _look_up(catalogue: Mapping[str, G], code: str) -> G:
    if code not in catalogue:
        raise UnknownGround(gettext("« %(code)s » n’est pas un motif prévu.") % {"code": code})
    return catalogue[code]


def _by_code(*grounds: G) -> Mapping[str, G]:
    return {ground.code: ground for ground in grounds}


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _clamped(year, month + 1, day.day)


def _year_close(day: date) -> date:
    """The first close of a financial year on or after the day; a malformed setting raises ImproperlyConfigured."""
    try:
        last = date.fromisoformat(f"2000-{settings.DSR_FINANCIAL_YEAR_END}")
    except ValueError as error:
        raise ImproperlyConfigured("DSR_FINANCIAL_YEAR_END is a month and a day, as in 12-31.") from error
    close = _clamped(day.year, last.month, last.day)
    return close if close >= day else _clamped(day.year + 1, last.month, last.day)


def _clamped(year: int, month: int, day: int) -> date:
    """That day, or the month's last where it has none."""
    return date(year, month, min(day, monthrange(year, month)[1]))


_HOSTING: Final = _(
    "l’article 6 de la loi n° 2004-575 du 21 juin 2004, combiné à l’article L34-1 du code des postes et des "
    "communications électroniques et au décret n° 2021-1362"
)

REFUSALS: Final = _by_code(
    RefusalGround(
        "identity",
        _("l’article 12.2 du RGPD, combiné à l’article 11.2"),
        _("Nous n’avons pas pu établir que cette demande vient de vous, ou de qui vous représente."),
    ),
    RefusalGround(
        "unfounded-or-excessive",
        _("l’article 12.5.b du RGPD"),
        _("Votre demande est manifestement infondée ou excessive."),
        needs_dpo_advice=True,
    ),
    RefusalGround(
        "nothing-to-rectify",
        _("l’article 16 du RGPD, combiné à l’article 50 de la loi n° 78-17 du 6 janvier 1978"),
        _("Les données que vous contestez sont exactes et complètes pour l’usage que nous en faisons."),
        kinds=frozenset({"rectification"}),
    ),
    RefusalGround(
        "address-unconfirmed",
        _("l’article 12.2 du RGPD, combiné à son article 5.1.f"),
        _("La nouvelle adresse n’a pas été confirmée : rien ne montre que vous en lisez le courrier."),
        kinds=frozenset({"rectification"}),
        by_itself=True,
    ),
    RefusalGround(
        "address-contested",
        _("l’article 12.2 du RGPD, combiné à son article 5.1.f"),
        _("Le changement d’adresse a été contesté depuis l’ancienne boîte aux lettres."),
        kinds=frozenset({"rectification"}),
        by_itself=True,
    ),
    RefusalGround(
        "right-not-applicable",
        _("l’article 12.4 du RGPD"),
        _("Les conditions que la loi met à ce droit ne sont pas réunies pour les données dont il s’agit."),
    ),
    RefusalGround(
        "journalism",
        _("l’article 17.3.a du RGPD, combiné à son article 85 et à l’article 80 de la loi n° 78-17 du 6 janvier 1978"),
        _("Votre demande porte sur un travail de journalisme, que la liberté d’informer protège."),
    ),
    RefusalGround(
        "rights-of-others",
        _("l’article 15.4 du RGPD"),
        _("Vous remettre ces données porterait atteinte aux droits et libertés d’autres personnes."),
        kinds=frozenset({"access"}),
    ),
    RefusalGround(
        "legal-obligation",
        _("l’article 17.3.b du RGPD"),
        _("La loi nous oblige à conserver ces données."),
        kinds=frozenset({"erasure"}),
    ),
    RefusalGround(
        "legal-claims",
        _("l’article 17.3.e du RGPD"),
        _("Ces données sont nécessaires pour constater, exercer ou défendre un droit en justice."),
        kinds=frozenset({"erasure"}),
    ),
)

EXTENSIONS: Final = _by_code(
    ExtensionGround(
        "complexity",
        _("l’article 12.3 du RGPD"),
        _("En raison de la complexité de votre demande, ce délai est prolongé."),
    ),
    ExtensionGround(
        "number-of-requests",
        _("l’article 12.3 du RGPD"),
        _("En raison du nombre de demandes que vous nous avez adressées, ce délai est prolongé."),
    ),
)

KEEPING: Final = _by_code(
    KeepingGround(
        code="CONTRAT-COURS",
        reference=_("l’article 6.1.b du RGPD, combiné à l’article 17.1.a"),
        sentence=_("Nous en avons besoin jusqu’à la fin de votre contrat, et les réexaminerons ce jour-là."),
        keeps=_("Compte, adresse et mandat de paiement"),
        condition=_("Un contrat est en cours."),
        start=_("la fin du contrat"),
        duration=Duration(),
    ),
    KeepingGround(
        code="COMPTA",
        reference=_("l’article L123-22 du code de commerce"),
        sentence=_("La loi nous oblige à garder nos pièces comptables dix ans après la clôture de l’exercice."),
        keeps=_("Factures, pièces et écritures comptables"),
        condition=_("Une vente a eu lieu."),
        start=_("la date de la pièce, comptée de la clôture de son exercice"),
        duration=Duration(years=10),
        from_year_close=True,
    ),
    KeepingGround(
        code="FISC",
        reference=_("l’article L102 B du livre des procédures fiscales"),
        sentence=_("La loi nous oblige à garder nos documents fiscaux six ans."),
        keeps=_("Documents fiscaux"),
        condition=_("Une vente a eu lieu."),
        start=_("la date du document"),
        duration=Duration(years=6),
    ),
    KeepingGround(
        code="CONTRAT-E",
        reference=_("l’article L213-1 du code de la consommation, précisé par ses articles D213-1 et D213-2"),
        sentence=_("La loi nous oblige à garder dix ans le contrat conclu en ligne à partir de 120 €."),
        keeps=_("Contrat conclu en ligne, avec l’identité et l’adresse"),
        condition=_("Le contrat a été conclu par voie électronique, pour 120 € ou plus."),
        start=_("la conclusion du contrat, ou la fin de son exécution quand elle s’étend dans le temps"),
        duration=Duration(years=10),
        threshold=Decimal(120),
    ),
    KeepingGround(
        code="LITIGE-5",
        reference=_("l’article 2224 du code civil"),
        sentence=_("Un litige peut être porté devant un juge pendant cinq ans après la fin du contrat."),
        keeps=_("Preuve du contrat, réclamations"),
        condition=_("Un litige est prévisible."),
        start=_("la fin du contrat"),
        duration=Duration(years=5),
    ),
    KeepingGround(
        code="LITIGE-2",
        reference=_("l’article L218-2 du code de la consommation"),
        sentence=_("Nous pouvons réclamer une somme impayée pendant deux ans."),
        keeps=_("Abonnement impayé"),
        condition=_("Le journal a lui-même une somme à réclamer."),
        start=_("l’échéance impayée"),
        duration=Duration(years=2),
    ),
    KeepingGround(
        code="HEB-ID",
        reference=_HOSTING,
        sentence=_("Comme hébergeur de contributions, nous devons garder cinq ans l’identité de leurs auteurs."),
        keeps=_("Identité de l’auteur d’une contribution"),
        condition=_("Le journal héberge ce que ses lecteurs publient."),
        start=_("la clôture du compte, ou la contribution de qui n’a pas de compte"),
        duration=Duration(years=5),
        hosting=True,
    ),
    KeepingGround(
        code="HEB-COMPTE",
        reference=_HOSTING,
        sentence=_("Comme hébergeur de contributions, nous devons garder un an le compte de leurs auteurs."),
        keeps=_("Données du compte de l’auteur d’une contribution"),
        condition=_("Le journal héberge ce que ses lecteurs publient."),
        start=_("la clôture du compte"),
        duration=Duration(years=1),
        hosting=True,
    ),
    KeepingGround(
        code="HEB-IP",
        reference=_HOSTING,
        sentence=_("Comme hébergeur de contributions, nous devons garder un an l’adresse IP de chacune."),
        keeps=_("Adresse IP et port d’une contribution"),
        condition=_("Le journal héberge ce que ses lecteurs publient."),
        start=_("la contribution"),
        duration=Duration(years=1),
        hosting=True,
    ),
    KeepingGround(
        code="OPPO",
        reference=_("l’article 21.3 du RGPD"),
        sentence=_("Cette empreinte illisible nous sert seulement à ne plus vous écrire."),
        keeps=_("Empreinte de votre adresse ou de votre téléphone, et sa date"),
        condition=_("La personne s’est opposée aux messages, s’est désabonnée ou a demandé l’effacement."),
        start=_("la dernière opposition"),
        duration=Duration(years=1, setting="DSR_OPPOSITION_YEARS"),
    ),
    KeepingGround(
        code="CONSENT",
        reference=_("l’article 7.1 du RGPD"),
        sentence=_("Nous devons pouvoir prouver que vous aviez donné votre accord."),
        keeps=_("Preuve du consentement"),
        condition=_("Un traitement a reposé sur le consentement."),
        start=_("le retrait du consentement"),
        duration=Duration(years=5),
    ),
    KeepingGround(
        code="CB-PREUVE",
        reference=_("l’article L133-24 du code monétaire et financier"),
        sentence=_("Un paiement par carte peut être contesté pendant treize mois."),
        keeps=_("Numéro de carte tronqué"),
        condition=_("Un paiement peut encore être contesté."),
        start=_("la date du débit"),
        duration=Duration(months=13),
    ),
    KeepingGround(
        code="PRESSE",
        reference=_("l’article 17.3.a du RGPD, combiné à l’article 80 de la loi n° 78-17 du 6 janvier 1978"),
        sentence=_("La liberté d’expression et d’information protège les articles et leurs sources."),
        keeps=_("Articles et sources"),
        condition=_("Le contenu est journalistique."),
        start=_("la publication, jugée au cas par cas"),
    ),
    KeepingGround(
        code="CONTENTIEUX",
        reference=_("l’article 17.3.e du RGPD, combiné à l’article 18.2"),
        sentence=_("Un litige est en cours : nous gardons ce qu’il exige jusqu’à la décision définitive."),
        keeps=_("Éléments d’un litige en cours"),
        condition=_("Un gel juridique est inscrit, avec la référence du litige."),
        start=_("l’inscription du gel, jusqu’à la décision définitive"),
    ),
    KeepingGround(
        code="PARTAGE",
        reference=_("l’article 17.1 du RGPD, qui ne vise que les données de la personne qui demande"),
        sentence=_("Ces données sont aussi celles d’une autre personne, qui ne nous a rien demandé."),
        keeps=_("Ce que deux personnes ont en commun, comme un échange de messages"),
        condition=_("La ligne mène aussi à un autre lecteur, et sa source déclare qu’elle reste."),
        start=_("l’effacement, jusqu’à ce que la ligne ne mène plus à personne d’autre"),
    ),
    KeepingGround(
        code="DSR",
        reference=_("l’article 5.2 du RGPD, combiné à l’article 12.4"),
        sentence=_("Nous devons pouvoir montrer que nous vous avons répondu comme la loi le veut."),
        keeps=_("Votre demande, notre décision, les courriers et leurs preuves d’envoi"),
        condition=_("Toute demande confirmée ; une demande jamais confirmée est gardée bien moins longtemps."),
        start=_("la clôture de la demande"),
        duration=Duration(years=3, setting="DSR_REQUEST_RETENTION_YEARS"),
    ),
)
