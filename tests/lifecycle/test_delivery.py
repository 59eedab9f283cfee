"""The package of an access request."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from dsr.lifecycle import delivery, downloads, execution, handed_in, identity, triage
from dsr.models.audit import AuditEntry
from dsr.models.package import Upload
from dsr.models.step import Action, Status
from dsr.packages import vault
from dsr.permissions import NotNow
from dsr.states import Kind, State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shelves")]


@pytest.fixture
def answered(asks, proves, olive, works, at):
    """An access request whose package is announced."""
    data_request = proves(asks(Kind.ACCESS))
    triage.accept(data_request, by=olive, at=at)
    return works(data_request)


def code_of(data_request):
    return data_request.secrets.filter(purpose="download").latest("pk").code


def test_the_package_holds_the_readers_rows_and_nobody_elses(answered, at):
    assert answered.state == State.ANSWERED
    package = downloads.begin(answered, code=code_of(answered), at=at).session.package
    archive = zipfile.ZipFile(io.BytesIO(b"".join(delivery.content(package))))
    shelf = archive.read("data/shelf.json").decode()
    assert "Un" in shelf
    assert "Trois" not in shelf
    assert "manifest.json" in archive.namelist()


def test_nothing_readable_is_stored(answered):
    with storages["packages"].open(answered.packages.get().object_name) as file:
        stored = file.read()
    assert b"Deux" not in stored
    assert b"PK\x03\x04" not in stored


def test_a_code_opens_the_package_once(answered, at):
    code = code_of(answered)
    downloads.begin(answered, code=code, at=at)
    with pytest.raises(identity.WrongCode):
        downloads.begin(answered, code=code, at=at)
    assert AuditEntry.objects.filter(event="package.opened").count() == 1


def test_a_code_for_following_does_not_open_the_package(answered, at):
    identity.challenge(answered, purpose="follow", at=at)
    follow = answered.secrets.filter(purpose="follow").latest("pk")
    with pytest.raises(identity.WrongCode):
        downloads.begin(answered, code=follow.code, at=at)


def test_the_code_of_one_request_does_not_open_another(answered, asks, proves, olive, works, at):
    other = proves(asks(Kind.ACCESS, email="bob@example.org"))
    triage.accept(other, by=olive, at=at)
    works(other)
    with pytest.raises(identity.WrongCode):
        downloads.begin(other, code=code_of(answered), at=at)


def test_expiry_destroys_the_key_and_the_object(answered, at):
    package = answered.packages.get()
    delivery.expire(at=at + timedelta(days=31))
    package.refresh_from_db()
    assert package.wrapped_key is None
    assert not storages["packages"].exists(package.object_name)
    with pytest.raises(delivery.NoPackage):
        downloads.begin(answered, code=code_of(answered), at=at + timedelta(days=31))


def test_an_expiry_that_was_killed_or_runs_twice_is_recorded_once(answered, at):
    package = answered.packages.get()
    storage = storages["packages"]
    later = at + timedelta(days=31)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(storage), "delete", _unplugged)
        with pytest.raises(ExceptionGroup, match="1 of 1 failed"):
            delivery.expire(at=later)
    package.refresh_from_db()
    assert (package.wrapped_key, package.destroyed_at) == (None, None)
    delivery.expire(at=later)
    delivery.expire(at=later)
    assert AuditEntry.objects.filter(event="package.destroyed").count() == 1
    assert not storage.exists(package.object_name)


def test_an_expiry_cut_off_after_the_object_went_still_says_so(answered, at):
    """A worker killed between the end of the object and the entry left a package gone that no entry named."""
    package = answered.packages.get()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery.log, "record", _killed)
        with pytest.raises(KeyboardInterrupt):
            delivery.expire(at=at + timedelta(days=31))
    delivery.expire(at=at + timedelta(days=31))
    assert AuditEntry.objects.filter(event="package.destroyed").count() == 1
    assert not storages["packages"].exists(package.object_name)


def _unplugged(*_args):
    raise OSError("unplugged")


def _killed(*_args, **_facts):
    raise KeyboardInterrupt


def test_an_object_that_no_row_names_is_swept_a_day_later(answered, at):
    orphan = vault.seal([b"x"], object_name=vault.fresh_name()).object_name
    made_at = storages["packages"].get_modified_time(orphan)
    delivery._sweep_orphans(at=made_at + timedelta(hours=1))
    assert storages["packages"].exists(orphan)
    delivery._sweep_orphans(at=made_at + timedelta(days=2))
    assert not storages["packages"].exists(orphan)
    assert storages["packages"].exists(answered.packages.get().object_name)


def test_no_code_leaves_without_a_package(asks, proves, at):
    with pytest.raises(delivery.NoPackage):
        delivery.send_code(proves(asks(Kind.ACCESS)), at=at)


def test_letters_with_codes_are_limited_each_day(answered, at, settings):
    for _time in range(10):
        delivery.send_code(answered, at=at)
    assert answered.notices.filter(secret__isnull=False).count() == settings.DSR_CONFIRMATION_LETTERS_A_DAY


@pytest.fixture
def waiting(asks, proves, olive, works, at, settings):
    """An access request that waits for a person to look into the drawer."""
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Drawer", "tests.lifecycle.shelf.Shelf"]
    data_request = proves(asks(Kind.ACCESS))
    triage.accept(data_request, by=olive, at=at)
    works(data_request)
    return data_request


def test_no_request_is_answered_while_a_source_is_silent(waiting):
    assert waiting.state == State.EXECUTING
    assert waiting.steps.get(action=Action.COLLECT).status == Status.WAITING


def test_what_a_person_hands_in_is_in_the_package(waiting, olive, works, at):
    found = SimpleUploadedFile("lettre.pdf", b"%PDF-1.7 une lettre")
    execution.complete_by_hand(waiting.steps.get(action=Action.COLLECT), by=olive, at=at, file=found)
    works(waiting)
    package = downloads.begin(waiting, code=code_of(waiting), at=at).session.package
    archive = zipfile.ZipFile(io.BytesIO(b"".join(delivery.content(package))))
    assert [archive.read(name) for name in archive.namelist() if "lettre" in name] == [b"%PDF-1.7 une lettre"]


def test_what_was_done_by_hand_is_not_done_twice(waiting, olive, at):
    step = waiting.steps.get(action=Action.COLLECT)
    execution.complete_by_hand(step, by=olive, at=at)
    with pytest.raises(NotNow):
        execution.complete_by_hand(step, by=olive, at=at)


@pytest.mark.parametrize("content", [b"MZ\x90\x00binary", b"", b"\xff\xfe\x00x"], ids=["program", "empty", "not text"])
def test_a_file_of_the_wrong_type_is_refused(waiting, olive, at, content):
    with pytest.raises(handed_in.WrongTypeOfFile):
        execution.complete_by_hand(
            waiting.steps.get(action=Action.COLLECT), by=olive, at=at, file=SimpleUploadedFile("a.pdf", content)
        )


def test_a_file_that_is_too_large_is_refused(waiting, olive, at, settings):
    settings.DSR_UPLOAD_MAX_BYTES = 10
    with pytest.raises(handed_in.UploadTooLarge):
        execution.complete_by_hand(
            waiting.steps.get(action=Action.COLLECT), by=olive, at=at, file=SimpleUploadedFile("a.txt", b"x" * 11)
        )


def test_what_was_handed_in_stays_until_it_is_packed(waiting, olive, works, at, clock):
    """With more time given, another source may keep the copy waiting longer than a package lives."""
    found = SimpleUploadedFile("lettre.pdf", b"%PDF-1.7 une lettre")
    execution.complete_by_hand(waiting.steps.get(action=Action.COLLECT), by=olive, at=at, file=found)
    delivery.expire(at=clock.forward(days=31))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(delivery.content(works(waiting).packages.get()))))
    assert any(name.endswith("lettre.pdf") for name in archive.namelist())
    delivery.expire(at=clock())
    assert not Upload.objects.filter(destroyed_at=None).exists()


def test_nothing_is_done_by_hand_before_its_turn(asks, proves, olive, simone, works, at, settings):
    settings.DSR_SOURCES = ["tests.lifecycle.shelf.Drawer", "tests.lifecycle.shelf.Shelf"]
    erasure = proves(asks(Kind.ERASURE))
    triage.accept(erasure, by=olive, at=at)
    works(erasure)
    execution.approve(erasure, fingerprint=execution.current_plan(erasure).fingerprint, by=simone, at=at)
    by_hand = erasure.steps.get(source="drawer")
    with pytest.raises(execution.NotYetByHand):
        execution.complete_by_hand(by_hand, by=olive, at=at)
    works(erasure)
    execution.complete_by_hand(by_hand, by=olive, at=at)
    assert works(erasure).state == State.ANSWERED


def test_a_package_waits_for_its_letter_to_be_posted(answered, at):
    answered.notices.filter(answers=True).update(by_post=True)
    delivery.expire(at=at + timedelta(days=31))
    assert answered.packages.get().destroyed_at is None
    answered.notices.update(sent_at=at)
    delivery.expire(at=at + timedelta(days=31))
    assert answered.packages.get().destroyed_at
