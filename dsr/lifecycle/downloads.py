"""The reader takes their package: a code begins a session, transfers prolong it, its end wants a new code."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from dsr import keys
from dsr.audit import log
from dsr.lifecycle import identity, transition
from dsr.lifecycle.delivery import NoPackage
from dsr.models.download import DownloadSession
from dsr.models.identity import Purpose
from dsr.models.request import DataRequest
from dsr.packages import vault
from dsr.packages.opening import Plaintext
from dsr.permissions import Refusal

LONGEST = timedelta(hours=12)  # however long the bytes flow
MOST_TRANSFERS = 2000  # each is an entry of the log


class NoSession(Refusal):
    """Another's, unknown, ended, revoked, or of a package that is gone: all look the same."""

    code = "no-session"
    sentence = _("Cette page s’ouvre avec un code, et se referme d’elle-même. Demandez-en un nouveau.")


@dataclass(frozen=True, slots=True)
class Begun:
    """A session, and the token that holds it, which is told once."""

    session: DownloadSession
    token: str


def begin(data_request: DataRequest, *, at: datetime, code: str = "", token: str = "") -> Begun:
    """Open a session for whoever presents the code or the link's token; raises ``identity.WrongCode`` or NoPackage."""
    begun = None
    with transaction.atomic():
        data_request = transition.lock(data_request)
        package = data_request.packages.available(at).first()
        proven = package and identity.spend(data_request, purposes=[Purpose.DOWNLOAD], at=at, code=code, token=token)
        if package and proven:
            shown = secrets.token_urlsafe(32)
            ends_at = min(at + LONGEST, package.expires_at)
            session = DownloadSession(
                package=package, token_digest=keys.digest(shown), opened_at=at, expires_at=ends_at, ends_at=ends_at
            )
            session.expires_at = _until(session, at=at)
            session.save()
            log.record("package.opened", about=data_request, by=log.READER, at=at, facts=_facts(session))
            begun = Begun(session, shown)
    if package is None:
        raise NoPackage
    if begun is None:
        raise identity.WrongCode
    return begun


def held(reference: str, token: str, *, at: datetime) -> DownloadSession:
    """The session that a token holds, of that request alone; raises NoSession."""
    mine = DownloadSession.objects.live(at).filter(token_digest=keys.digest(token))
    session = mine.filter(package__data_request__reference=reference).select_related("package__data_request").first()
    if session is None:
        raise NoSession
    return session


@transaction.atomic
def transfer(session: DownloadSession, *, event: str, at: datetime, **facts: log.Fact) -> None:
    """Record that bytes are about to leave; that alone prolongs the session. Raises NoSession when it has ended."""
    data_request = transition.lock(session.package.data_request)
    counted = DownloadSession.objects.live(at).filter(pk=session.pk, transfers__lt=MOST_TRANSFERS)
    if not counted.update(transfers=F("transfers") + 1, expires_at=_until(session, at=at)):
        raise NoSession
    log.record(event, about=data_request, by=log.READER, at=at, facts={**_facts(session), **facts})


def read(session: DownloadSession, *, at: datetime) -> None:
    """Pages are read online: recorded once a session, which each page prolongs. Raises NoSession."""
    if not prolong(session, at=at):
        raise NoSession
    with transaction.atomic():
        data_request = transition.lock(session.package.data_request)
        if DownloadSession.objects.filter(pk=session.pk, read_at=None).update(read_at=at):
            log.record("package.read", about=data_request, by=log.READER, at=at, facts=_facts(session))


def prolong(session: DownloadSession, *, at: datetime) -> bool:
    """While bytes flow the session does not end; False once it has ended all the same."""
    live = DownloadSession.objects.live(at).filter(pk=session.pk)
    return bool(live.update(expires_at=_until(session, at=at)))


def end(session: DownloadSession) -> None:
    """The reader has done, on a computer that others use."""
    session.delete()


def whole(session: DownloadSession, *, at: datetime) -> Plaintext:
    """The archive to be read from anywhere, its ciphertext looked through once a session; raises ``VaultError``.

    What is altered afterwards ends the reading at the chunk that was touched: each is authentic by itself.
    """
    if session.verified_at is None:
        vault.check_digest(session.package)
        DownloadSession.objects.filter(pk=session.pk).update(verified_at=at)
    return Plaintext(session.package)


def _until(session: DownloadSession, *, at: datetime) -> datetime:
    return min(at + timedelta(minutes=settings.DSR_DOWNLOAD_MINUTES), session.ends_at)


def _facts(session: DownloadSession) -> dict[str, log.Fact]:
    return {"digest": session.package.ciphertext_digest}
