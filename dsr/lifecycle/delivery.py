"""The package of an access request: pack → announce → expire; ``downloads`` hands it over."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dsr import notifications, permissions
from dsr.audit import log
from dsr.lifecycle import consultations, identity, rounds, screening, transition
from dsr.models import prepared
from dsr.models.download import DownloadSession
from dsr.models.identity import Purpose
from dsr.models.notice import Notice
from dsr.models.package import Package, SealedObject, Upload
from dsr.models.prepared import given
from dsr.models.proof import Proof
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.step import Status, Step
from dsr.packages import archive, masking, vault
from dsr.packages.inventory import Contents, HandedIn
from dsr.permissions import Refusal
from dsr.sources import base, registry
from dsr.states import OPEN

ORPHAN_AGE = timedelta(days=1)

_UNRELEASED = prepared.Rows(lambda: Package.objects.unreleased().filter(data_request=given("request")).order_by("pk"))


class NoPackage(Refusal):
    """There is nothing to open: not packed yet, or expired."""

    code = "no-package"
    sentence = _("Aucun paquet n’est disponible pour cette demande.")


def pack(
    data_request: DataRequest, subject: base.Subject, *, at: datetime, heartbeat: Callable[[int], None]
) -> tuple[Package, int]:
    """Seal everything in scope in one stream under a fresh name and key; the returned row is not saved yet.

    Beside it, how much the package holds, for the letter: with nothing in it, that is what it says.

    Raises ``screening.Changed`` when passages are there on which nobody has decided.
    """
    masks = screening.masks(data_request, subject, heartbeat=heartbeat)
    contents = Contents(
        reference=data_request.reference,
        language=data_request.language,
        kind=data_request.kind,
        received_on=data_request.received_on,
        made_at=at,
        subject=subject,
        sources=registry.sources(),
        scope=data_request.scope,
        uploads=tuple(_handed_in(data_request)),
        consultations=consultations.of_person(data_request),
        rewritten={name: masking.by_row(name, passages) for name, passages in masks.items()},
        omissions=tuple(screening.omissions(data_request, masks)),
    )
    packing = archive.Packing(contents, heartbeat)
    sealed = vault.seal(archive.zipped(packing.members()), object_name=vault.fresh_name())
    package = Package(
        data_request=data_request,
        **asdict(sealed),
        sealed_at=at,
        expires_at=at + timedelta(days=settings.DSR_PACKAGE_DAYS),
    )
    return package, packing.inventory.rows_and_uploads


def keep(package: Package, *, at: datetime) -> None:
    """Save the row that says the package exists; in the transaction that finishes the step."""
    package.save(force_insert=True)
    facts: dict[str, log.Fact] = {"digest": package.ciphertext_digest, "size": package.size}
    log.record("package.sealed", about=package.data_request, by=log.SYSTEM, at=at, facts=facts)


def unreleased(data_request: DataRequest) -> Package | None:
    """The package that waits for an officer to read it."""
    package = _UNRELEASED.first(request=data_request.pk)
    if package:
        package.data_request = data_request
    return package


def discard(package: Package, *, at: datetime) -> None:
    """A package that nobody was told of is no more: its key goes with this transaction, the object when swept."""
    _record("package.destroyed", package, by=log.SYSTEM, at=at)
    package.wrapped_key, package.destroyed_at = None, at
    package.save(update_fields=["wrapped_key", "destroyed_at"])
    transaction.on_commit(partial(storages["packages"].delete, package.object_name), robust=True)


def announce(data_request: DataRequest, *, rows: int, at: datetime, again: bool = False) -> None:
    """Tell the reader that the package is ready, with the code that opens it; without a mailbox, by post.

    From here on it opens to them, and its days are counted. ``again``: the access was answered with an earlier one.
    """
    package = _UNRELEASED.get(request=data_request.pk)
    package.announced_at, package.expires_at = at, at + timedelta(days=settings.DSR_PACKAGE_DAYS)
    package.save(update_fields=["announced_at", "expires_at"])
    secret = None
    if data_request.email:
        secret = identity.draw(data_request, purpose=Purpose.DOWNLOAD, at=at, expires_at=package.expires_at)
    if again:
        notifications.package_again(data_request, package=package, secret=secret, at=at)
    else:
        notifications.package_ready(data_request, package=package, secret=secret, rows=rows, at=at)


@transaction.atomic
def send_code(data_request: DataRequest, *, at: datetime) -> None:
    """E-mail a fresh code for the package to the address on file; raises NoPackage."""
    if not data_request.packages.available(at).exists():
        raise NoPackage
    identity.challenge(data_request, purpose=Purpose.DOWNLOAD, at=at)


@transaction.atomic
def open_for_post(data_request: DataRequest, *, by: Staff, at: datetime) -> Package:
    """Staff open the package to print or burn it for the post; recorded."""
    data_request = transition.lock(data_request)
    permissions.check_may_post(by, data_request)
    package = data_request.packages.available(at).first()
    if package is None:
        raise NoPackage
    _record("package.printed", package, by=by, at=at)
    return package


def content(package: Package) -> Iterator[bytes]:
    """The archive, decrypted as a stream; raises ``vault.VaultError`` before the first byte when it was altered."""
    return vault.open_stream(package)


def expire(*, at: datetime) -> None:
    """Destroy what has expired, the key first, and objects that no row names.

    What was handed in and is not packed yet waits for it, however long another source takes; a package that is still to
    be read, or whose letter is still to be posted, waits for that.
    """
    to_post = Notice.objects.unsent().filter(data_request=OuterRef("data_request"), answers=True, by_post=True)
    to_read = Q(announced_at=None) & Exists(Step.objects.filter(data_request=OuterRef("data_request")).unfinished())
    packages = Package.objects.filter(destroyed_at=None, expires_at__lte=at).exclude(Exists(to_post)).exclude(to_read)
    rounds.over(packages.select_related("data_request"), partial(_destroy, at=at))
    uploads = Upload.objects.filter(destroyed_at=None, expires_at__lte=at)
    to_pack = Step.objects.filter(data_request=OuterRef("step__data_request")).unfinished()
    kept = Q(step__data_request__state__in=OPEN) | Exists(to_pack)
    rounds.over(uploads.exclude(kept), partial(vault.destroy, at=at))
    _sweep_orphans(at=at)


def destroy_expired(data_request: DataRequest, *, at: datetime) -> None:
    """Destroy what is left of this request's expired packages, without waiting for the clock."""
    for package in data_request.packages.filter(destroyed_at=None, expires_at__lte=at).select_related("data_request"):
        _destroy(package, at=at)


