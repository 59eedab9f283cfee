"""An entry of the log in words: who did what, to which request, for which reason, and whether it verifies."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsr import deadlines
from dsr.admin import codes, words
from dsr.admin.marks import Mark
from dsr.audit import log, second_look
from dsr.audit.events import EVENTS
from dsr.audit.proving import FINE, Proven, Verdict

SHORT = {
    Verdict.PROVEN: gettext_lazy("vérifiée"),
    Verdict.AHEAD: gettext_lazy("pas encore dans un point de contrôle"),
    Verdict.WAITING: gettext_lazy("attend sa place"),
}

VERDICTS = {
    Verdict.PROVEN: gettext_lazy("Son texte est à sa place dans l’arbre, et sa preuve mène à la racine signée."),
    Verdict.AHEAD: gettext_lazy("Son texte est à sa place dans l’arbre ; le prochain point de contrôle la couvrira."),
    Verdict.WAITING: gettext_lazy("L’arbre lui donnera sa place dans un instant."),
    Verdict.ALTERED: gettext_lazy("Son texte n’est pas celui que tient l’arbre."),
    Verdict.NO_ENTRY: gettext_lazy("Son texte n’est pas celui d’une entrée."),
    Verdict.DIFFERENT: gettext_lazy("Ses colonnes ne disent pas ce que dit son texte."),
    Verdict.LOST: gettext_lazy("Elle n’a pas de place dans l’arbre, et n’en attend aucune."),
    Verdict.UNSIGNED: gettext_lazy("Le point de contrôle n’est pas signé par le service."),
    Verdict.UNPROVEN: gettext_lazy("Sa preuve ne mène pas à la racine signée : l’arbre a été changé près d’elle."),
}


def told(entry: Proven) -> dict[str, Any]:
    """One entry for the templates; told by its text, which is what verifies, or by its columns if it cannot be read."""
    index, leaf, text, subject, n, event, at, actor = entry.row
    columns = {"actor": actor, "at": at, "event": event, "facts": {}, "n": n, "previous": "", "subject": subject}
    said: dict[str, Any] = second_look.said_by(text) or columns
    facts = dict(said["facts"])
    parts = {"actor": str(said["actor"]), "subject": str(said["subject"]), "ground": str(facts.pop("ground", ""))}
    return {
        "pk": entry.pk,
        "index": index if leaf else None,
        "n": said["n"],
        "at": _instant(said["at"]),
        "event": said["event"],
        "who": who(parts["actor"]),
        "by": "by" if parts["actor"] in {log.READER, log.SYSTEM} else "agent",
        "previous": said["previous"],
        "sentence": sentence(str(said["event"]), **parts),
        **parts,
        "facts": words.facts(facts),
        "mark": mark(entry.verdict),
        "is_fine": entry.verdict in FINE,
        "verdict": VERDICTS[entry.verdict],
    }


def sentence(event: str, *, actor: str, subject: str, ground: str = "") -> str:
    """Who did what, to which request, and on which ground if any; an event that left the list is told by its code."""
    parts = {"actor": who(actor), "event": event, "subject": subject}
    if event in EVENTS:
        said = f"{parts['actor']} {str(EVENTS[event].act).format(subject=subject)}"
    else:
        said = _("%(actor)s : %(event)s, %(subject)s") % parts
    return _("%(sentence)s : %(ground)s") % {"sentence": said, "ground": codes.ground(ground)} if ground else said


def who(actor: str) -> str:
    """The reader, the system, or a member of staff by reference."""
    if actor == log.READER:
        return _("Le lecteur")
    if actor == log.SYSTEM:
        return _("Le système")
    return _("L’agent %(reference)s") % {"reference": actor}


def mark(verdict: Verdict) -> Mark:
    """The verdict at a glance."""
    if verdict not in FINE:
        return Mark(_("ne se vérifie pas"), "bad")
    return Mark(str(SHORT[verdict]), "good" if verdict == Verdict.PROVEN else "plain")


def _instant(text: Any) -> datetime | str:
    """When it was, in Paris; what is no instant, or one at the edge of what dates can hold, stays as it is."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(deadlines.PARIS)
    except (ValueError, OverflowError):
        return str(text)
