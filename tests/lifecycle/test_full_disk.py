"""No room is left: nothing is destroyed without its intent, no half object has a name, and staff read why."""

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from dsr import durable
from dsr.ledger import book, epochs
from dsr.lifecycle import execution, handed_in, proofs, triage
from dsr.models.ledger import LedgerEntry
from dsr.models.package import Package
from dsr.models.proof import Proof
from dsr.models.step import Action, Status
from dsr.states import Kind, State
from tests.full_disk import fill
from tests.lifecycle.test_replaying import erases, newspaper, readers  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("newspaper")]
A_KEY = 150  # bytes: it goes in, and no record of the ledger does


@pytest.fixture
def disks(settings, tmp_path):
    """Storages of this test alone; ``fill`` one, and ``free`` it again."""
    packages = {**settings.STORAGES["packages"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "packages": packages}
    roomy = settings.STORAGES

    class Disks:
        def fill(self, name, *, room):
            fill(settings, name, room=room)

        def free(self):
            settings.STORAGES = roomy

    return Disks()


@pytest.mark.parametrize("room", [0, 3000])
def test_a_copy_is_packed_once_there_is_room(disks, asks, proves, olive, works, clock, room):
    data_request = triage.accept(proves(asks(Kind.ACCESS)), by=olive, at=clock())
    disks.fill("packages", room=room)
    works(data_request)
    pack = data_request.steps.get(action=Action.PACK)
    assert (pack.status, "plus de place" in pack.failure) == (Status.PENDING, True)
    assert storages["packages"].listdir("")[1] == []
    assert not Package.objects.exists()
    disks.free()
    clock.forward(minutes=10)
    assert works(data_request).state == State.ANSWERED


def test_a_disk_that_stays_full_is_put_before_staff(disks, asks, proves, olive, works, clock):
    data_request = triage.accept(proves(asks(Kind.ACCESS)), by=olive, at=clock())
    disks.fill("packages", room=0)
    while data_request.steps.get(action=Action.PACK).status == Status.PENDING:
        works(data_request)
        clock.forward(hours=1)
    disks.free()
    execution.retry(data_request.steps.get(action=Action.PACK), by=olive, at=clock())
    assert works(data_request).state == State.ANSWERED


@pytest.mark.parametrize("room", [0, 30, A_KEY])
def test_no_row_goes_before_its_intent_is_on_the_disk(disks, erases, works, clock, room):  # noqa: F811
    data_request = erases(until="approved")
    was = readers()
    disks.fill("ledger", room=room)
    works(data_request)
    assert readers() == was
    assert [each for each in data_request.steps.all() if "plus de place" in each.failure]
    assert list(book.names()) == []
    assert epochs.names() == [key.name for key in epochs.living()]
    disks.free()
    clock.forward(minutes=10)
    assert works(data_request).state == State.ANSWERED
    assert list(book.names()) == list(LedgerEntry.objects.exclude(kind="objection").values_list("name", flat=True))


@pytest.mark.parametrize("room", [0, 100])
def test_a_proof_is_kept_whole_or_not_at_all(disks, asks, proves, clock, room):
    data_request = proves(asks(Kind.RECTIFICATION))
    disks.fill("packages", room=room)
    with pytest.raises(handed_in.NotStored):
        proofs.attach(data_request, file=a_file(), at=clock())
    assert storages["packages"].listdir("")[1] == []
    assert not Proof.objects.exists()
    disks.free()
    assert proofs.attach(data_request, file=a_file(), at=clock()).size


def test_what_an_officer_hands_in_is_kept_whole_or_not_at_all(disks, clock):
    disks.fill("packages", room=100)
    with pytest.raises(handed_in.NotStored):
        handed_in.seal(a_file(), at=clock())
    assert storages["packages"].listdir("")[1] == []


def test_a_whole_file_of_another_process_is_left_alone(disks):
    durable.save(storages["ledger"], "records/one", b"whole")
    with pytest.raises(durable.NameTaken):
        durable.save(storages["ledger"], "records/one", b"other")
    with storages["ledger"].open("records/one") as file:
        assert file.read() == b"whole"


def a_file():
    """A PDF, as far as its first and last bytes go."""
    return SimpleUploadedFile("preuve.pdf", b"%PDF-1.7 " + b"x" * 2000 + b"%%EOF")
