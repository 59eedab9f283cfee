"""The desk's own words: states, kinds, scopes and facts as an officer reads them, short."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from dsr import grounds
from dsr.admin import codes
from dsr.models import passage
from dsr.models.correction import Decision
from dsr.models.erasure import Plan
from dsr.models.identity import Means, Purpose, Question
from dsr.models.request import Channel, DataRequest, Ending
from dsr.models.review import Mark
from dsr.models.step import Action, Step
from dsr.models.verification import Fate
from dsr.oversight.rules import RULES
from dsr.packages.markup import day_in_words
from dsr.sources import own_tables, registry
from dsr.sources.by_hand import ByHand
from dsr.states import Kind, Owner, State

KINDS: dict[str, Promise] = {
    Kind.ACCESS: _("Accès"),
    Kind.RECTIFICATION: _("Rectification"),
    Kind.ERASURE: _("Effacement"),
    Kind.OBJECTION: _("Opposition aux messages"),
    Kind.OTHER: _("Autre demande"),
}

STATES: dict[str, Promise] = {
    State.RECEIVED: _("À confirmer par le lecteur"),
    State.REVIEW: _("À décider"),
    State.AWAITING_READER: _("Attend le lecteur"),
    State.APPROVAL: _("À approuver"),
    State.EXECUTING: _("En exécution"),
    State.ANSWERED: _("Répondue"),
    State.REFUSED: _("Refusée"),
    State.WITHDRAWN: _("Retirée"),
    State.EXPIRED: _("Close sans confirmation"),
}

OWNERS: dict[str, Promise] = {
    Owner.READER: _("Lecteur"),
    Owner.OFFICER: _("Agent"),
    Owner.SECOND_OFFICER: _("Second agent"),
    Owner.SYSTEM: _("Système"),
    Owner.NOBODY: _("Personne"),
}

IDENTIFIERS: dict[str, Promise] = {
    "email": _("Adresse électronique"),
    "account": _("Compte"),
    "subscriber": _("Numéro d’abonné"),
}

PASSAGES: dict[str, Any] = dict(passage.Decision.choices)

REACHES: dict[str, Promise] = {
    "everything": _("toutes ses données"),
    "sources": _("certaines sources"),
    "rows": _("certaines lignes"),
}

FAILURES: dict[str, Promise] = {
    "interrupted": _("l’envoi a été interrompu"),
    "superseded": _("un courrier plus récent l’a remplacée"),
    "unreachable": _("le serveur de courriel n’a pas répondu"),
    "unsendable": _("l’adresse ou le message ne peuvent pas être envoyés"),
}

# In the order in which they are told.
FACTS: dict[str, Promise] = {
    "kind": _("nature"),
    "channel": _("voie"),
    "language": _("langue"),
    "scope": _("portée"),
    "action": _("action"),
    "source": _("source"),
    "concept": _("donnée"),
    "decision": _("décision"),
    "ground": _("motif"),
    "advised": _("avis du DPO"),
    "until": _("jusqu’au"),
    "about": _("au sujet de"),
    "contestable": _("contestable"),
    "means": _("moyen"),
    "purpose": _("pour"),
    "number": _("numéro"),
    "to": _("confiée à"),
    "reference": _("référence"),
    "joined_to": _("demande rejointe"),
    "reason": _("raison"),
    "state": _("état"),
    "erased": _("lignes effacées"),
    "rewritten": _("lignes réécrites"),
    "changed": _("lignes changées"),
    "kept": _("conservations"),
    "remaining": _("lignes restantes"),
    "tables": _("tables"),
    "mentions": _("mentions"),
    "count": _("nombre"),
    "sources": _("sources changées"),
    "addresses": _("adresses"),
    "results": _("résultats"),
    "consented_on": _("consentement du"),
    "attempts": _("tentatives"),
    "letter": _("lettre"),
    "by_post": _("par la poste"),
    "recipient": _("destinataire"),
    "by_hand": _("par une personne"),
    "on": _("le"),
    "posted_on": _("postée le"),
    "plan": _("plan"),
    "fingerprint": _("empreinte du plan"),
    "digest": _("empreinte"),
    "size": _("taille en octets"),
    "first": _("du premier octet"),
    "last": _("au dernier octet"),
    "omissions": _("omissions"),
    "days_late": _("jours de retard"),
    "sign": _("indice"),
    "why": _("motif"),
    "replayed": _("effacements refaits"),
    "returned": _("revenus"),
    "left": _("laissés à une personne"),
    "suppressions": _("oppositions rétablies"),
    "checkpoints": _("points de contrôle laissés derrière"),
    "records": _("effacements du registre"),
    "epoch": _("mois"),
    "rule": _("règle"),
    "finding": _("constat n°"),
    "mark": _("appréciation"),
    "start": _("depuis l’entrée"),
    "end": _("avant l’entrée"),
    "findings": _("constats"),
    "explained": _("constats expliqués"),
    "follow_up": _("constats à suivre"),
    "root": _("racine"),
    "entries": _("entrées"),
    "problems": _("anomalies"),
    "passages": _("passages"),
    "undecided": _("à décider"),
    "setting": _("réglage"),
    "member": _("membre"),
    "fields": _("champs"),
    "contested": _("champs contestés"),
    "ending": _("choix"),
    "groups": _("groupes"),
    "group": _("groupe"),
    "permissions": _("droits"),
}


def identifier_kind(kind: str) -> str:
    """What an identifier is, in words."""
    return str(IDENTIFIERS.get(kind, kind))


def source_label(name: str) -> str:
    """The source as the reader is told of it; a source that was since taken out keeps its name."""
    labels = own_tables.labels() | {each.name: each.label for each in registry.sources()}
    return capfirst(str(labels.get(name, name)))


def concept(name: str) -> str:
    """What is corrected, as the reader is told of it; once no source knows it, its name."""
    return str(registry.labels().get(name, name))


def recipient(code: str) -> str:
    """A recipient by name, or its code once no activity names it."""
    known = registry.recipients()
    return capfirst(str(known[code])) if code in known else code


def instructions(step: Step) -> str:
    """What a person does for a source that waits for one."""
    if step.action == Action.TERMINATE:
        return str(registry.contract_words(_bound(step)).to_end)
    if step.action == Action.ADDRESS:
        return gettext("La nouvelle adresse prend effet d’elle-même, une fois confirmée et le délai passé.")
    source = next((each for each in registry.sources() if each.name == step.source), None)
    if isinstance(source, ByHand):
        return source.instructions(step.action)
    return str(source.description) if source else ""


def _bound(step: Step) -> list[str]:
    """The sources that the contract to be ended binds."""
    plan = Plan.objects.filter(data_request=step.data_request, superseded_at=None).first()
    return plan.bound if plan else []


def ending(code: str) -> str:
    """The reader's choice for a contract that runs, or what silence means."""
    if code == Ending.NOW:
        return gettext("Le lecteur met fin au contrat maintenant : rien ne s’efface avant.")
    if code == Ending.AT_TERM:
        return gettext("Le lecteur a choisi : le reste maintenant, et ceci au terme du contrat.")
    return gettext("Le lecteur n’a rien choisi : le reste s’efface maintenant, et ceci au terme du contrat.")


