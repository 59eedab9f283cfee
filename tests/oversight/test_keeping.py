"""What the clock does for the log: signs it, sends its state out of the house, verifies it, and says what is wrong."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from io import StringIO

import pytest
from django.core.files.storage import storages
from django.core.mail.utils import DNS_NAME
from django.core.management import CommandError, call_command
from structlog.testing import capture_logs

from dsr.audit import checkpoints, log
from dsr.models.audit import AuditEntry, Pending
from dsr.models.tree import Checkpoint, Head, Leaf, Node
from dsr.oversight import keeping
from tests.notifications.mailbox import free_port

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
# Midnight between the 16th and the 17th of September in Paris, where it is summer, and of January, where it is not.
MIDNIGHTS = [datetime(2026, 9, 16, 22, tzinfo=UTC), datetime(2026, 1, 16, 23, tzinfo=UTC)]


@pytest.fixture
def grows(writes, remi, at):
    """So many more entries, each with its place."""

    def grow(times=1):
        for _time in range(times):
            writes("log.viewed", by=remi)
        keeping.sequence(at=at)

    return grow


@pytest.fixture
def published(grows, at):
    """A log of three entries, and the checkpoint that was published of it."""
    grows(3)
    return keeping.publish(at=at)


@pytest.fixture
def lines():
    """What the service says to its operator."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def cut(unguarded, published):
    """The owner of the tables took the last two entries away."""
    Leaf.objects.filter(index__gte=1).delete()
    Head.objects.update(size=1)


@pytest.fixture
def no_mail_server(settings, monkeypatch):
    """Nobody listens where letters are handed in."""
    monkeypatch.setattr(DNS_NAME, "_fqdn", "localhost", raising=False)  # never asks the network for this host's name
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


def entries(event):
    return AuditEntry.objects.filter(event=event)


def as_received(letter):
    """The text of a letter at the other end of the wire."""
    return message_from_bytes(letter.message().as_bytes(), policy=policy.default).get_content()


@pytest.fixture
def saved(settings, tmp_path):
    """The file in which the officer saves the lines of a letter, as the letter says."""

    def save(letter):
        text = as_received(letter).split("\n")
        first = text.index(settings.DSR_LOG_ORIGIN)
        last = next(number for number, line in enumerate(text) if line.startswith("— "))
        file = tmp_path / "checkpoint"
        file.write_text("\n".join([*text[first : last + 1], ""]))
        return file

    return save


def begun_again(writes, remi, at):
    """The owner of everything throws the log and its checkpoints away, and writes another one, whole in itself."""
    for model in (Checkpoint, Node, Leaf, Pending, AuditEntry):
        model.objects.all().delete()
    Head.objects.update(size=0)
    for each in list(checkpoints.published()):
        storages["checkpoints"].delete(each.name)
    for second in range(5):
        writes("log.viewed", by=remi, at=at + SECOND * second)
    keeping.sequence(at=at)


# Places and signatures


@pytest.mark.parametrize(("waited", "is_late"), [(59, False), (60, False), (61, True)])
def test_an_entry_that_waited_for_more_than_a_minute_raises_the_alarm(waited, is_late, writes, remi, lines, at):
    writes("log.viewed", by=remi)
    assert keeping.sequence(at=at + SECOND * waited) == 1
    late = {"event": "log_sequenced_late", "log_level": "error"}
    assert lines == ([late] if is_late else [])


def test_nothing_waits_and_nothing_is_said(grows, lines, at):
    grows()
    assert keeping.sequence(at=at + DAY) == 0
    assert lines == []


def test_a_log_that_grew_is_published(grows, lines, at):
    grows(2)
    assert keeping.publish(at=at).size == 2
    assert lines == []


def test_a_log_that_was_cut_is_not_signed_and_the_operator_told(cut, lines, at):
    assert keeping.publish(at=at + DAY) is None
    [line] = lines
    assert (line["event"], line["log_level"]) == ("log_not_signed", "error")
    assert line["reason"] == "the log has 1 entries, and 3 were published"
    assert len(list(checkpoints.published())) == 1


# The daily letter


def test_before_the_first_checkpoint_nothing_is_mailed(grows, mailoutbox, at):
    grows()
    assert not keeping.mail(at=at)
    assert mailoutbox == []
    assert not entries("checkpoint.mailed").exists()


def test_the_officer_receives_the_whole_note(published, mailoutbox, settings, at):
    settings.DSR_DPO_EMAIL, settings.DSR_NEWSPAPER_NAME = "dpd@example.org", "L'Écho & l'Union"
    assert keeping.mail(at=at)
    [letter] = mailoutbox
    assert letter.to == ["dpd@example.org"]
    assert "de L'Écho & l'Union, signé" in as_received(letter)
    assert f"\n{published.note}" in as_received(letter)
    assert letter.subject == "Point de contrôle du journal, 16 septembre 2026"


def test_the_letter_carries_the_last_checkpoint(published, grows, mailoutbox, at):
    grows()
    last = keeping.publish(at=at + SECOND)
    keeping.mail(at=at + SECOND)
    text = as_received(mailoutbox[0])
    assert last.note in text
    assert published.note not in text


def test_what_went_is_on_record_in_the_chain_of_the_log(published, mailoutbox, at):
    keeping.mail(at=at)
    entry = entries("checkpoint.mailed").get()
    assert (entry.subject, entry.actor, entry.at, entry.facts) == ("LOG", "system", at, {"entries": 3})