def _destroy(package: Package, *, at: datetime) -> None:
    _destroy_key(package, at=at)
    vault.destroy(package, at=at)


@transaction.atomic
def _destroy_key(package: Package, *, at: datetime) -> None:
    """Without its key the package is gone: said once, in the same transaction; two clocks may both come here."""
    transition.lock(package.data_request)
    if Package.objects.filter(pk=package.pk, wrapped_key__isnull=False).update(wrapped_key=None):
        DownloadSession.objects.filter(package=package).delete()
        _record("package.destroyed", package, by=log.SYSTEM, at=at)
    package.wrapped_key = None


def _sweep_orphans(*, at: datetime) -> None:
    """An attempt that was killed leaves an object that no row names; a day later nobody is still writing it."""
    storage = storages["packages"]
    try:
        names = storage.listdir("")[1]
    except FileNotFoundError:  # nothing was ever stored in this folder
        return
    named = {name for model in (Package, Upload, Proof) for name in _names(model)}
    for name in names:
        if name not in named and storage.get_modified_time(name) < at - ORPHAN_AGE:
            storage.delete(name)


def _names(model: type[SealedObject]) -> Iterator[str]:
    return model._default_manager.filter(destroyed_at=None).values_list("object_name", flat=True).iterator()


def handed_in(data_request: DataRequest) -> QuerySet[Upload]:
    """What staff handed in for the copy that is being made, or was last made."""
    return Upload.objects.filter(step__data_request=data_request).exclude(step__status=Status.CANCELLED)


def _handed_in(data_request: DataRequest) -> Iterator[HandedIn]:
    for upload in handed_in(data_request).filter(destroyed_at=None).select_related("step"):
        yield HandedIn(upload.step.source, upload.label, partial(vault.open_stream, upload))


def _record(event: str, package: Package, *, by: log.Actor, at: datetime) -> None:
    facts: dict[str, log.Fact] = {"digest": package.ciphertext_digest}
    log.record(event, about=package.data_request, by=by, at=at, facts=facts)
