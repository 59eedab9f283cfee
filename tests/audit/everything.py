"""Everything that may happen to requests and to the log, with a mark wherever somebody types."""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from dsr import notifications
from dsr.ledger import book
from dsr.lifecycle import (
    addresses,
    certifying,
    closing,
    comparing,
    contracts,
    copies,
    delivery,
    downloads,
    execution,
    identity,
    intake,
    kept_lists,
    mentions,
    persons,
    proofs,
    reading,
    recipients,
    replaying,
    restoring,
    restricting,
    resurgences,
    running,
    suppressing,
    triage,
    wishes,
)
from dsr.lifecycle.wishes import Wish
from dsr.models.identity import Purpose
from dsr.models.ledger import LedgerEntry, Resurgence
from dsr.models.notice import Notice
from dsr.models.request import Channel, DataRequest, Ending
from dsr.models.review import Mark
from dsr.models.staff import AUDITORS, Staff
from dsr.models.step import Action, Status, Step
from dsr.oversight import changes, keeping, reviews
from dsr.readers.models import Account, Comment, Subscription
from dsr.sources.base import Chunk, Subject
from dsr.states import Kind
from tests.audit.marked import Marks, filled
from tests.conftest import Clock, staff
from tests.lifecycle.shelf import Shelf


class Flooded(Shelf):
    """A source that cannot be reached, and says whose data it was asked for."""

    name = "flooded"
    rows: ClassVar[list[dict[str, str]]] = []
    dry: ClassVar[bool] = False

    def erase(self, subject: Subject, **how: Any) -> Chunk:
        if not self.dry:
            raise RuntimeError(f"{subject.identifiers} cannot be reached")
        return super().erase(subject, **how)


class Refusing(BaseEmailBackend):
    """A mail server that knows nobody."""

    def send_messages(self, messages: Any) -> int:
        refused = {to: (550, f"{to} is unknown".encode()) for message in messages for to in message.to}
        raise smtplib.SMTPRecipientsRefused(refused)


@dataclass
class House:
    """The reader, the people at the desk, and the worker."""

    mark: Marks
    email: str
    olive: Staff
    simone: Staff
    remi: Staff
    clock: Clock
    desk: Callable[[Staff], Client]
    package: bytes = b""

    def asks(self, kind: Kind, *, email: str = "", **more: Any) -> DataRequest:
        facts = {"email": email or self.email, "message": self.mark("a message"), **more}
        return intake.receive(kinds=[kind], channel=Channel.FORM, language="fr", at=self.clock(), **facts)[0]

    def proven(self, kind: Kind, **more: Any) -> DataRequest:
        data_request = self.asks(kind, **more)
        secret = data_request.secrets.filter(purpose=Purpose.CONFIRM).latest("created_at", "pk")
        return intake.confirm(data_request, code=secret.code, at=self.clock())

    def works(self, data_request: DataRequest) -> DataRequest:
        """A worker and an officer do whatever is due; what is found by hand is handed in as a file."""
        while step := Step.objects.due(self.clock()).filter(data_request=data_request).first():
            running.run(step.pk, now=self.clock)
        waiting = Step.objects.in_turn().filter(data_request=data_request, status=Status.WAITING)
        if step := waiting.first():
            if step.action in execution.OWN_VERBS:
                self._decides(data_request, Action(step.action))
                return self.works(data_request)
            if step.action == Action.TERMINATE and step.failure:  # ticked once while it ran
                Subscription.objects.filter(account__email=self.email).update(ended_on=self.clock().date())
            file = self._found() if step.action == Action.COLLECT else None
            execution.complete_by_hand(step, by=self.olive, at=self.clock(), file=file)
            return self.works(data_request)
        data_request.refresh_from_db()
        return data_request

    def _decides(self, data_request: DataRequest, action: Action) -> None:
        """Other people's addresses are masked; the package is read, marked, composed again, read and released."""
        who, marked = {"by": self.olive, "at": self.clock()}, data_request.marked_texts.exists()
        if action == Action.VERIFY:
            shown = mentions.show(data_request, after=0, **who)
            mentions.leave(data_request, mentions=[each.mention.pk for each in shown], reason="expression", **who)
            return
        if action == Action.SCREEN:
            persons.mask_rest(data_request, **who)
            persons.finish(data_request, **who)
            return
        reading.read(data_request, **who)
        if marked:
            reading.release(data_request, **who)
        else:
            typed = {"text": self.mark("what somebody marked"), "row": self.mark("the row of what somebody marked")}
            persons.mark(data_request, source="comments", **typed, **who)
            reading.repack(data_request, **who)

    def _found(self) -> SimpleUploadedFile:
        return SimpleUploadedFile(f"{self.mark('the name of a file')}.txt", self.mark("a file").encode())

    def mails(self) -> None:
        """Each letter is refused, looked at, and sent again."""
        waiting = list(Notice.objects.claimable(self.clock()))
        with override_settings(EMAIL_BACKEND="tests.audit.everything.Refusing"):
            for notice in waiting:
                notifications.deliver(notice.pk, now=self.clock)
        self.mark.look()
        for notice in waiting:
            closing.send_again(notice, by=self.olive, at=self.clock())
            notifications.deliver(notice.pk, now=self.clock)