def test_the_lines_of_the_letter_verify_the_log(published, grows, mailoutbox, saved, at):
    keeping.mail(at=at)
    grows()
    said = StringIO()
    call_command("verify_audit", checkpoint=saved(mailoutbox[0]), stdout=said, verbosity=0)
    assert said.getvalue() == "5 entries verified\n"


def test_they_tell_of_a_log_that_was_begun_again(unguarded, published, mailoutbox, saved, writes, remi, at):
    keeping.mail(at=at)
    begun_again(writes, remi, at)
    call_command("verify_audit", stdout=StringIO(), verbosity=0)
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_audit", checkpoint=saved(mailoutbox[0]), stderr=said, verbosity=0)
    assert said.getvalue().strip() == "checkpoint given: the first 3 entries are not those that were published"


@pytest.mark.parametrize("midnight", MIDNIGHTS, ids=["summer", "winter"])
def test_one_letter_goes_each_day_of_paris(midnight, published, mailoutbox):
    went = [keeping.mail(at=midnight + SECOND * seconds) for seconds in (-3600, -1, 0, 1, 86_399, 86_400)]
    assert went == [True, False, True, False, False, True]
    assert len(mailoutbox) == 3


def test_a_letter_has_the_name_of_its_day(published, mailoutbox, settings):
    host = settings.DSR_LOG_ORIGIN.partition("/")[0]
    for at in (MIDNIGHTS[0] - SECOND, MIDNIGHTS[0]):
        keeping.mail(at=at)
    names = [letter.message()["Message-ID"] for letter in mailoutbox]
    assert names == [f"<checkpoint-2026-09-16@{host}>", f"<checkpoint-2026-09-17@{host}>"]


def test_a_worker_that_dies_before_it_says_so_sends_the_same_letter_again(published, mailoutbox, monkeypatch, at):
    with monkeypatch.context() as dying:
        dying.setattr(log, "record", lambda *_, **__: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            keeping.mail(at=at)
    assert keeping.mail(at=at + SECOND)
    first, second = [letter.message()["Message-ID"] for letter in mailoutbox]
    assert first == second


def test_no_mail_server_is_an_alarm_and_not_a_record(published, no_mail_server, lines, at):
    assert keeping.mail(at=at) is False
    assert lines == [
        {"event": "checkpoint_not_mailed", "log_level": "error", "error": "ConnectionRefusedError"},
    ]
    assert not entries("checkpoint.mailed").exists()


def test_what_could_not_go_is_tried_again_the_same_day(published, mailoutbox, settings, request, at):
    working = settings.EMAIL_BACKEND
    request.getfixturevalue("no_mail_server")
    keeping.mail(at=at)
    settings.EMAIL_BACKEND = working
    assert keeping.mail(at=at + SECOND)
    assert len(mailoutbox) == 1


# Verifying


def test_a_whole_log_is_verified_and_the_verification_on_record(published, lines, at):
    assert keeping.verify(at=at + SECOND) == 0
    entry = entries("log.verified").get()
    assert (entry.subject, entry.actor, entry.at) == ("LOG", "system", at + SECOND)
    assert entry.facts == {"entries": 3, "problems": 0}
    assert lines == []


def test_what_was_changed_is_counted_on_record_and_each_thing_told(unguarded, published, lines, at):
    AuditEntry.objects.filter(n=2).update(canonical="{}")
    found = keeping.verify(at=at)
    assert found > 0
    assert entries("log.verified").get().facts == {"entries": 3, "problems": found}
    assert [line["event"] for line in lines] == ["log_not_verified"] * found
    assert all(line["log_level"] == "error" and line["problem"] for line in lines)


def test_one_letter_of_a_clock_that_was_wrong_silences_none_that_follow(published, mailoutbox, at):
    assert keeping.mail(at=at + 400 * DAY)
    assert keeping.mail(at=at)


def test_a_storage_that_does_not_answer_is_an_error_line(grows, lines, at, monkeypatch):
    grows()

    def forbidden(*_args, **_kwargs):
        raise PermissionError

    monkeypatch.setattr(checkpoints, "newest", forbidden)
    monkeypatch.setattr(checkpoints, "published", forbidden)
    assert keeping.publish(at=at) is None
    assert keeping.mail(at=at) is False
    assert keeping.verify(at=at) == 1
    assert [line["event"] for line in lines] == ["log_not_signed", "checkpoint_not_mailed", "log_not_verified"]


@pytest.mark.parametrize("wrap", ["{}\n\n", "\ufeff{}", "  {}", "{}".strip()], ids=["blank", "bom", "indent", "cut"])
def test_what_a_mail_program_puts_around_a_checkpoint_raises_no_alarm(published, tmp_path, wrap):
    kept = tmp_path / "kept.txt"
    kept.write_text(wrap.format(checkpoints.newest().text.rstrip("\n").replace("— ", "—\u00a0")), encoding="utf-8")
    call_command("verify_audit", checkpoint=kept, verbosity=0, stdout=StringIO())


def test_what_is_no_checkpoint_is_told_so(published, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("Bonjour")
    with pytest.raises(CommandError, match="is no checkpoint of this log"):
        call_command("verify_audit", checkpoint=kept, verbosity=0, stdout=StringIO())