def scope(data_request: DataRequest) -> list[str]:
    """What the request is about, one line for each source; a single line when it is everything."""
    if data_request.is_about_everything:
        return [gettext("Toutes ses données")]
    return [_source_in_scope(name, rows) for name, rows in sorted(data_request.scope.items())]


def _source_in_scope(name: str, rows: Any) -> str:
    label = source_label(name)
    if not isinstance(rows, list):
        return label
    count = ngettext("%(count)d ligne choisie", "%(count)d lignes choisies", len(rows)) % {"count": len(rows)}
    return gettext("%(source)s : %(count)s") % {"source": label, "count": count}


def refusal(code: str) -> str:
    """The sentence of a refusal ground, or its code once it left the list."""
    return str(grounds.REFUSALS[code].sentence) if code in grounds.REFUSALS else code


def rule(code: str) -> str:
    """What a rule of the review draws, or its code once it left the table."""
    return str(RULES[code].title) if code in RULES else code


COUNTED: dict[str, Promise] = {"erased": _("effacées"), "rewritten": _("réécrites"), "files": _("fichiers")}


def plan_changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    """What moved in one source between the plan that was approved and the one that replaces it."""
    if before is None or after is None:
        return [gettext("source retirée des réglages") if after is None else gettext("source ajoutée aux réglages")]
    counted = [(str(word), before[name], after[name]) for name, word in COUNTED.items()]
    old, new = _rows_by_ground(before), _rows_by_ground(after)
    kept_on = gettext("conservées, %(code)s")
    counted += [(kept_on % {"code": code}, old[code], new[code]) for code in sorted({*old, *new})]
    line = gettext("%(what)s : %(before)s → %(after)s")
    moved = [line % {"what": what, "before": was, "after": now} for what, was, now in counted if was != now]
    if moved:
        return moved
    if before["kept"] != after["kept"]:
        return [gettext("les mêmes comptes, d’autres dates de fin")]
    return [gettext("les mêmes comptes, d’autres lignes")]


