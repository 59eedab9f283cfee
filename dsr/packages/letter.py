"""``letter.pdf``: what the law wants told beside the copy (GDPR Art. 15(1)(a)-(h), 15(2)), of what was really held."""

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dsr import typesetting
from dsr.packages import glossary
from dsr.packages.inventory import Consultation, Contents, Form, Holding, Inventory
from dsr.packages.markup import day_in_words, grouped
from dsr.packages.section import Section, Texts, or_not_applicable
from dsr.sources.activities import Activity, Text
from dsr.states import LEGAL_BASIS, Kind

TEMPLATE: Final = "dsr/package/letter.typ"
NAMED: Final = 10  # of what was left out for one reason; the manifest names everything

RIGHTS: Final[Texts] = (
    gettext_lazy("de corriger ou de compléter vos données (RGPD art. 16) ;"),
    gettext_lazy("de les effacer (art. 17) ;"),
    gettext_lazy("d’en limiter l’usage (art. 18) ;"),
    gettext_lazy("de vous les remettre, à vous ou à un autre service (art. 20) ;"),
    gettext_lazy("de cesser de les utiliser, notamment pour vous écrire (art. 21) ;"),
    gettext_lazy(
        "de suivre ce que vous souhaitez qu’elles deviennent après votre mort (loi 78-17 du 6 janvier 1978, art. 85)."
    ),
)
CNIL: Final = "CNIL\n3 place de Fontenoy, TSA 80715\n75334 Paris Cedex 07\nwww.cnil.fr/plaintes"


def document(inventory: Inventory) -> bytes:
    """The letter as PDF/UA, in the language of the package; raises EmptyHeadingError when a heading has nothing to say.

    To be asked once everything was read: it tells what was held, and what was left out.
    """
    with translation.override(inventory.contents.language):
        return typesetting.pdf(TEMPLATE, _data(inventory))


def _data(inventory: Inventory) -> dict[str, Any]:
    """All that the template shows."""
    contents = inventory.contents
    made_on = timezone.localtime(contents.made_at).date()
    sections = (
        _confirmation(inventory),
        *_processings(inventory),
        _nothing_held(inventory),
        _omissions(inventory),
        _consultations(contents),
        _glossary(inventory),
        _rights(),
        _remedies(),
    )
    return {
        "lang": contents.language,
        "title": _("Réponse à votre demande %(reference)s") % {"reference": contents.reference},
        "newspaper": settings.DSR_NEWSPAPER_NAME,
        "made_on": [made_on.year, made_on.month, made_on.day],
        "facts": [[label, [str(value)]] for label, value in _facts(contents)],
        "sections": [section.data() for section in sections],
        "words": {"page": _("page"), "of": _("sur")},
    }


def _facts(contents: Contents) -> Iterator[tuple[str, Text]]:
    """What stands at the head of the letter."""
    yield _("Référence"), contents.reference
    yield _("Reçue le"), day_in_words(contents.received_on)
    yield _("Lettre du"), day_in_words(timezone.localtime(contents.made_at).date())
    yield _("Fondement"), LEGAL_BASIS[Kind(contents.kind)]
    yield _("Responsable du traitement"), f"{settings.DSR_NEWSPAPER_NAME}, {settings.DSR_SITE_URL}"
    yield _("Délégué à la protection des données"), f"{settings.DSR_DPO_EMAIL}\n{settings.DSR_POSTAL_ADDRESS}"


def _confirmation(inventory: Inventory) -> Section:
    """Whether data are processed (Art. 15(1))."""
    partial = bool(inventory.contents.scope)
    told = _("Nous confirmons que nous traitons des données personnelles vous concernant.")
    if not inventory.held():
        told = (
            _(
                "Nous avons cherché dans les registres que vous avez désignés : nous n’y détenons aucune donnée "
                "sur vous."
            )
            if partial
            else _("Nous avons cherché dans tous nos registres : nous ne détenons aucune donnée sur vous.")
        )
        return Section(_("Confirmation"), texts=(told,))
    if inventory.holds_only_requests:
        told = _("Nous ne détenons sur vous que vos demandes elles-mêmes, notre travail et nos courriers à leur sujet.")
    copy = (
        _("L’archive qui accompagne cette lettre contient les données que vous avez demandées.")
        if partial
        else _("L’archive qui accompagne cette lettre contient toutes les données que nous détenons sur vous.")
    )
    return Section(_("Confirmation"), texts=(told, copy))


def _processings(inventory: Inventory) -> Iterator[Section]:
    """The activities that held something (Art. 15(1)(a)-(d), (g), (h) and 15(2))."""
    parts = tuple(_activity(activity, holdings) for activity, holdings in inventory.activities().items())
    if parts:
        yield Section(_("Pourquoi et comment nous utilisons vos données"), parts=parts)


