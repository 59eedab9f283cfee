"""The page of one request: everything an officer needs to decide, gathered for its template."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsr import permissions
from dsr.admin import marks, passages, timeline, told, words
from dsr.admin.offers import Attempt, Offers
from dsr.lifecycle import contracts, execution
from dsr.models.address import AddressChange
from dsr.models.erasure import Plan
from dsr.models.notice import SUPERSEDED, Notice
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status, Step
from dsr.models.verification import Certificate, Fate
from dsr.notifications.writing import CODE_MARK, LINK_MARK
from dsr.sources import registry
from dsr.states import LEGAL_BASIS, Kind, State

TONES = {Status.DONE: "good", Status.NEEDS_ATTENTION: "bad", Status.WAITING: "warn", Status.CANCELLED: "plain"}


def context(data_request: DataRequest, *, by: Staff, at: datetime, attempt: Attempt | None = None) -> dict[str, Any]:
    """Every part of the page; ``attempt`` is a verb that was posted and not carried out."""
    offered = Offers(data_request, by, attempt)
    steps = [_step(step, offered=offered) for step in _of(data_request.steps.all(), data_request)]
    notices = [_notice(notice, offered=offered) for notice in _of(data_request.notices.all(), data_request)]
    stuck = any(part["mark"].tone == "bad" for part in [*steps, *notices])
    return {
        "data_request": data_request,
        "kind": words.KINDS[data_request.kind],
        "legal_basis": LEGAL_BASIS[Kind(data_request.kind)],
        "state": marks.state(data_request),
        "turn": marks.turn(data_request, waits_for_officer=any(map(_waits_for_officer, steps))),
        "clock": marks.clock(data_request, at),
        "flags": marks.flags(data_request, needs_attention=stuck),
        "scope": words.scope(data_request),
        "refusal": words.refusal(data_request.refusal_ground),
        "identifiers": _identifiers(data_request, offered=offered),
        "questions": data_request.questions.select_related("asked_by").order_by("asked_at"),
        "corrections": _corrections(data_request, offered=offered),
        "proofs": _proofs(data_request, by=by),
        "address": AddressChange.objects.filter(data_request=data_request).first(),
        "plan": _plan(data_request),
        "kept": _kept(data_request),
        "steps": steps,
        "recipients": told.lines(data_request, offered=offered),
        "notices": notices,
        "mentions": _mentions(data_request),
        "certificate": Certificate.objects.filter(data_request=data_request).first(),
        "packages": data_request.packages.order_by("-sealed_at"),
        "passages": _passages(data_request, by=by),
        "may_read": permissions.may("read", by, data_request),
        "may_post": _may_post(data_request, by=by, at=at),
        "timeline": timeline.entries(data_request),
        "linked": _linked(data_request),
        "offers": offered.on_request(),
        "advice": _advice(data_request, by=by),
    }


def _of(rows: Iterable[Any], data_request: DataRequest) -> Iterable[Any]:
    """The rows, each knowing the request it belongs to without asking the database again."""
    for row in rows:
        row.data_request = data_request
        yield row


def _identifiers(data_request: DataRequest, *, offered: Offers) -> list[dict[str, Any]]:
    return [
        {
            "kind": words.identifier_kind(each.kind),
            "value": each.value,
            "means": each.get_verified_by_display(),
            "verified_at": each.verified_at,
            "vouched_by": each.vouched_by,
            "offers": offered.on_row(each, "countersign"),
        }
        for each in _of(data_request.identifiers.select_related("vouched_by").order_by("pk"), data_request)
    ]


def _corrections(data_request: DataRequest, *, offered: Offers) -> list[dict[str, Any]]:
    counted = data_request.corrections.annotate(marked=Count("restrictions"))
    corrections = list(_of(counted.order_by("pk"), data_request))
    labels = registry.labels()
    return [
        {
            "label": labels.get(each.concept, each.concept),
            "row": each,
            "marked": each.marked,
            "ground": words.refusal(each.ground),
            "offers": offered.on_row(each, "decide_correction"),
        }
        for each in corrections
    ]


def _proofs(data_request: DataRequest, *, by: Staff) -> list[dict[str, Any]]:
    """What the reader attached; only who may decide, while it is not decided, is offered a look."""
    may_look = permissions.may("look_at_proof", by, data_request)
    return [
        {"row": each, "may_look": may_look and each.wrapped_key is not None}
        for each in data_request.proofs.order_by("pk")
    ]


def _plan(data_request: DataRequest) -> dict[str, Any] | None:
    """The current plan: one line for each source that has something, and the totals."""
    plan = execution.current_plan(data_request)
    if plan is None:
        return None
    lines = [_plan_line(line) for line in plan.lines]
    concerned = [line for line in lines if line["concerned"]]
    totals = {name: sum(line[name] for line in lines) for name in ("erased", "rewritten", "files", "kept_rows")}
    return {
        "row": plan,
        "fingerprint": words.short_digest(plan.fingerprint),
        "lines": concerned,
        "silent": len(lines) - len(concerned),
        "totals": totals,
        "changes": _changes(plan),
        "bound": [words.source_label(name) for name in plan.bound],
        "ending": words.ending(data_request.ending) if plan.bound or data_request.ending else "",
        "choosing_until": contracts.choosing_until(data_request, plan, at=timezone.now()),
        "earlier": Plan.objects.filter(data_request=data_request).exclude(pk=plan.pk).count(),
    }


def _changes(plan: Plan) -> list[dict[str, Any]]:
    """Since the approval, source by source: each count that moved, old and new; other rows behind the same counts."""
    return [
        {"source": words.source_label(each["source"]), "texts": words.plan_changes(each["before"], each["after"])}
        for each in plan.changes
    ]


def _plan_line(line: dict[str, Any]) -> dict[str, Any]:
    counts = {name: line.get(name, 0) for name in ("erased", "rewritten", "files")}
    kept_rows = sum(kept["rows"] for kept in line["kept"])
    by_hand = line.get("by_hand", False)
    return {
        **counts,
        "source": words.source_label(line["source"]),
        "by_hand": by_hand,
        "kept": words.kept(line["kept"]),
        "kept_rows": kept_rows,
        "undecided": line.get("undecided", 0),
        "concerned": by_hand or bool(kept_rows or any(counts.values())),
    }


def _kept(data_request: DataRequest) -> list[dict[str, Any]]:
    """What was kept, source by source."""
    by_source: dict[str, list[dict[str, Any]]] = {}
    for row in data_request.kept.order_by("source", "ground"):
        line = {"ground": row.ground, "until": row.until and row.until.isoformat(), "rows": row.rows}
        by_source.setdefault(row.source, []).append(line)
    return [{"source": words.source_label(name), "texts": words.kept(lines)} for name, lines in by_source.items()]


def _waits_for_officer(part: dict[str, Any]) -> bool:
    step: Step = part["row"]
    return step.status == Status.WAITING and step.action != Action.ADDRESS


def _step(step: Step, *, offered: Offers) -> dict[str, Any]:
    return {
        "row": step,
        "title": step.get_action_display(),
        "source": words.source_label(step.source) if step.source else "",
        "instructions": words.instructions(step) if step.status == Status.WAITING else "",
        "progress": _progress(step),
        "mark": marks.Mark(str(step.get_status_display()), TONES.get(Status(step.status), "calm")),
        "offers": offered.on_row(step, "retry", "complete_by_hand"),
    }


def _progress(step: Step) -> str:
    """How far the step is, in words."""
    result = step.result if isinstance(step.result, dict) else {}
    count = {name: int(result.get(name, 0)) for name in ("erased", "rewritten", "changed", "rows")}
    said = {
        "erased": ngettext("%(n)d effacée", "%(n)d effacées", count["erased"]),
        "rewritten": ngettext("%(n)d réécrite", "%(n)d réécrites", count["rewritten"]),
        "changed": ngettext("%(n)d changée", "%(n)d changées", count["changed"]),
        "rows": _read(step, count["rows"]),
    }
    return ", ".join(text % {"n": count[name]} for name, text in said.items() if count[name])


def _read(step: Step, count: int) -> str:
    """What a step that only reads counts: rows when it packs, else the sources it asked."""
    if step.action == Action.SCREEN:
        return ngettext("%(n)d texte lu", "%(n)d textes lus", count)
    if step.action == Action.PACK or "tables" in step.result:  # a search of everything
        return ngettext("%(n)d ligne lue", "%(n)d lignes lues", count)
    return ngettext("%(n)d source interrogée", "%(n)d sources interrogées", count)


def _notice(notice: Notice, *, offered: Offers) -> dict[str, Any]:
    return {
        "row": notice,
        "mark": _notice_mark(notice),
        "text": notice.text.replace(CODE_MARK, "•••-•••-•••").replace(LINK_MARK, _("(lien personnel du lecteur)")),
        "failure": words.failure(notice.failure) if notice.failure and not notice.sent_at else "",
        "printable": notice.by_post and offered.by.has_perm(permissions.DECIDE),
        "offers": offered.on_row(notice, "send_again", "posted"),
    }


def _notice_mark(notice: Notice) -> marks.Mark:
    if notice.sent_at:
        return marks.Mark(_("postée") if notice.by_post else _("partie"), "good")
    if notice.needs_attention:
        return marks.Mark(_("à regarder"), "bad")
    if notice.failure == SUPERSEDED:
        return marks.Mark(_("sans objet"))
    return marks.Mark(_("à poster"), "warn") if notice.by_post else marks.Mark(_("à envoyer"), "calm")


def _may_post(data_request: DataRequest, *, by: Staff, at: datetime) -> bool:
    """Staff open a package for readers without a mailbox only; the others open theirs themselves."""
    return not data_request.email and by.has_perm(permissions.DECIDE) and data_request.packages.available(at).exists()


def _mentions(data_request: DataRequest) -> dict[str, Any] | None:
    """What the page says of the erased reader's mentions in other people's rows; None when there is none."""
    decided = list(data_request.mentions.values_list("decision", flat=True))
    if not decided:
        return None
    return {
        "waiting": decided.count(Fate.PENDING),
        "masked": decided.count(Fate.MASKED),
        "left": decided.count(Fate.LEFT),
    }


def _passages(data_request: DataRequest, *, by: Staff) -> dict[str, int] | None:
    """What other people may be read of, for those who decide of it, while that can still be done."""
    found = passages.summary(data_request)
    concerned = found["total"] or permissions.may("mark_passage", by, data_request)
    return found if concerned and by.has_perm(permissions.DECIDE) else None


def _linked(data_request: DataRequest) -> list[dict[str, Any]]:
    """The requests asked with this one, those that joined it, and the one it joined."""
    first = data_request.asked_with or data_request
    together = DataRequest.objects.filter(asked_with=first) | DataRequest.objects.filter(pk=first.pk)
    linked = [(each, _("posée en même temps")) for each in together.exclude(pk=data_request.pk).order_by("pk")]
    linked += [(each, _("a rejoint celle-ci")) for each in data_request.joined.order_by("pk")]
    if data_request.joined_to:
        linked.append((data_request.joined_to, _("que celle-ci a rejointe")))
    return [
        {"row": each, "how": how, "kind": words.KINDS[each.kind], "state": marks.state(each)} for each, how in linked
    ]


def _awaiting(copies: list[DataRequest]) -> str:
    """Which copy an erasure waits for, and where that request stands: it may itself wait for somebody."""
    named = [f"{each.reference} ({words.STATES[each.state]})" for each in copies]
    return _(
        "L’effacement ne commence qu’une fois partie la copie demandée par le même lecteur : %(copies)s. "
        "Si elle est suspendue ou bloquée, c’est elle qu’il faut débloquer ou clore."
    ) % {"copies": ", ".join(named)}


def _advice(data_request: DataRequest, *, by: Staff) -> str:
    """Why the next move is not this person's, when that is not plain to see."""
    if data_request.state == State.APPROVAL and by.pk == data_request.decided_by_id:
        return _("Vous avez accepté cette demande : une autre personne approuve l’effacement.")
    if data_request.state == State.APPROVAL and execution.current_plan(data_request) is None:
        return _("Le plan est en préparation : rechargez cette page dans un instant.")
    if waited := execution.awaited_copies(data_request):
        return _awaiting(waited)
    if data_request.state == State.EXECUTING and (waiting := told.waits_for(data_request)):
        return waiting
    if marks.is_undelivered(data_request):
        return _("La réponse n’est pas partie : le délai court encore.")
    return ""
