"""What the demonstration says on screen: progress, where to look, the codes of the moment, how each request ended."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.core.management.base import OutputWrapper

from dsr.management.demo.cast import Member
from dsr.management.demo.play import Outcome


class Screen:
    """Lines, written out at once."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._codes = ""

    def say(self, line: str = "") -> None:
        """One line."""
        self._out.write(line)
        self._out.flush()

    def scene(self, name: str) -> None:
        """What begins now."""
        self.say(f"· {name}")

    def detail(self, text: str) -> None:
        """What just happened in it."""
        self.say(f"    {text}")

    def where_to_look(self, site: str, *, letters: Path, logs: Path, staff: Iterable[Member]) -> None:
        """The doors, and what opens them."""
        self.say(f"\nthe reader's pages   {site}/")
        self.say(f"the officers' desk   {site}/admin/")
        self.say(f"the API              {site}/api/docs/")
        self.say(f"the letters          {letters}")
        self.say(f"the logs             {logs}")
        self.say("\nThe desk wants a password, then a code; an authenticator app makes the codes from the secret:")
        for member in staff:
            self.say(f"  {member.username:<7} {member.group:<10} password {member.password}  secret {member.secret}")
        self.say()

    def ends(self, outcomes: Iterable[Outcome], *, entries: str) -> None:
        """The last lines: how each request ended, and the entries of the log."""
        for outcome in outcomes:
            seconds = f"{outcome.seconds:.1f} s"
            self.say(f"{outcome.state:<9} {outcome.kind:<14} {outcome.reference}  {seconds:>7}")
        self.say(f"{'verified':<9} {'log':<14} {entries}")

    def codes(self, staff: Mapping[str, Member]) -> None:
        """The codes of the moment, on one line that changes when they do; once where nobody watches."""
        codes = "   ".join(f"{member.username} {member.code}" for member in staff.values())
        if codes == self._codes or (self._codes and not self._out.isatty()):
            return
        self._codes = codes
        self._out.write(f"\rcodes now: {codes} ", ending="" if self._out.isatty() else "\n")
        self._out.flush()