def access(house: House) -> None:
    """Mistyped, joined, doubted, asked, read on paper, extended, packed, handed over and posted."""
    mark, at, olive = house.mark, house.clock(), house.olive
    mistaken = house.asks(Kind.ACCESS, email=mark.address("another mailbox"))
    with suppress(identity.WrongCode):
        intake.confirm(mistaken, code=mark("a code, mistyped"), at=at)
    data_request = house.proven(Kind.ACCESS)
    house.proven(Kind.ACCESS)
    triage.assign(data_request, to=olive, by=olive, at=at)
    identity.doubt(data_request, reason=mark("a doubt"), by=olive, at=at)
    identity.challenge(data_request, purpose=Purpose.FOLLOW, at=at)
    identity.reply(data_request, answer=mark("a reply"), at=at)
    triage.ask(data_request, question=mark("a question"), by=olive, at=at)
    identity.record_reply(data_request, answer=mark("a reply by telephone"), by=olive, at=at)
    read = identity.vouch(data_request, kind="email", value=mark.address("read on paper"), by=olive, at=at)
    identity.countersign(read, by=house.simone, at=at)
    triage.extend(data_request, because="complexity", by=olive, at=at)
    neighbour = filled(Comment, mark, at, account=Account.objects.get(email=house.email))
    Comment.objects.filter(pk=neighbour.pk).update(content=f"{neighbour.content} {mark.address('a neighbour')}")
    triage.accept(data_request, by=olive, at=at)
    house.works(data_request)
    house.mails()
    code = data_request.secrets.filter(purpose=Purpose.DOWNLOAD).latest("pk").code
    session = downloads.begin(data_request, code=code, at=at).session
    for event, facts in (("package.downloaded", {}), ("package.resumed", {"first": 1, "last": 2})):
        downloads.transfer(session, event=event, at=at, **facts)
    downloads.transfer(session, event="package.file_taken", at=at, size=1)
    downloads.read(session, at=at)
    house.package = b"".join(delivery.content(session.package))
    delivery.open_for_post(data_request, by=olive, at=at)


def rectification(house: House) -> None:
    """One value wished changed, and changed meanwhile; another one that stays."""
    mark, at, olive = house.mark, house.clock(), house.olive
    account = Account.objects.get(email=house.email)
    data_request = house.proven(Kind.RECTIFICATION)
    for concept, old in (("family_name", account.family_name), ("city", account.city), ("statement", "")):
        wishes.wish(data_request, wishes=[Wish(concept, old, mark("another value"), mark("a wish"))], at=at)
    file = SimpleUploadedFile(mark("a name") + ".pdf", b"%PDF-1.7 " + mark("a proof").encode() + b"%%EOF")
    list(proofs.look(proofs.attach(data_request, file=file, at=at), by=olive, at=at))
    stays, changes_, added = data_request.corrections.order_by("concept")
    triage.decide_correction(added, accepted=True, by=olive, at=at)
    granted = {"value": mark("a value granted"), "reason": mark("a reason")}
    triage.decide_correction(stays, accepted=True, by=olive, at=at, **granted)
    mark.look()
    refused = {"accepted": False, "ground": "nothing-to-rectify", "instead_of": "in_part"}
    triage.decide_correction(stays, **refused, by=olive, at=at)
    for meanwhile in (mark("changed meanwhile"), account.family_name):
        Account.objects.filter(pk=account.pk).update(family_name=meanwhile)
        mark.look()
        triage.decide_correction(changes_, accepted=True, by=olive, at=at)
        triage.accept(data_request, by=olive, at=at)
        house.works(data_request)
    house.mails()
    restricting.lift(at=at)
    proofs.destroy(at=at)


