"""``manage.py demo``: the whole service on this machine, one request of each kind played through its real doors."""

import os
import signal
from io import StringIO
from pathlib import Path
from time import sleep
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dsr.management.demo import cast, environment, stage
from dsr.management.demo.browser import Unexpected
from dsr.management.demo.mailbox import Mailbox
from dsr.management.demo.play import KINDS, Outcome, Play
from dsr.management.demo.processes import HOST, Broken, Processes, free_port, is_free
from dsr.management.demo.screen import Screen
from dsr.oversight import keeping

PORT = 8000


class Command(BaseCommand):
    """Start everything, play, say where to look, serve until Ctrl-C; with --once, end when all is answered."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to stay, and where."""
        parser.add_argument("--once", action="store_true", help="play, verify the log and end")
        parser.add_argument("--port", type=int, help=f"where the site answers; {PORT} unless said")

    def handle(self, *, once: bool, port: int | None, **_options: Any) -> None:
        """Exit 0 only when each request was answered and the log verifies."""
        _end_like_ctrl_c()
        self.screen = Screen(self.stdout)
        try:
            environment.check(settings.DSR_DATA_DIR, environment=os.environ, database=settings.DATABASES["default"])
            self._run(_port(port, once=once), once=once)
        except (environment.NotTheDemo, Broken, Unexpected) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.screen.say("\nEverything that was started has ended.")
            if once:
                raise CommandError("interrupted before the end") from None

    def _run(self, port: int, *, once: bool) -> None:
        site, logs = f"http://{HOST}:{port}", Path(settings.DSR_DATA_DIR).resolve() / "logs"
        self.screen.scene("tables, static files, readers and staff")
        stage.build()
        staff, readers = cast.hire(), cast.readers(len(KINDS))
        if len(readers) < len(KINDS):
            raise Broken(f"too few readers are left to ask: remove {settings.DSR_DATA_DIR}, and new ones are invented")
        with Processes(logs=logs, environment=stage.environment(site)) as processes:
            self.screen.scene("Redis, web, worker, beat")
            stage.start(processes, port=port)
            play = Play(site, staff, Mailbox(stage.mail_folder()), processes, self.screen.detail)
            outcomes = [self._perform(play, kind, reader) for kind, reader in zip(KINDS, readers, strict=True)]
            self.screen.scene("review of the log")
            play.review()
            self._end(outcomes)
            if not once:
                self.screen.where_to_look(site, letters=stage.mail_folder(), logs=logs, staff=staff.values())
                self._serve(processes, staff)

    def _perform(self, play: Play, kind: Any, address: str) -> Outcome:
        self.screen.scene(kind)
        return play.perform(kind, address)

    def _end(self, outcomes: list[Outcome]) -> None:
        said = StringIO()
        keeping.sequence(at=timezone.now())
        keeping.publish(at=timezone.now())
        call_command("verify_audit", stdout=said, verbosity=0)
        self.screen.ends(outcomes, entries=said.getvalue().strip().removesuffix(" verified"))
        if not all(outcome.is_answered for outcome in outcomes):
            raise CommandError("not every request was answered")

    def _serve(self, processes: Processes, staff: dict[str, cast.Member]) -> None:
        self.screen.say("Serving until Ctrl-C.")
        while True:
            self.screen.codes(staff)
            sleep(1)
            processes.check()


def _port(wanted: int | None, *, once: bool) -> int:
    """The port asked for; any that is free when nobody will look at the site."""
    port = wanted or PORT
    if is_free(port):
        return port
    if once and not wanted:
        return free_port()
    raise Broken(f"Port {port} is taken by another program: end that one, or choose another with « make demo PORT=… ».")


def _end_like_ctrl_c() -> None:
    """Ended from outside, or with its terminal, the demonstration takes what it started with it."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)