def _activity(activity: Activity, holdings: list[Holding]) -> Section:
    return Section(
        activity.name,
        facts=(
            (_("Ce que nous détenons"), tuple(_held(holding) for holding in holdings)),
            (_("Finalités"), (activity.purpose,)),
            (_("Base légale"), (activity.legal_basis,)),
            (_("Catégories de données"), (activity.categories,)),
            (_("Destinataires"), or_not_applicable(*(recipient.name for recipient in activity.recipients))),
            (_("Durée de conservation, ou ce qui la fixe"), (activity.retention,)),
            (_("Source des données"), (activity.origin,)),
            (_("Décision automatisée, profilage compris"), or_not_applicable(activity.automated_decisions)),
            (_("Transferts hors de l’Union européenne, et garanties"), or_not_applicable(activity.transfers)),
        ),
    )


def _held(holding: Holding) -> str:
    """One source in a line."""
    files = len(holding.of_form(Form.FILE)) + holding.missing
    counts = []
    if holding.rows or not files:
        words = ngettext("%(count)s enregistrement", "%(count)s enregistrements", holding.rows)
        counts.append(words % {"count": grouped(holding.rows)})
    if files:
        counts.append(ngettext("%(count)s fichier", "%(count)s fichiers", files) % {"count": grouped(files)})
    return _("%(source)s : %(what)s") % {"source": holding.source.label, "what": ", ".join(counts)}


def _nothing_held(inventory: Inventory) -> Section:
    """The activities that hold nothing, then the empty sources of the others, then what was not searched."""
    sources = [holding.source for holding in inventory.nothing_held()]
    held = inventory.activities()
    activities = dict.fromkeys(source.activity for source in sources if source.activity not in held)
    empty = [each.name for each in activities] + [each.label for each in sources if each.activity in held]
    nothing = [_("%(where)s : nous n’y détenons rien sur vous.") % {"where": each} for each in empty]
    unasked = [
        _("%(where)s : votre demande ne portait pas sur cette catégorie.") % {"where": source.label}
        for source in inventory.contents.out_of_scope()
    ]
    return Section(_("Ce que nous n’avons pas"), items=or_not_applicable(*nothing, *unasked))


def _omissions(inventory: Inventory) -> Section:
    """What the copy lacks, by source and reason."""
    labels = {source.name: source.label for source in inventory.contents.sources}
    grouped_by: dict[tuple[str, str], list[str]] = {}
    for omission in inventory.omissions:
        place = (str(labels.get(omission.source, "")), str(omission.reason))
        grouped_by.setdefault(place, []).append(str(omission.what))
    facts = tuple((_left_out(source, what), (reason,)) for (source, reason), what in grouped_by.items())
    title = _("Ce qui manque à la copie, et pourquoi")
    return Section(title, facts=facts) if facts else Section(title, texts=or_not_applicable())


def _left_out(source: str, what: list[str]) -> str:
    """Several things of one source, by name while they are few."""
    names = ", ".join(what[:NAMED])
    if more := len(what) - NAMED if len(what) > NAMED else 0:
        others = ngettext("et %(count)s autre", "et %(count)s autres", more) % {"count": grouped(more)}
        names = f"{names} {others}"
    return _("%(source)s : %(what)s") % {"source": source, "what": names} if source else names


def _consultations(contents: Contents) -> Section:
    """Who looked at the data and why, by role, as the log has it (CJEU C-579/21)."""
    return Section(
        _("Qui a consulté votre dossier, et pourquoi"),
        items=tuple(map(_consulted, contents.consultations))
        or (_("Sans objet : à ce jour, personne n’a ouvert votre dossier."),),
    )


def _consulted(consultation: Consultation) -> str:
    times = ngettext("%(count)s fois", "%(count)s fois", consultation.times) % {"count": grouped(consultation.times)}
    return _("%(role)s, %(why)s : %(times)s (%(days)s).") % {
        "role": consultation.role,
        "why": consultation.why,
        "times": times,
        "days": ", ".join(map(day_in_words, consultation.days)),
    }


def _glossary(inventory: Inventory) -> Section:
    """What the codes mean (décret 2019-536, art. 80)."""
    title = _("Ce que veulent dire les codes")
    facts = tuple(glossary.of(inventory))
    return Section(title, facts=facts) if facts else Section(title, texts=or_not_applicable())


def _rights() -> Section:
    """Art. 15(1)(e)."""
    ask = _(
        "Vous pouvez à tout moment nous demander, par notre formulaire (%(site)s), par courriel (%(contact)s) ou par "
        "courrier (%(address)s) :"
    )
    where = {
        "site": settings.DSR_SITE_URL,
        "contact": settings.DSR_DPO_EMAIL,
        "address": settings.DSR_POSTAL_ADDRESS,
    }
    return Section(_("Vos droits"), texts=(ask % where,), items=RIGHTS)


def _remedies() -> Section:
    """Art. 15(1)(f)."""
    return Section(
        _("Si notre réponse ne vous convient pas"),
        texts=(
            _(
                "Vous pouvez introduire une réclamation auprès de la Commission nationale de l’informatique et des "
                "libertés (CNIL) :"
            ),
            CNIL,
            _("Vous pouvez aussi former un recours devant le tribunal judiciaire."),
        ),
    )
