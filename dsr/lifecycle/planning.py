"""The plan of an erasure: what would be done, source by source, and afterwards what was kept."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dsr.audit import log
from dsr.lifecycle import contracts, execution, identity, kept_lists, suppressing, transition
from dsr.models.erasure import Plan
from dsr.models.request import DataRequest
from dsr.sources import base
from dsr.states import State

Heartbeat = Callable[[int], None]
Previews = kept_lists.Previews


@dataclass(frozen=True, slots=True)
class Made:
    """A plan not yet kept: its lines as ``Plan.lines`` holds them, and its fingerprint."""

    lines: list[dict[str, Any]]
    fingerprint: str


def previews(data_request: DataRequest, subject: base.Subject, *, on: date, heartbeat: Heartbeat) -> Previews:
    """What each source in scope would do on that day; manual ones answer for themselves."""
    found: Previews = []
    for number, (source, rows) in enumerate(execution.in_scope(data_request), start=1):
        found.append((source, source.plan(subject, on=on, rows=rows)))
        heartbeat(number)
    return found


def make(data_request: DataRequest, subject: base.Subject, *, on: date, heartbeat: Heartbeat) -> Made:
    """Plan the erasure; writes nothing."""
    found = previews(data_request, subject, on=on, heartbeat=heartbeat)
    digest = hashlib.sha256()
    for source, preview in found:
        digest.update(f"{source.name}:{'' if source.volatile else preview.fingerprint}\n".encode())
    return Made([_line(source, preview) for source, preview in found], digest.hexdigest())


def keep(data_request: DataRequest, made: Made, *, at: datetime) -> None:
    """Put the plan up for approval; after approval, see that it is still the same, or ask for approval again.

    A contract that the reader wants ended and that runs on asks for it, too. Still the same, it is carried out: the
    erasure of everything first records the objection by itself, while the rows that hold the reader's numbers stand.
    """
    data_request = transition.lock(data_request)
    approved = execution.current_plan(data_request)
    plan = Plan(data_request=data_request, fingerprint=made.fingerprint, lines=made.lines, made_at=at)
    same = approved is not None and approved.fingerprint == made.fingerprint
    if data_request.state == State.EXECUTING and same and not contracts.must_end_first(data_request, plan):
        if data_request.is_about_everything:
            suppressing.of_request(data_request, erased=True, at=at)
        return
    execution.supersede_plan(data_request, at=at)
    plan.replaces = approved if approved and approved.approved_at else None
    plan.save()
    log.record("plan.made", about=data_request, by=log.SYSTEM, at=at, facts=_facts(plan))
    if data_request.state == State.EXECUTING:
        execution.cancel_steps(data_request)
        facts: dict[str, log.Fact] = {"fingerprint": made.fingerprint, "sources": len(plan.changes)}
        data_request = transition.move(data_request, to=State.APPROVAL, by=log.SYSTEM, at=at, facts=facts)
    contracts.look(data_request, plan, at=at)


def keep_kept(data_request: DataRequest, found: Previews, *, at: datetime) -> None:
    """Write the list of what was kept, as the second search found it, on which ground and until when."""
    kept = kept_lists.write(data_request, found, subject=identity.subject(data_request), at=at)
    facts: dict[str, log.Fact] = {"remaining": 0, "kept": kept}
    log.record("erasure.verified", about=data_request, by=log.SYSTEM, at=at, facts=facts)


def _line(source: base.Source, preview: base.Preview) -> dict[str, Any]:
    return {
        "source": source.name,
        "erased": preview.erased,
        "rewritten": preview.rewritten,
        "files": preview.files,
        "undecided": preview.undecided,
        "by_hand": preview.by_hand,
        "fingerprint": "" if source.volatile else preview.fingerprint,
        "kept": [
            {"ground": kept.ground, "until": kept.until and kept.until.isoformat(), "rows": kept.rows}
            for kept in preview.kept
        ],
    }


def _facts(plan: Plan) -> dict[str, log.Fact]:
    return {
        "plan": plan.pk,
        "fingerprint": plan.fingerprint,
        "erased": sum(line["erased"] for line in plan.lines),
        "rewritten": sum(line["rewritten"] for line in plan.lines),
        "kept": sum(kept["rows"] for line in plan.lines for kept in line["kept"]),
    }
