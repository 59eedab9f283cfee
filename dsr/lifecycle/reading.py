"""A package before it leaves: an officer reads it as the reader will, then releases it or has it composed again."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.audit import log
from dsr.lifecycle import claim, delivery, execution, screening, transition
from dsr.models import prepared
from dsr.models.package import Package
from dsr.models.passage import MarkedText, Passage
from dsr.models.prepared import given
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Action, Status, Step
from dsr.permissions import Refusal
from dsr.sources import base, registry

FREE_TEXT = "free-text"

_DECIDED = prepared.Exists(lambda: Passage.objects.filter(data_request=given("request"), decided_at__gt=given("since")))
_MARKED = prepared.Exists(
    lambda: MarkedText.objects.filter(data_request=given("request"), created_at__gt=given("since"))
)


class NotRead(Refusal):
    """Who releases a package has opened it."""

    code = "not-read"
    sentence = _("Ouvrez d’abord le paquet et relisez-le : il part ensuite.")


class ChangedSincePacked(Refusal):
    """What was decided since is not in the package."""

    code = "changed-since-packed"
    sentence = _("Des passages ont été désignés ou décidés depuis : faites d’abord composer le paquet de nouveau.")


@transaction.atomic
def read(data_request: DataRequest, *, by: Staff, at: datetime) -> Package:
    """An officer opens the package to read it; raises ``delivery.NoPackage``."""
    data_request = transition.lock(data_request)
    permissions.check("read", by, data_request)
    package = _unreleased(data_request)
    package.read_by = by
    package.save(update_fields=["read_by"])
    _record("package.examined", package, by=by, at=at)
    return package


@transaction.atomic
def release(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """Who has read the package lets it go: the reader is told of it."""
    data_request = transition.lock(data_request)
    permissions.check("release", by, data_request)
    package = _unreleased(data_request)
    if package.read_by_id != by.pk:
        raise NotRead
    if is_outdated(package):
        raise ChangedSincePacked
    _record("package.released", package, by=by, at=at)
    step = data_request.steps.select_for_update().get(action=Action.READ, status=Status.WAITING)
    claim.finish(step, by=by, at=at)
    execution.settle(data_request, at=at)
    return data_request


@transaction.atomic
def repack(data_request: DataRequest, *, by: Staff, at: datetime) -> DataRequest:
    """Destroy the package and have another composed, with the masks decided since."""
    data_request = transition.lock(data_request)
    permissions.check("repack", by, data_request)
    package = _unreleased(data_request)
    _record("package.sent_back", package, by=by, at=at)
    delivery.discard(package, at=at)
    screening.again(data_request)
    later = data_request.steps.filter(action__in=[Action.PACK, Action.READ]).exclude(status=Status.CANCELLED)
    later.update(status=Status.PENDING, lease_until=None, failures=0, finished_at=None, finished_by="")
    return data_request


def is_outdated(package: Package) -> bool:
    """Whether something was decided or marked since it was composed."""
    known = {"request": package.data_request_id, "since": package.sealed_at}
    return _DECIDED(**known) or _MARKED(**known)


def is_waived(data_request: DataRequest, subject: base.Subject) -> bool:
    """Whether nobody has to read: so the setting says, and no file nor source that holds rows has free text."""
    if settings.DSR_READ_BEFORE_RELEASE != FREE_TEXT:
        return False
    if delivery.handed_in(data_request).exists():
        return False
    return not any(
        source.free_text and source.find(subject, rows=rows).rows > int(source.about_requests)  # this very request
        for source, rows in registry.in_scope(data_request.scope)
    )


def pass_on(step: Step, *, waived: bool, at: datetime) -> None:
    """The machine's part of the step: let go what nobody has to read, else wait; in the transaction that holds it."""
    if not waived:
        claim.wait(step)
        return
    claim.finish(step, by=log.SYSTEM, at=at)
    execution.settle(step.data_request, at=at)


def _unreleased(data_request: DataRequest) -> Package:
    package = delivery.unreleased(data_request)
    if package is None:
        raise delivery.NoPackage
    return package


def _record(event: str, package: Package, *, by: log.Actor, at: datetime) -> None:
    facts: dict[str, log.Fact] = {"digest": package.ciphertext_digest}
    log.record(event, about=package.data_request, by=by, at=at, facts=facts)
