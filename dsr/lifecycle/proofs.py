"""What a reader attaches to show that a correction is right: attach → look → destroy, at the decision or sooner."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.audit import log
from dsr.lifecycle import handed_in, rounds, transition
from dsr.models.proof import Proof
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.packages import vault
from dsr.permissions import NotNow, Refusal
from dsr.states import Kind, State

AT_MOST = 3
LONGEST: Final = timedelta(days=30)  # law page, section 3: a hard cap
TYPES: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})
UNDECIDED: Final = (State.REVIEW, State.AWAITING_READER)
# How a file of each type ends: what was glued behind it makes another file of it.
ENDS: Final = {
    "application/pdf": b"%%EOF",
    "image/jpeg": b"\xff\xd9",
    "image/png": b"IEND\xaeB`\x82",
}
LAST_BYTES = 64


class TooManyProofs(Refusal):
    """One proof more than an officer needs."""

    code = "too-many-proofs"
    sentence = _("Vous avez déjà joint assez de justificatifs à cette demande.")


class NotAProof(Refusal):
    """A file that is not what a proof may be, whatever its name says."""

    code = "wrong-type-of-file"
    sentence = _("Joignez un document PDF, ou une image JPEG ou PNG, tel que votre appareil l’a produit.")


class NoProof(Refusal):
    """The proof is gone: it was decided, or its time is over."""

    code = "no-proof"
    sentence = _("Ce justificatif a été détruit.")


def attach(data_request: DataRequest, *, file: "UploadedFile[bytes]", at: datetime) -> Proof:
    """The proven reader attaches a file before the decision; sealed outside the transaction, never decoded."""
    _check_wanted(data_request)
    content_type = _real_type(file)
    sealed = handed_in.store(file)
    proof = Proof(
        data_request=data_request,
        **asdict(sealed),
        sealed_at=at,
        expires_at=at + LONGEST,
        content_type=content_type,
    )
    try:
        with transaction.atomic():
            _check_wanted(transition.lock(data_request))
            proof.save(force_insert=True)
            facts: dict[str, log.Fact] = {"digest": proof.ciphertext_digest, "size": proof.size}
            log.record("proof.attached", about=data_request, by=log.READER, at=at, facts=facts)
    except Refusal:
        vault.discard(sealed)
        raise
    return proof


def look(proof: Proof, *, by: Staff, at: datetime) -> Iterator[bytes]:
    """A deciding officer opens a proof; each look is recorded. Raises NoProof."""
    with transaction.atomic():
        data_request = transition.lock(proof.data_request)
        permissions.check("look_at_proof", by, data_request)
        held = Proof.objects.filter(pk=proof.pk, wrapped_key__isnull=False, expires_at__gt=at).first()
        if held is None:
            raise NoProof
        facts: dict[str, log.Fact] = {"digest": held.ciphertext_digest}
        log.record("proof.seen", about=data_request, by=by, at=at, facts=facts)
    return vault.open_stream(held)


def destroy(*, at: datetime) -> int:
    """Destroy the proofs of what is decided, and those whose time is over; returns how many."""
    over = Q(expires_at__lte=at) | ~Q(data_request__state__in=UNDECIDED)
    proofs = Proof.objects.filter(over, destroyed_at=None).select_related("data_request")
    return rounds.over(proofs, partial(_destroy, at=at))


def _destroy(proof: Proof, *, at: datetime) -> None:
    """The key first, with the entry that says so, then the object: a crash between leaves noise."""
    with transaction.atomic():
        data_request = transition.lock(proof.data_request)
        if Proof.objects.filter(pk=proof.pk, wrapped_key__isnull=False).update(wrapped_key=None):
            facts: dict[str, log.Fact] = {"digest": proof.ciphertext_digest}
            log.record("proof.destroyed", about=data_request, by=log.SYSTEM, at=at, facts=facts)
    proof.wrapped_key = None
    vault.destroy(proof, at=at)


def _check_wanted(data_request: DataRequest) -> None:
    if data_request.kind != Kind.RECTIFICATION or data_request.state not in UNDECIDED or not data_request.confirmed_at:
        raise NotNow
    if data_request.proofs.count() >= AT_MOST:
        raise TooManyProofs


def _real_type(file: "UploadedFile[bytes]") -> str:
    """The type that its first and last bytes show; raises NotAProof."""
    if (file.size or 0) > settings.DSR_PROOF_MAX_BYTES:
        raise handed_in.UploadTooLarge
    content_type = handed_in.shown_type(file)
    if content_type not in TYPES:
        raise NotAProof
    file.seek(max(0, (file.size or 0) - LAST_BYTES))
    if not file.read().rstrip(b"\r\n\0 ").endswith(ENDS[content_type]):
        raise NotAProof
    return content_type