def moving(house: House) -> None:
    """A new address confirmed and contested, another one in effect."""
    mark, clock = house.mark, house.clock
    for contests in (True, False):
        data_request = house.proven(Kind.RECTIFICATION)
        wishes.wish(data_request, wishes=[Wish("email", house.email, mark.address("a new address"))], at=clock())
        correction = data_request.corrections.get()
        triage.decide_correction(correction, accepted=True, by=house.olive, at=clock())
        triage.accept(data_request, by=house.olive, at=clock())
        addresses.confirm(data_request, code=_newest(data_request, Purpose.ADDRESS), at=clock())
        house.mails()
        if contests:
            addresses.contest(data_request, code=_newest(data_request, Purpose.OBJECT), at=clock())
            mark.look()
            triage.refuse(data_request, because="identity", by=house.olive, at=clock())
        addresses.release(at=clock.forward(hours=73))
        house.works(data_request)


def _newest(data_request: DataRequest, purpose: Purpose) -> str:
    return data_request.secrets.filter(purpose=purpose).latest("pk").code


def objection(house: House) -> None:
    house.works(house.proven(Kind.OBJECTION))


def other(house: House) -> None:
    """By post, about an article, answered by post."""
    mark, at, by = house.mark, house.clock(), house.olive
    typed = {"postal_address": mark("a postal address"), "message": mark("a message"), "about_article": _article(mark)}
    how = {"kind": Kind.OTHER, "channel": Channel.POST, "language": "fr", "received_at": at}
    data_request = intake.enter(by=by, at=at, **how, **typed)
    closing.answer(data_request, text=mark("an answer"), by=by, at=at)
    for notice in data_request.notices.all():
        closing.posted(notice, on=timezone.localdate(at), by=by, at=at)


def refusals(house: House) -> None:
    """On the advice of the officer for data protection, and for an identity that stayed in doubt."""
    mark, at, by = house.mark, house.clock(), house.olive
    asked = house.proven(Kind.ACCESS, scope={"comments": [mark("rows ticked")]})
    triage.refuse(asked, because="unfounded-or-excessive", advice=mark("an advice"), by=by, at=at)
    asked = house.proven(Kind.OTHER)
    identity.doubt(asked, reason=mark("a doubt"), by=by, at=at)
    triage.give_up(asked, by=by, at=at)


def article(house: House) -> None:
    mark, at, by = house.mark, house.clock(), house.olive
    data_request = house.proven(Kind.ERASURE, about_article=_article(mark))
    mark.look()
    triage.unroute(data_request, by=by, at=at)
    triage.route(data_request, article=_article(mark), by=by, at=at)
    closing.answer(data_request, text=mark("an editor's answer"), by=by, at=at)


def withdrawal(house: House) -> None:
    data_request = house.proven(Kind.ACCESS)
    wishes.choose_scope(data_request, scope={"comments": "*"}, at=house.clock())
    closing.withdraw(data_request, at=house.clock())


def erasure(house: House) -> None:
    """Its contract ended, sent back, approved, planned anew for a new comment, failed, retried; quoted by somebody."""
    at, olive, simone = house.clock(), house.olive, house.simone
    quoting = {"created_at": at, "article_url": "https://journal.example.org/1", "author_email": "bob@example.org"}
    Comment.objects.create(content=f"Demandez à {house.email}.", **quoting)
    house.mails()
    Subscription.objects.filter(account__email=house.email).update(ended_on=None)
    data_request = house.proven(Kind.ERASURE)
    house.works(triage.accept(data_request, by=olive, at=at))
    house.works(contracts.choose(data_request, ending=Ending.NOW, at=at))
    execution.send_back(data_request, by=simone, at=at)
    house.works(triage.accept(data_request, by=olive, at=at))
    for meanwhile in (True, False):
        plan = execution.current_plan(data_request)
        execution.approve(data_request, fingerprint=plan.fingerprint, by=simone, at=at)
        if meanwhile:
            filled(Comment, house.mark, at, account=Account.objects.get(email=house.email))
            house.mark.look()
        house.works(data_request)
    house.mark.look()
    Flooded.dry = True
    execution.retry(data_request.steps.get(status=Status.NEEDS_ATTENTION), by=olive, at=at)
    house.works(data_request)
    telling(house, data_request)
    certifying.show(data_request, by=olive, at=at)


