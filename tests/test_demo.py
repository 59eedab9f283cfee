"""The demonstration: what it refuses to touch, how it reads pages and letters, and that it plays to the end."""

import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.management import CommandError, call_command

from dsr.management.commands.demo import _port
from dsr.management.demo import environment
from dsr.management.demo.browser import Page, Unexpected
from dsr.management.demo.mailbox import Mailbox
from dsr.management.demo.processes import Broken, Processes, free_port
from tests.repository import ROOT

FORMS = b"""
<form method="get"><input name="q"></form>
<form method="post" action="/a/"><input type="hidden" name="do" value="confirm"><input name="code"></form>
<form method="post" action="/b/">
  <input type="checkbox" name="kinds" value="access"><input type="checkbox" name="kinds" value="erasure" checked>
  <input type="radio" name="about" value="all" checked><input type="radio" name="about" value="some">
  <select name="ground"><option value="">-</option><option value="lawful" selected>lawful</option></select>
  <textarea name="message">
two
lines</textarea><input type="submit" name="go" value="Go">
</form>
"""


@pytest.fixture
def page() -> Page:
    return Page("http://127.0.0.1/", 200, "text/html", FORMS)


def test_a_form_holds_what_a_browser_would_send(page: Page) -> None:
    assert page.form(having="ground").fields == {
        "kinds": ["erasure"],
        "about": ["all"],
        "ground": ["lawful"],
        "message": ["two\nlines"],
    }


def test_a_form_is_found_by_what_it_holds(page: Page) -> None:
    assert page.form(having="code", do="confirm").action == "/a/"
    assert page.form(to="/b/").names == {"kinds", "about", "ground", "message"}


def test_a_page_without_the_form_is_unexpected(page: Page) -> None:
    with pytest.raises(Unexpected):
        page.form(having="q")


def test_the_secrets_are_drawn_once_and_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "var" / environment.NAME
    environment.draw(path)
    drawn = environment.read(path)
    environment.draw(path)
    assert environment.read(path) == drawn
    path.write_text(path.read_text().replace("DSR_LOG_KEY", "DSR_OTHER_KEY"))
    environment.draw(path)
    assert environment.read(path).items() > (drawn.items() - {("DSR_LOG_KEY", drawn["DSR_LOG_KEY"])})
    assert "DSR_LOG_KEY" in environment.read(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len({drawn[name] for name in environment.SECRETS}) == len(environment.SECRETS)


def test_the_demo_refuses_every_database_but_its_own(tmp_path: Path) -> None:
    path = tmp_path / environment.NAME
    environment.draw(path)
    here = {"DSR_ENV_FILE": str(path)}
    environment.check(tmp_path, environment=here, database={"NAME": tmp_path / "newspaper.sqlite3"})
    with pytest.raises(environment.NotTheDemo, match="DATABASE_URL"):
        environment.check(tmp_path, environment=here, database={"NAME": "newspaper"})


def test_the_demo_refuses_the_secrets_of_another_service(tmp_path: Path) -> None:
    path = tmp_path / environment.NAME
    environment.draw(path)
    foreign = {"DSR_ENV_FILE": str(path), "DSR_SERVICE_KEY": "22" * 32}
    with pytest.raises(environment.NotTheDemo, match="DSR_SERVICE_KEY"):
        environment.check(tmp_path, environment=foreign, database={"NAME": tmp_path / "newspaper.sqlite3"})


def test_the_command_alone_says_how_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsr.management.commands.demo._end_like_ctrl_c", lambda: None)
    with pytest.raises(CommandError, match="make demo"):
        call_command("demo", once=True)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        taken = other.getsockname()[1]
        with pytest.raises(Broken, match=str(taken)):
            _port(taken, once=True)


def test_a_letter_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    letter = EmailMultiAlternatives("Réponse", "DSR-7K4M-2QXP : 7K4-M2Q-XP9", "dpo@example.org", ["alice@example.org"])
    letter.connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=tmp_path)
    letter.send()
    (tmp_path / "half.log").write_text("Subject: x\n\nDSR-7K4M-2QXP : AAA-AAA-AAA")
    mailbox = Mailbox(tmp_path)
    assert mailbox.codes("DSR-7K4M-2QXP") == ["7K4-M2Q-XP9"]
    assert mailbox.codes("DSR-2222-2222") == []


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(logs=tmp_path, environment=dict(os.environ)) as running:
        yield running


def test_a_process_that_ends_before_its_time_is_named_with_its_last_words(processes: Processes) -> None:
    processes.start("worker", sys.executable, "-c", "raise SystemExit('no broker')")
    with pytest.raises(Broken, match=r"worker ended with 1(.|\n)*no broker"):
        processes.wait(lambda: None, what="anything")


def test_what_a_process_started_ends_with_it(processes: Processes, tmp_path: Path) -> None:
    child = "import time; time.sleep(600)"
    parent = (
        f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {child!r}]).pid, flush=True); {child}"
    )
    processes.start("worker", sys.executable, "-c", parent)
    pid = processes.wait(lambda: processes.log("worker").read_text().strip(), what="the child")
    processes.end()
    assert processes.wait(lambda: not _runs(int(pid)), what="the end of the child")


@pytest.mark.demo
def test_one_request_of_each_kind_is_answered_and_nothing_is_left_running(tmp_path: Path) -> None:
    path = tmp_path / environment.NAME
    environment.draw(path)
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "LC_ALL"}}
    here = {**kept, "DSR_DATA_DIR": str(tmp_path), "DSR_ENV_FILE": str(path)}
    command = [sys.executable, "manage.py", "demo", "--once", "--port", str(free_port())]
    done = subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    *answers, verified = done.stdout.splitlines()[-5:]
    shapes = [rf"answered +{kind} +DSR-\S+ +\d+\.\d s" for kind in ("access", "rectification", "erasure", "objection")]
    assert all(re.fullmatch(shape, line) for shape, line in zip(shapes, answers, strict=True))
    assert re.fullmatch(r"verified +log +\d+ entries", verified)
    logged = "".join(log.read_text(errors="replace") for log in (tmp_path / "logs").glob("*.log"))
    assert "request_finished" in logged
    assert not re.search(r"@[\w.-]*example\.org|^127\.0\.0\.1 ", logged, re.MULTILINE)
    assert [pid for pid in _processes() if _environment(pid).get("DSR_DATA_DIR") == str(tmp_path)] == []


def _runs(pid: int) -> bool:
    """Whether a process is there and not just waiting to be buried."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _environment(pid: int) -> dict[str, str]:
    try:
        pairs = Path(f"/proc/{pid}/environ").read_text(errors="replace").split("\0")
    except OSError:
        return {}
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
