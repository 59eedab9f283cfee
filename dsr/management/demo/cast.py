"""The cast of the demonstration: Olive, Simone and Rémi with their second factors, and the readers who will ask."""

import json
import secrets
import time
from dataclasses import dataclass
from io import StringIO

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction

from dsr.models.staff import APPROVERS, AUDITORS, OFFICERS, Staff

READERS, COMMENTS, SEED = 300, 1500, 38
ROLES = {"olive": ("Olive", OFFICERS), "simone": ("Simone", APPROVERS), "remi": ("Rémi", AUDITORS)}


@dataclass(frozen=True)
class Member:
    """A member of staff, with all it takes to sign in."""

    name: str
    username: str
    group: str
    password: str
    secret: str

    @property
    def code(self) -> str:
        """The code that their telephone would show now (RFC 6238)."""
        return str(format_hotp_value(hotp_value(self.secret, int(time.time()) // app_settings.TOTP_PERIOD)))


@transaction.atomic
def hire() -> dict[str, Member]:
    """The staff, by user name, with a password and a second factor drawn anew."""
    return {username: _hire(username, name, group) for username, (name, group) in ROLES.items()}


def _hire(username: str, name: str, group: str) -> Member:
    member = Member(name, username, group, password=secrets.token_urlsafe(12), secret=generate_totp_secret())
    staff, _new = Staff.objects.update_or_create(
        username=username,
        defaults={"first_name": name, "email": f"{username}@example.org", "is_staff": True, "is_active": True},
    )
    staff.set_password(member.password)
    staff.save()
    staff.groups.set(Group.objects.filter(name=group))
    Authenticator.objects.filter(user=staff).delete()
    TOTP.activate(staff, member.secret)
    return member


def readers(count: int) -> list[str]:
    """The addresses of that many readers with much to show; the newspaper is invented first if it is empty."""
    if not (known := _cast(count)):
        call_command("seed_readers", readers=READERS, comments=COMMENTS, seed=SEED)
        known = _cast(count)
    return known


def _cast(count: int) -> list[str]:
    """The newspaper's own command names them: this package does not know its records."""
    said = StringIO()
    call_command("demo_cast", count=count, stdout=said)
    addresses: list[str] = json.loads(said.getvalue())
    return addresses