def telling(house: House, data_request: DataRequest) -> None:
    """One recipient is told by letter, one by hand, one cannot be; those who were told reply."""
    mark, at, by = house.mark, house.clock(), house.olive
    on = timezone.localdate(at)
    by_hand = data_request.recipients.get(letter=None)
    lost, *_others = data_request.recipients.exclude(letter=None)
    recipients.told(by_hand, on=on, how=mark("how a recipient was told"), by=by, at=at)
    recipients.impossible(lost, because="gone", explanation=mark("why one was not told"), by=by, at=at)
    house.mails()
    execution.settle(data_request, at=at)
    for told in data_request.recipients.exclude(told_on=None):
        recipients.replied(told, on=on, reply=mark("a recipient's reply"), by=by, at=at)


def mailing_tool(house: House) -> None:
    """It asks whom not to write to, and somebody subscribes anew."""
    machine = staff(house.mark("a machine"), "mailing tools")
    suppressing.ask([house.email, house.mark.address("somebody on a list")], by=machine, at=house.clock())
    suppressing.lift(house.email, consented_at=house.clock.forward(days=1), by=machine, at=house.clock())


def expiry(house: House) -> None:
    house.asks(Kind.ACCESS, email=house.mark.address("a silent mailbox"))
    for days in (7, 7, 30):
        intake.chase(at=house.clock.forward(days=days))
        house.mails()
    delivery.expire(at=house.clock())
    copied = DataRequest.objects.filter(packages__destroyed_at__isnull=False).distinct().get()
    house.works(copies.ask(copied, at=house.clock()))


def looking(house: House) -> None:
    """An officer looks somebody up, an auditor looks into the log."""
    search = reverse("admin:dsr_datarequest_search")
    assert house.desk(house.olive).post(search, {"words": house.mark("what is searched for")}).status_code == 302
    page = reverse("admin:dsr_datarequest_change", args=[DataRequest.objects.first().pk])
    assert house.desk(house.olive).get(page).status_code == 200
    assert house.desk(house.remi).get(reverse("admin:dsr_auditentry_changelist")).status_code == 200


def review(house: House) -> None:
    """Two auditors: who looked into the log at night has a finding of their own, which another one marks."""
    opened, another = reviews.open_now(by=house.remi, at=house.clock()), staff(house.mark("another auditor"), AUDITORS)
    for finding in opened.findings.all():
        by = another if finding.actor == house.remi.reference else house.remi
        reviews.mark(finding, mark=Mark.FOLLOW_UP, note=house.mark("a note"), by=by, at=house.clock())
    reviews.sign(opened, by=house.remi, at=house.clock())


def log_kept(house: House) -> None:
    """A setting changes, the log is verified, published and mailed."""
    changes.note(at=house.clock())
    with override_settings(DSR_POSTAL_ADDRESS=house.mark("a setting")):
        changes.note(at=house.clock())
    for act in (keeping.verify, keeping.sequence, keeping.publish, keeping.mail):
        act(at=house.clock())


def restoration(house: House) -> None:
    """The database knows nothing of its ledger any more, in which one erasure had begun and never ended."""
    at = house.clock()
    LedgerEntry.objects.all().delete()
    name = book.new_name(book.Kind.INTENT, at=at)
    book.write(book.Record(name, book.Kind.INTENT, "DSR-7K4M-2QXP", at))
    restoring.look(at=at)
    replaying.replay(at=at)
    resurgences.settle(Resurgence.objects.get(), by=house.olive, at=at)
    comparing.compare(at=at)
    comparing.forget(at=house.clock.forward(days=62))


def forgetting(house: House) -> None:
    house.clock.forward(days=12 * 366)
    kept_lists.purge(now=house.clock)
    closing.forget(at=house.clock())


def _article(mark: Marks) -> str:
    return f"https://journal.example.org/{mark('an article')}"


REQUESTS = (
    access,
    rectification,
    objection,
    other,
    refusals,
    article,
    withdrawal,
    erasure,
    expiry,
    moving,
    mailing_tool,
)
ALL = (*REQUESTS, looking, review, restoration, forgetting, log_kept)
