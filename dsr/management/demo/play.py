"""One request of each kind through the real doors, form to answer, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from django.utils import timezone

from dsr.management.demo.cast import Member
from dsr.management.demo.desk import Desk
from dsr.management.demo.mailbox import Mailbox
from dsr.management.demo.processes import Processes
from dsr.management.demo.reader import Reader
from dsr.models.erasure import Kept, Plan
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest, Ending
from dsr.models.review import Review
from dsr.states import Kind, State

KINDS = (Kind.ACCESS, Kind.RECTIFICATION, Kind.ERASURE, Kind.OBJECTION)


@dataclass(frozen=True)
class Outcome:
    """How one request ended."""

    kind: Kind
    reference: str
    state: State
    seconds: float

    @property
    def is_answered(self) -> bool:
        """Answered, and the answering letter gone."""
        return self.state == State.ANSWERED


@dataclass
class Play:
    """The stage: where the site is, who plays, and how progress is told."""

    site: str
    staff: dict[str, Member]
    mailbox: Mailbox
    processes: Processes
    tell: Callable[[str], None]
    desks: dict[str, Desk] = field(default_factory=dict)

    def perform(self, kind: Kind, address: str) -> Outcome:
        """Play one request to its end."""
        began = monotonic()
        reader = Reader(address, site=self.site, mailbox=self.mailbox, processes=self.processes)
        reference = reader.ask(kind)
        self.tell(f"a reader asks through the form: {reference}")
        reader.prove()
        self.tell("the code of the letter proves the mailbox")
        SCENES[kind](self, reader)
        state = self._answered(reference)
        seconds = monotonic() - began
        subjects = self.mailbox.subjects(reference)
        self.tell(f"{len(subjects)} letters, the last: {subjects[-1]}")
        return Outcome(kind, reference, state, seconds)

    def desk(self, username: str) -> Desk:
        """The desk of a member of staff, who signs in the first time."""
        if username not in self.desks:
            desk = Desk(self.staff[username], site=self.site, processes=self.processes)
            desk.sign_in()
            self.tell(f"{desk.member.name} signs in with password and second factor")
            self.desks[username] = desk
        return self.desks[username]

    def review(self) -> None:
        """The auditor opens a review of the log: what deserves eyes is drawn from it."""
        page = Desk(self.staff["remi"], site=self.site, processes=self.processes).open_review()
        opened = Review.objects.latest("pk")
        self.tell(f"Rémi opens a review of the log: {opened.end} entries, {opened.findings.count()} findings to mark")
        self.tell(f"its page: {page.url}")

    def access(self, reader: Reader) -> None:
        """Accepted by an officer, who reads the package; it is announced, then opened with a one-time code."""
        self._accept(reader)
        masked = self.desk("olive").let_go(reader.reference)
        self.tell(f"{masked} passages about other people are masked; Olive reads the package and releases it")
        self._answered(reader.reference)
        files = reader.download()
        self.tell(f"the package is downloaded with its code: {len(files)} files, each whole")

    def rectification(self, reader: Reader) -> None:
        """The reader says what is wrong, an officer accepts it field by field, then the whole."""
        concept = reader.correct()
        self.tell(f"the reader wishes another value for « {concept} »")
        decided = self.desk("olive").accept_corrections(reader.reference)
        self.tell(f"Olive accepts {decided} correction")
        self._accept(reader)
        self._tell_recipients(reader.reference)

    def erasure(self, reader: Reader) -> None:
        """Accepted by an officer, planned by the worker, approved by another officer on sight of the plan."""
        self._accept(reader)
        plans = Plan.objects.filter(data_request__reference=reader.reference)
        if self.processes.wait(plans.first, what=f"the plan of {reader.reference}").bound:
            reader.choose(Ending.AT_TERM)
            self.tell("a contract still runs: the reader has the rest erased now, and this at its term")
        self.desk("simone").do(reader.reference, "approve")
        self.tell("Simone reads the plan and approves the erasure")
        self._tell_recipients(reader.reference)
        self._answered(reader.reference)
        for kept in Kept.objects.filter(data_request__reference=reader.reference).order_by("source", "ground", "until"):
            self.tell(f"kept: {kept.rows} of {kept.source} on {kept.ground} until {kept.until or 'a case ends'}")

    def objection(self, reader: Reader) -> None:
        """Nobody decides: the proof of the mailbox is enough."""

    def _tell_recipients(self, reference: str) -> None:
        """Letters to recipients leave by themselves; Olive tells whoever is told by hand (GDPR Art. 19)."""
        tasks = RecipientNotice.objects.filter(data_request__reference=reference)
        answered = DataRequest.objects.filter(reference=reference, state=State.ANSWERED)
        self.processes.wait(lambda: tasks.exists() or answered.exists(), what=f"the recipients of {reference}")
        for task in tasks.filter(letter=None):
            self.desk("olive").do(reference, f"told/{task.pk}", {"on": timezone.localdate().isoformat()})
            self.tell(f"Olive tells the recipient « {task.recipient} » by hand")
        for task in tasks.exclude(letter=None):
            self.tell(f"a letter tells the recipient « {task.recipient} »")

    def _accept(self, reader: Reader) -> None:
        self.desk("olive").do(reader.reference, "accept")
        self.tell("Olive accepts the request at the desk")

    def _answered(self, reference: str) -> State:
        """The state once the answering letter has gone."""

        def answered() -> DataRequest | None:
            return DataRequest.objects.filter(reference=reference, answer_sent_at__isnull=False).first()

        return State(self.processes.wait(answered, what=f"the answer to {reference}").state)


SCENES: dict[Kind, Callable[[Play, Reader], None]] = {
    Kind.ACCESS: Play.access,
    Kind.RECTIFICATION: Play.rectification,
    Kind.ERASURE: Play.erasure,
    Kind.OBJECTION: Play.objection,
}
