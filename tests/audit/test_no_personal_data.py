"""Words that stand nowhere else are typed into every field, and every request is lived through: the log has none."""

import hashlib
import io
import zipfile

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from dsr import keys
from dsr.audit import checkpoints
from dsr.audit.events import EVENTS
from dsr.audit.verifying import verify
from dsr.models.audit import AuditEntry
from tests.admin.conftest import desk  # noqa: F401 - a fixture
from tests.audit import everything
from tests.audit.marked import SHORT, Marks, newspaper, roomy

pytestmark = pytest.mark.django_db

HERE = ["tests.lifecycle.shelf.Drawer", "tests.audit.everything.Flooded"]
ADMINISTRATION = {"staff.added", "staff.changed", "staff.disarmed", "group.changed", "group.removed"}  # see tests/admin

# What people type and the service does not keep as it is: files are sealed or stored apart.
NOT_KEPT = {
    "a code, mistyped",
    "what is searched for",
    "a setting",
    "a file",
    "the name of an attachment",
    "what somebody marked",
    "somebody on a list",
    "a name",
    "a proof",
}

# Where words would have room, and none but the service's own stand: codes, counts, random names, sentences of ours.
OURS = {
    "AuditEntry.canonical",
    "Certificate.note",
    "Checkpoint.note",
    "FileToRemove.name",
    "Finding.entries",
    "KeptList.touched",
    "LedgerEntry.name",
    "LedgerEntry.suppressed",
    "Mention.field",
    "Mention.row_key",
    "Notice.failure",
    "Notice.message_id",
    "Notice.subject",
    "Package.object_name",
    "Passage.row",
    "Plan.lines",
    "Proof.object_name",
    "Restriction.key",
    "Review.figures",
    "Staff.password",
    "Step.cursor",
    "Step.failure",
    "Step.result",
    "SupportMessage.attachment",
    "Upload.object_name",
}


@pytest.fixture
def house(settings, olive, simone, remi, clock, desk):  # noqa: F811
    """The reader has a row in each of the newspaper's tables; the people of the desk have names of their own."""
    settings.DSR_SOURCES = [*HERE, *settings.DSR_SOURCES]
    settings.DSR_MAX_ATTEMPTS, settings.DSR_CONFIRMATION_LETTERS_A_DAY = 1, 99
    everything.Flooded.dry = False
    marks = Marks()
    email = marks.address("the reader")
    newspaper(marks, email, clock())
    for person in (olive, simone, remi):
        for name in ("username", "first_name", "last_name"):
            setattr(person, name, marks(f"Staff.{name}"))
        person.email = marks.address("Staff.email")
        person.save()
    return everything.House(marks, email, olive, simone, remi, clock, desk)


@pytest.fixture
def lived(house):
    """All of it happened; after each thing somebody looked where the marks stood."""
    house.mark.look()
    for happens in everything.ALL:
        happens(house)
        house.mark.look()
    return house


def log_as_text():
    """Whatever of the log anybody may read: its rows, its checkpoints, what is mailed, what is exported."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM dsr_auditentry")
        entries = repr(cursor.fetchall())
    letters = [each.message() for each in mail.outbox if "checkpoint" in each.message()["Message-ID"]]
    exported = io.StringIO()
    call_command("export_audit", stdout=exported, verbosity=0)
    return {
        "entries": entries,
        "checkpoints": "".join(each.name + each.text for each in checkpoints.published()),
        "letters": "".join(each.as_string() + each.get_payload(decode=True).decode() for each in letters),
        "export": exported.getvalue(),
    }


def files_in(package):
    archive = zipfile.ZipFile(io.BytesIO(package))
    return b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")


@pytest.mark.parametrize("form", [str, str.lower, *(getattr(hashlib, name) for name in ("sha256", "sha1", "md5"))])
@pytest.mark.parametrize("change", [str, str.lower])
def test_a_mark_would_be_found_in_every_form(form, change):
    marks = Marks()
    word = change(marks("a word"))
    left = form(word) if form in {str, str.lower} else form(word.encode()).hexdigest()
    assert marks.left_in(f"before{left}after")
    assert not marks.left_in("before and after")


def test_a_token_of_a_mailbox_would_be_found():
    marks = Marks()
    address = marks.address("a mailbox")
    assert marks.left_in(keys.person_token(address))
    assert marks.left_in(keys.suppression_token(address.upper()))


def test_every_field_that_has_room_for_words_held_some_and_the_log_nothing_of_it(lived):
    assert roomy("readers", signs=SHORT) | roomy("dsr", signs=65) == lived.mark.columns - {"Account.birth_date"} | OURS
    assert not OURS & lived.mark.columns
    assert lived.mark.unseen() == NOT_KEPT
    files = files_in(lived.package)
    found = {mark for mark, what in lived.mark.typed.items() if what == "a file" and mark in files}
    assert len(found) == 2, "the attachment, and what an officer handed in"

    assert set(AuditEntry.objects.values_list("event", flat=True)) == EVENTS.keys() - ADMINISTRATION
    assert list(verify()) == []
    for name, text in log_as_text().items():
        assert text, name
        assert lived.mark.left_in(text) == [], name
