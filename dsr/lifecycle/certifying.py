"""The certificate of a finished erasure: made and signed when it is answered, handed to the reader and to officers."""

from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction

from dsr import permissions
from dsr.audit import log, tree
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status, Step
from dsr.models.verification import Certificate, Fate
from dsr.packages import certificate


def certify(data_request: DataRequest, *, at: datetime) -> Certificate:
    """Say what was erased, kept, left and verified, and sign it; in the transaction that answers."""
    note = certificate.signed(_statement(data_request, at=at))
    facts: dict[str, log.Fact] = {"digest": sha256(note.encode()).hexdigest()}
    log.record("certificate.made", about=data_request, by=log.SYSTEM, at=at, facts=facts)
    return Certificate.objects.create(data_request=data_request, note=note, made_at=at)


@transaction.atomic
def show(data_request: DataRequest, *, by: Staff, at: datetime) -> Certificate:
    """An officer looks at the certificate; raises Certificate.DoesNotExist."""
    permissions.check_may_view(by)
    found = Certificate.objects.get(data_request=data_request)
    log.record("request.viewed", about=data_request, by=by, at=at)
    return found


def _statement(data_request: DataRequest, *, at: datetime) -> dict[str, Any]:
    steps = list(data_request.steps.filter(status=Status.DONE))
    erasing = [step for step in steps if step.action == Action.ERASE]
    verifying = next(step for step in steps if step.action == Action.VERIFY)
    plan = data_request.plans.get(superseded_at=None)
    return {
        "newspaper": settings.DSR_NEWSPAPER_NAME,
        "reference": data_request.reference,
        "scope": "everything" if data_request.is_about_everything else sorted(data_request.scope),
        "approved_at": _instant(plan.approved_at),
        "erased_at": _instant(max((step.finished_at for step in erasing if step.finished_at), default=None)),
        "verified_at": _instant(verifying.finished_at),
        "made_at": _instant(at),
        "sources": [_source(data_request, step) for step in erasing],
        "mentions": _mentions(data_request),
        "verification": {"plan": "nothing-left", "values": _searched(verifying)},
        "log": _place(data_request),
    }


def _source(data_request: DataRequest, step: Step) -> dict[str, Any]:
    kept = data_request.kept.filter(source=step.source).order_by("ground", "until")
    return {
        "source": step.source,
        "by_hand": step.finished_by not in {"", log.SYSTEM},
        **{name: step.result.get(name, 0) for name in ("erased", "rewritten", "files")},
        "kept": [
            {"ground": each.ground, "until": each.until and each.until.isoformat(), "rows": each.rows} for each in kept
        ],
    }


def _mentions(data_request: DataRequest) -> dict[str, Any]:
    decided = list(data_request.mentions.values_list("decision", "source", "reason"))
    left = Counter((source, reason) for decision, source, reason in decided if decision == Fate.LEFT)
    return {
        "masked": sum(decision == Fate.MASKED for decision, _source, _reason in decided),
        "left": [
            {"source": source, "reason": reason, "count": count} for (source, reason), count in sorted(left.items())
        ],
    }


def _searched(verifying: Step) -> dict[str, int] | None:
    """How much was searched; None for a part of the data, whose values may stand in the rest."""
    if "tables" not in verifying.result:
        return None
    return {"tables": verifying.result["tables"], "values": verifying.result["values"], "left": 0}


def _place(data_request: DataRequest) -> dict[str, Any]:
    """The entry that says the erasure was verified, and the tree as far as it was sealed then."""
    n, leaf = log.place(data_request, "erasure.verified")
    size = tree.size()
    return {
        "origin": settings.DSR_LOG_ORIGIN,
        "n": n,
        "leaf": leaf,
        "size": size,
        "root": tree.root(size).hex() if size else "",
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
