"""What a reader attaches: its real type, its seal, who looks at it, and its end."""

from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from dsr.lifecycle import closing, delivery, handed_in, proofs, triage
from dsr.models.audit import AuditEntry
from dsr.models.proof import Proof
from dsr.permissions import Denied, NotNow
from dsr.states import Kind

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff" + b"\0\0\0\0IEND\xaeB`\x82"
)  # a bomb, to who decodes
JPEG = b"\xff\xd8\xff\xe0 rien \xff\xd9"


@pytest.fixture(autouse=True)
def _own_vault(settings, tmp_path):
    backend = {**settings.STORAGES["packages"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "packages": backend}


@pytest.fixture
def examined(asks, proves):
    return proves(asks(Kind.RECTIFICATION))


def attached(data_request, content=PDF, *, at, name="RIB de \u202egpj.exe"):
    return proofs.attach(data_request, file=SimpleUploadedFile(name, content), at=at)


@pytest.mark.parametrize(
    ("content", "name"), [(PDF, "justificatif-1.pdf"), (PNG, "justificatif-1.png"), (JPEG, "justificatif-1.jpeg")]
)
def test_a_proof_is_sealed_and_keeps_no_name(examined, olive, at, content, name):
    proof = attached(examined, content, at=at)
    assert proof.file_name.replace(str(proof.pk), "1") == name
    with storages["packages"].open(proof.object_name) as stored:
        assert content not in stored.read()
    assert b"".join(proofs.look(proof, by=olive, at=at)) == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"GIF89a",
        b"PK\x03\x04",
        b"text",
        PDF + b"PK\x03\x04" + b"a zip glued behind" * 9,
        PNG + b"<script>",
        JPEG + PDF[:9],
        b"<script>" + PDF,
    ],
)
def test_what_is_another_file_is_refused_and_leaves_nothing(examined, at, content):
    with pytest.raises(proofs.NotAProof):
        attached(examined, content, at=at)
    assert not Proof.objects.exists()


def test_a_large_file_is_refused(examined, at, settings):
    settings.DSR_PROOF_MAX_BYTES = len(PDF) - 1
    with pytest.raises(handed_in.UploadTooLarge):
        attached(examined, at=at)


def test_three_are_enough_and_the_fourth_leaves_no_object(examined, at):
    for _ in range(proofs.AT_MOST):
        attached(examined, at=at)
    with pytest.raises(proofs.TooManyProofs):
        attached(examined, at=at)
    assert len(storages["packages"].listdir("")[1]) == proofs.AT_MOST


@pytest.mark.parametrize("kind", [Kind.ACCESS, Kind.ERASURE])
def test_only_a_correction_wants_proofs(asks, proves, at, kind):
    with pytest.raises(NotNow):
        attached(proves(asks(kind)), at=at)


def test_only_who_decides_looks_and_each_look_is_recorded(examined, olive, remi, mallory, at):
    proof = attached(examined, at=at)
    for other in (remi, mallory):
        with pytest.raises(Denied):
            proofs.look(proof, by=other, at=at)
    for _ in range(2):
        proofs.look(proof, by=olive, at=at)
    assert AuditEntry.objects.filter(event="proof.seen", actor=olive.reference).count() == 2


@pytest.mark.parametrize(
    "decide",
    [
        lambda asked, olive, at: triage.refuse(asked, because="nothing-to-rectify", by=olive, at=at),
        lambda asked, _olive, at: closing.withdraw(asked, at=at),
        lambda _asked, _olive, _at: None,
    ],
)
def test_it_is_destroyed_once_decided_and_after_thirty_days_at_most(examined, olive, at, decide):
    proof = attached(examined, at=at)
    assert proofs.destroy(at=at + timedelta(days=29, hours=23)) == 0
    decide(examined, olive, at)
    decided = type(examined).objects.get().state != "review"
    assert proofs.destroy(at=at if decided else at + timedelta(days=30)) == 1
    proof.refresh_from_db()
    assert (proof.wrapped_key, bool(proof.destroyed_at)) == (None, True)
    assert storages["packages"].listdir("")[1] == []
    assert proofs.destroy(at=at + timedelta(days=60)) == 0
    with pytest.raises((proofs.NoProof, NotNow)):
        proofs.look(proof, by=olive, at=at)


def test_the_sweep_for_orphans_spares_it(examined, at):
    attached(examined, at=at)
    delivery.expire(at=at + timedelta(days=3650))
    assert len(storages["packages"].listdir("")[1]) == 1