def _rows_by_ground(line: dict[str, Any]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for each in line["kept"]:
        counted[each["ground"]] += each["rows"]
    return counted


def kept(lines: list[dict[str, Any]]) -> list[str]:
    """Kept lines of one source, one text for each ground: how many rows, why, until when."""
    by_ground: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_ground.setdefault(line["ground"], []).append(line)
    return [_kept_on(code, same) for code, same in sorted(by_ground.items())]


def _kept_on(code: str, lines: list[dict[str, Any]]) -> str:
    ground = grounds.KEEPING.get(code)
    rows = sum(line["rows"] for line in lines)
    return gettext("%(count)s, %(until)s. %(why)s (%(code)s)") % {
        "count": ngettext("%(n)d ligne", "%(n)d lignes", rows) % {"n": rows},
        "until": _until({line.get("until") for line in lines}),
        "why": ground.sentence if ground else "",
        "code": code,
    }


def _until(days: set[str | None]) -> str:
    """The end of keeping, or the first and the last of several; none: judged case by case."""
    known = sorted(day for day in days if day)
    if not known:
        return gettext("réexaminées au cas par cas")
    if len(known) == 1:
        return gettext("jusqu’au %(date)s") % {"date": iso_date(known[0])}
    ends = {"first": iso_date(known[0]), "last": iso_date(known[-1])}
    return gettext("chacune jusqu’à sa date, du %(first)s au %(last)s") % ends


def failure(code: str) -> str:
    """Why a letter did not leave, in words; a code that is in no list is shown as it is."""
    if code.startswith("smtp-"):
        return gettext("refusée par le serveur du destinataire (%(status)s)") % {"status": code.removeprefix("smtp-")}
    return str(FAILURES.get(code, code))


def iso_date(text: str) -> str:
    """An ISO date in words, such as « 23 novembre 2026 »."""
    return day_in_words(date.fromisoformat(text))


def facts(pairs: dict[str, Any]) -> list[tuple[str, str]]:
    """The facts of an audit entry as (label, value) in words, in the order in which they are told."""
    told = [name for name in FACTS if pairs.get(name, "") != ""] + sorted(set(pairs) - set(FACTS))
    return [(str(FACTS.get(name, name)), fact(name, pairs[name])) for name in told]


def fact(name: str, value: Any) -> str:
    """One fact in words; a code that is in no list is shown as it is, and so is whatever an altered text holds."""
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    say = _SAID.get(name, str)
    return str(say(str(value)))


def _label_of(choices: type[TextChoices]) -> Callable[[str], Any]:
    labels = dict(choices.choices)
    return lambda value: labels.get(value, value)


def short_digest(text: str) -> str:
    """The first twelve signs of a digest in groups of four, to compare by eye."""
    return " ".join(text[start : start + 4] for start in range(0, min(len(text), 12), 4))


_SAID: dict[str, Callable[[str], Any]] = {
    "about": _label_of(Question.About),
    "action": _label_of(Action),
    "channel": _label_of(Channel),
    "concept": concept,
    "decision": lambda value: PASSAGES.get(value, dict([*Fate.choices, *Decision.choices]).get(value, value)),
    "digest": short_digest,
    "ending": _label_of(Ending),
    "fields": codes.fields,
    "fingerprint": short_digest,
    "ground": codes.ground,
    "group": codes.groups,
    "groups": codes.groups,
    "kind": lambda value: KINDS.get(value, identifier_kind(value)),
    "language": codes.language,
    "letter": codes.letter,
    "mark": _label_of(Mark),
    "means": _label_of(Means),
    "purpose": _label_of(Purpose),
    "recipient": recipient,
    "reason": codes.reason,
    "root": short_digest,
    "rule": rule,
    "scope": lambda value: REACHES.get(value, value),
    "source": source_label,
    "state": lambda value: STATES.get(value, value),
}
