"""The suppression list (GDPR Art. 21(3)): record | ask | lift → forget; keyed tokens alone, each until its own date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr import grounds, keys, permissions
from dsr.audit import log
from dsr.lifecycle import identity, remembering
from dsr.models.erasure import Suppression
from dsr.models.identity import Identifier
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.permissions import Refusal
from dsr.sources import suppression

SKEW = timedelta(minutes=5)  # between the clocks of two machines


@dataclass(frozen=True, slots=True)
class Answer:
    """What the list says of one address: its token, under which ``page`` lists it, and whether it is there."""

    token: str
    suppressed: bool


class NotAFreshConsent(Refusal):
    """Only a consent given after the objection lifts it, and no consent lies in the future."""

    code = "not-a-fresh-consent"
    sentence = _("Seul un consentement donné après l’opposition peut la lever.")


@transaction.atomic
def of_request(data_request: DataRequest, *, erased: bool, at: datetime) -> None:
    """Remember the objection of a proven reader: their verified addresses, and the telephone numbers we hold.

    Called while the rows still stand, so that their numbers can be read.
    """
    verified = Identifier.objects.verified().filter(data_request=data_request, kind=identity.EMAIL)
    addresses = {*verified.values_list("value", flat=True), *suppression.telephones(identity.subject(data_request))}
    tokens = [keys.suppression_token(address) for address in addresses]
    record(tokens, at=at, erased=erased)
    remembering.objected(tokens, reference=data_request.reference, erased=erased, at=at)
    facts: dict[str, log.Fact] = {"addresses": len(addresses)}
    log.record("suppression.recorded", about=data_request, by=log.SYSTEM, at=at, facts=facts)


@transaction.atomic
def record(tokens: Iterable[str], *, at: datetime, erased: bool = False) -> int:
    """Remember objections as of an instant, and say how many tokens there were; idempotent, in whatever order.

    A new objection renews an earlier one, and holds again where it had been lifted; an older one changes nothing. The
    list can so be rebuilt from what an older copy of the database has lost.
    """
    until = grounds.keeping("OPPO").last_day(timezone.localdate(at))
    count = 0
    for token in sorted(set(tokens)):
        count += 1
        fresh: dict[str, object] = {"recorded_at": at, "until": until, "erased_at": at if erased else None}
        row, new = Suppression.objects.select_for_update().get_or_create(token=token, defaults=fresh)
        if not new:
            _renew(row, at=at, erased=erased)
    return count


@transaction.atomic
def lift(address: str, *, consented_at: datetime, by: Staff, at: datetime) -> bool:
    """A fresh subscription lifts the objection; False when none was in force. Raises NotAFreshConsent."""
    permissions.check_may_use_suppression(by)
    if consented_at > at + SKEW:
        raise NotAFreshConsent
    rows = Suppression.objects.select_for_update().filter(token=keys.suppression_token(address), lifted_at=None)
    row = rows.first()
    if row is None:
        return False
    if consented_at <= row.recorded_at:
        raise NotAFreshConsent
    row.lifted_at = consented_at
    row.save(update_fields=["lifted_at"])
    remembering.lifted(row.token, at=consented_at)
    log.record("suppression.lifted", by=by, at=at, facts={"consented_on": timezone.localdate(consented_at).isoformat()})
    return True


@transaction.atomic
def lift_again(tokens: Iterable[str], *, consented_at: datetime) -> None:
    """Lift what a restored list holds again: the consent came after the objection."""
    held = Suppression.objects.filter(token__in=list(tokens), lifted_at=None, recorded_at__lt=consented_at)
    held.update(lifted_at=consented_at)


@transaction.atomic
def ask(addresses: Sequence[str], *, by: Staff, at: datetime) -> list[Answer]:
    """Which of the addresses or telephone numbers may not be written to, in their order; only counts are recorded."""
    permissions.check_may_use_suppression(by)
    refused = suppression.suppressed(addresses, on=timezone.localdate(at))
    answers = [Answer(keys.suppression_token(address), address in refused) for address in addresses]
    facts: dict[str, log.Fact] = {"addresses": len(answers), "results": sum(each.suppressed for each in answers)}
    log.record("suppression.consulted", by=by, at=at, facts=facts)
    return answers


@transaction.atomic
def page(*, after: int, size: int, by: Staff, at: datetime) -> list[Suppression]:
    """The objections in force from the one numbered ``after`` on, oldest first; that they were listed is recorded."""
    permissions.check_may_use_suppression(by)
    in_force = Suppression.objects.in_force(timezone.localdate(at))
    found = list(in_force.filter(pk__gt=after).order_by("pk")[:size])
    log.record("suppression.consulted", by=by, at=at, facts={"results": len(found)})
    return found


def forget(*, at: datetime) -> int:
    """Remove the tokens whose date has passed (ground OPPO); returns how many."""
    return Suppression.objects.filter(until__lt=timezone.localdate(at)).delete()[0]


def _renew(row: Suppression, *, at: datetime, erased: bool) -> None:
    if erased and (row.erased_at is None or row.erased_at < at):
        row.erased_at = at
    if row.recorded_at < at:
        row.recorded_at = at
        row.until = max(row.until, grounds.keeping("OPPO").last_day(timezone.localdate(at)))
        if row.lifted_at and row.lifted_at < at:
            row.lifted_at = None
    row.save()
