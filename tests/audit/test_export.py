"""The log's export, verified by a page of plain Python that knows nothing of us."""

import base64
import json
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from dsr.audit import checkpoints, log, note, sequencer, signing
from dsr.models.tree import Leaf
from tests.repository import ROOT

pytestmark = pytest.mark.django_db


def grow(data_request, at, *, by):
    """Some more entries, sequenced and published."""
    with transaction.atomic():
        for _each in range(by):
            log.record("request.viewed", about=data_request, by=log.SYSTEM, at=at)
    sequencer.run()
    checkpoints.publish(at=at)


@pytest.fixture
def exported(asks, at, tmp_path):
    """An export of three checkpoints and two chains, as a file; the lines of it."""
    first, second = asks(), asks(email="bob@example.org")
    for number, size in enumerate((3, 7, 300)):
        grow(first if number % 2 else second, at + timedelta(hours=number), by=size)
    return written(tmp_path)


def written(tmp_path, **options):
    path = tmp_path / "log.jsonl"
    call_command("export_audit", output=path, verbosity=0, **options)
    return path


def verified(path, *options):
    """What the page says of a file, in a Python that sees nothing of the project."""
    script = str(ROOT / "docs" / "verify_log.py")
    command = [sys.executable, "-I", script, str(path), *options]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)


def changed(path, number, change):
    """The file with one line changed."""
    lines = path.read_text().splitlines()
    line = json.loads(lines[number])
    change(line)
    lines[number] = json.dumps(line, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n")
    return path


def test_an_export_verifies_anywhere(exported):
    done = verified(exported, "--key", signing.signer().verifier.text, "--whole")
    assert done.returncode == 0, done.stderr
    assert f"entries             {Leaf.objects.count()} in 2 chains" in done.stdout
    assert "whole log           yes" in done.stdout
    assert "earlier checkpoints 2" in done.stdout


def test_a_part_verifies_by_itself(exported, tmp_path, asks):
    subject = json.loads(json.loads(exported.read_text().splitlines()[5])["entry"])["subject"]
    done = verified(written(tmp_path, subject=subject))
    assert done.returncode == 0, done.stderr
    assert "in 1 chains" in done.stdout
    assert verified(exported, "--whole").returncode == 1


def test_the_end_verifies_by_itself(exported, tmp_path):
    done = verified(written(tmp_path, start=290))
    assert (done.returncode, "whole log           no" in done.stdout) == (0, True)


def another_word(line):
    line["entry"] = line["entry"].replace("system", "S-AAAAAA").replace("reader", "S-AAAAAA")


def another_hash(name):
    def change(line):
        line[name][0] = base64.b64encode(b"x" * 32).decode()

    return change


def another_size(line):
    origin, size, rest = line["checkpoint"].split("\n", 2)
    line["checkpoint"] = f"{origin}\n{int(size) + 1}\n{rest}"


@pytest.mark.parametrize(
    ("number", "change", "said"),
    [
        (0, another_size, "signature does not hold"),
        (0, lambda line: line.update(verifiers=["x+00000000+AAAA"]), "not a key"),
        (3, another_word, "line 4: its proof does not lead to the root"),
        (3, another_hash("proof"), "line 4: its proof does not lead to the root"),
        (3, lambda line: line["proof"].pop(), "line 4: its proof is too short"),
        (3, lambda line: line["proof"].append(line["proof"][0]), "line 4: its proof is too long"),
        (3, lambda line: line.update(index=4), "line 4: its proof does not lead"),
        (3, lambda line: line.update(index=10**9), "line 4: its place lies outside"),
        (3, lambda line: line.update(index="three"), "line 4: is not as such a line"),
        (-1, another_size, "signature does not hold"),
        (-1, another_hash("consistency"), "is not continued"),
        (-1, lambda line: line["consistency"].pop(), "is not continued"),
    ],
)
def test_whatever_was_changed_is_named(exported, number, change, said):
    done = verified(changed(exported, number, change))
    assert done.returncode == 1
    assert said in done.stderr


def test_an_entry_taken_out_is_missed(exported):
    lines = exported.read_text().splitlines()
    exported.write_text("\n".join(lines[:4] + lines[5:]) + "\n")
    assert "entries are missing" in verified(exported).stderr


def test_two_entries_swapped_are_seen(exported):
    lines = exported.read_text().splitlines()
    lines[3], lines[4] = lines[4], lines[3]
    exported.write_text("\n".join(lines) + "\n")
    assert verified(exported).returncode == 1


@pytest.mark.parametrize("text", ["", "nonsense\n", "[]\n", "{}\n", "[" * 100_000 + "\n", '{"checkpoint": 1}\n'])
def test_what_is_no_export_is_refused(tmp_path, text):
    path = tmp_path / "log.jsonl"
    path.write_text(text)
    done = verified(path)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_another_key_does_not_verify(exported, settings):
    another = note.Signer(settings.DSR_LOG_ORIGIN, b"k" * 32).verifier.text
    assert verified(exported, "--key", another).returncode == 1


def test_a_miscopied_key_is_told_so(exported):
    done = verified(exported, "--key", signing.signer().verifier.text[:-2])
    assert (done.returncode, "a key is name+id+key" in done.stderr) == (2, True)


def test_without_a_checkpoint_there_is_nothing_to_export(asks, tmp_path):
    asks()
    with pytest.raises(CommandError, match="no checkpoint was published yet"):
        written(tmp_path)
    assert list(tmp_path.glob("log.jsonl")) == []


def test_a_log_signed_by_two_keys_is_exported_with_both(exported, tmp_path, settings, at):
    before = signing.signer().verifier.text
    settings.DSR_LOG_KEY, settings.DSR_LOG_PAST_KEYS = "ab" * 32, [before]
    checkpoints.publish(at=at + timedelta(days=9))
    keys = [option for each in signing.verifiers() for option in ("--key", each.text)]
    done = verified(written(tmp_path), *keys)
    assert (done.returncode, "keys                2 given" in done.stdout) == (0, True), done.stderr
    assert verified(written(tmp_path), "--key", before).returncode == 1
