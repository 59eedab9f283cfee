"""What administrators do with staff, groups and second factors, told to the log in codes: never a name."""

from collections.abc import Iterable
from typing import cast

from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils import timezone

from dsr.audit import log
from dsr.models.staff import Staff

LONGEST = 64  # signs that a fact of the log may have
MORE = "more"

# The fields that say who somebody is count as one.
FACT_OF = {
    **dict.fromkeys(("username", "first_name", "last_name", "email"), "profile"),
    **dict.fromkeys(("password", "password1", "password2", "usable_password"), "password"),
}


def member(request: HttpRequest, person: Staff, *, fields: Iterable[str] | None = None) -> None:
    """A member of staff was added, or changed in the fields of a form; no field changed is no entry."""
    facts: dict[str, log.Fact] = {"member": person.reference, "groups": groups_of(person)}
    if fields is None:
        _record(request, "staff.added", facts)
    elif changed := fields_of(fields):
        _record(request, "staff.changed", {**facts, "fields": changed})


def disarmed(request: HttpRequest, person: Staff) -> None:
    """A second factor was taken from a member of staff."""
    _record(request, "staff.disarmed", {"member": person.reference})


def group(request: HttpRequest, group: Group, *, fields: Iterable[str]) -> None:
    """A group was added or changed; no field changed is no entry."""
    if changed := fields_of(fields):
        facts: dict[str, log.Fact] = {"group": group.pk, "permissions": group.permissions.count(), "fields": changed}
        _record(request, "group.changed", facts)


def group_removed(request: HttpRequest, number: int) -> None:
    """A group was removed."""
    _record(request, "group.removed", {"group": number})


def fields_of(names: Iterable[str]) -> str:
    """The fields of a form as one fact."""
    return joined(sorted({FACT_OF.get(name, name) for name in names}))


def groups_of(person: Staff) -> str:
    """The numbers of the groups somebody is in, as one fact."""
    return joined(str(pk) for pk in person.groups.order_by("pk").values_list("pk", flat=True))


def joined(parts: Iterable[str]) -> str:
    """The parts with dots between them; of too many, the first that fit and the word ``more``."""
    parts = list(parts)
    whole = ".".join(parts)
    while len(whole) > LONGEST:
        parts.pop()
        whole = ".".join([*parts, MORE])
    return whole


def _record(request: HttpRequest, event: str, facts: dict[str, log.Fact]) -> None:
    """In the transaction of the change itself, so that neither stands without the other."""
    log.record(event, by=cast(Staff, request.user), at=timezone.now(), facts=facts)
