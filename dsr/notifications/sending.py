"""Sending a letter: claimed by one worker at a time, mailed at least once, marked once; or printed for the post."""

import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext

from dsr.audit import log
from dsr.models import prepared
from dsr.models.identity import Secret
from dsr.models.notice import SUPERSEDED, Notice, NoticeQuerySet
from dsr.models.prepared import given
from dsr.models.request import DataRequest
from dsr.notifications import onward
from dsr.notifications.writing import CODE_MARK, LINK_MARK, days_late, page

RETRY_MINUTES: Final = (1, 5, 15, 60)
ONLY_A_CODE: Final = frozenset({"code", "reminder"})  # letters that say nothing once their code is dead
PERMANENT: Final = 500  # the first of the replies by which an SMTP server says never
HEADERS: Final = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}  # RFC 3834; its Exchange twin

Clock = Callable[[], datetime]

_CLAIM = prepared.Update(
    lambda: Notice.objects.claimable(given("at")).filter(pk=given("notice")),
    attempts=F("attempts") + 1,
    lease_until=given("lease_until"),
)
_NOTICE = prepared.Rows(lambda: Notice.objects.filter(pk=given("notice")))
_REQUEST = prepared.Rows(lambda: DataRequest.objects.filter(pk=given("request")))
_SECRET = prepared.Rows(lambda: Secret.objects.filter(pk=given("secret")))
_LIVE = prepared.Exists(lambda: Secret.objects.live(given("at")).filter(pk=given("secret")))
_LOCKED = prepared.Exists(lambda: DataRequest.objects.select_for_update(no_key=True).filter(pk=given("request")))
_SENT = prepared.Update(
    lambda: _unsent(given("notice"), given("token")), sent_at=given("at"), lease_until=None, failure=""
)


def deliver(notice_id: int, *, now: Clock) -> bool:
    """Mail one notice if nobody else holds it; True when this call sent it and marked it sent.

    A worker that dies after sending leaves the notice to be sent again, with the same Message-ID. One whose lease ran
    out while it was sending writes nothing: the notice has become another worker's.
    """
    notice = _claim(notice_id, at=now())
    if notice is None:
        return False
    if _is_superseded(notice, at=now()):
        _held(notice).update(failure=SUPERSEDED, lease_until=None)
        return False
    if notice.attempts > settings.DSR_MAX_ATTEMPTS and not notice.failure:
        _fail(notice, "interrupted", permanent=True, at=now())  # every worker that held it died
        return False
    try:
        _message(notice, at=now()).send()
    except (OSError, ValueError) as error:
        code, permanent = _diagnosis(error)
        _fail(notice, code, permanent=permanent, at=now())
        return False
    return _mark_sent(notice, at=now())


def send_again(notice: Notice, *, at: datetime) -> bool:
    """Give one more try to a notice that needs attention; False when it does not."""
    waiting = Notice.objects.filter(pk=notice.pk, needs_attention=True, sent_at=None, by_post=False)
    return bool(waiting.update(needs_attention=False, lease_until=at))


def as_printed(notice: Notice) -> str:
    """The letter as HTML to print and post, its secrets filled in."""
    secret = notice.secret
    live = secret is not None and secret.used_at is None and secret.revoked_at is None
    return _filled(notice, live=live)[1]


def lateness(notice: Notice, *, at: datetime) -> dict[str, log.Fact]:
    """The fact of an answer that leaves after the last day: by how many days; nothing for any other letter."""
    late = days_late(notice.data_request, at) if notice.answers else 0
    return {"days_late": late} if late else {}


def _claim(notice_id: int, *, at: datetime) -> Notice | None:
    """Take the notice and its fencing token, ``attempts``, in one conditional update."""
    with transaction.atomic():
        lease = timedelta(seconds=settings.DSR_LEASE_SECONDS)
        if not _CLAIM(notice=notice_id, at=at, lease_until=at + lease):
            return None
        notice = _NOTICE.get(notice=notice_id)
        notice.data_request = _REQUEST.get(request=notice.data_request_id)
        notice.secret = _SECRET.get(secret=notice.secret_id) if notice.secret_id else None
        return notice


def _is_superseded(notice: Notice, *, at: datetime) -> bool:
    """Whether the letter is nothing but a code that opens nothing any more; a fresh one is asked for on the page.

    So is one to a recipient of the data whom staff have told otherwise since.
    """
    task = onward.of_letter(notice)
    return bool(task and task.settled_at) or (notice.letter in ONLY_A_CODE and not _is_live(notice, at=at))


def _is_live(notice: Notice, *, at: datetime) -> bool:
    return notice.secret_id is not None and _LIVE(secret=notice.secret_id, at=at)


def _message(notice: Notice, *, at: datetime) -> EmailMultiAlternatives:
    text, html = onward.filled(notice, *_filled(notice, live=_is_live(notice, at=at)))
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        notice.subject,
        text,
        formataddr((name or settings.DSR_NEWSPAPER_NAME, address)),
        [notice.to],
        reply_to=[settings.DSR_DPO_EMAIL],
        headers={**HEADERS, "Message-ID": notice.message_id},
    )
    message.attach_alternative(html, "text/html")
    return message


def _filled(notice: Notice, *, live: bool) -> tuple[str, str]:
    """The text and the HTML with their secrets; a dead code gives way to words that say where to ask for another."""
    purpose = notice.secret.purpose if notice.secret else ""
    code, link = _words_for_a_dead_code(notice), page(notice.data_request, purpose)
    if live and notice.secret:
        code, link = notice.secret.code, f"{link}#{notice.secret.token}"
    text = notice.text.replace(CODE_MARK, code).replace(LINK_MARK, link)
    return text, notice.html.replace(CODE_MARK, escape(code)).replace(LINK_MARK, escape(link))


def _words_for_a_dead_code(notice: Notice) -> str:
    with translation.override(notice.data_request.language):
        return gettext("il a expiré ; demandez-en un nouveau sur la page de votre demande")


def _diagnosis(error: OSError | ValueError) -> tuple[str, bool]:
    """A code without any address, and whether trying again is useless (RFC 5321, section 4.2.1)."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            status = max(code for code, _text in recipients.values())
            return f"smtp-{status}", status >= PERMANENT
        case smtplib.SMTPResponseException(smtp_code=status):
            return f"smtp-{status}", isinstance(error, smtplib.SMTPDataError) and status >= PERMANENT
        case ValueError() | smtplib.SMTPNotSupportedError():
            return "unsendable", True
    return "unreachable", False


def _fail(notice: Notice, code: str, *, permanent: bool, at: datetime) -> None:
    """Try again later, a little later each time; after the last try, or when none can help, ask for a person's eye."""
    if not permanent and notice.attempts < settings.DSR_MAX_ATTEMPTS:
        minutes = RETRY_MINUTES[min(notice.attempts, len(RETRY_MINUTES)) - 1]
        _held(notice).update(failure=code, lease_until=at + timedelta(minutes=minutes))
        return
    with transaction.atomic():
        if _lock_request(notice) and _held(notice).update(failure=code, needs_attention=True, lease_until=None):
            facts: dict[str, log.Fact] = {"letter": notice.letter, "attempts": notice.attempts}
            log.record("notice.failed", about=notice.data_request, by=log.SYSTEM, at=at, facts=facts)


def _mark_sent(notice: Notice, *, at: datetime) -> bool:
    """Mark the letter sent, and the clock stopped when it answers."""
    with transaction.atomic():
        if not _lock_request(notice) or not _SENT(notice=notice.pk, token=notice.attempts, at=at):
            return False
        facts: dict[str, log.Fact] = {"letter": notice.letter, "by_post": False, **lateness(notice, at=at)}
        log.record("notice.sent", about=notice.data_request, by=log.SYSTEM, at=at, facts=facts)
        onward.mark_told(notice, at=at)
        if notice.answers:
            DataRequest.objects.filter(pk=notice.data_request_id, answer_sent_at=None).update(answer_sent_at=at)
        return True


def _lock_request(notice: Notice) -> bool:
    """Lock the request before its notice, in the order lifecycle verbs do; False when it was forgotten meanwhile."""
    return _LOCKED(request=notice.data_request_id)


def _held(notice: Notice) -> NoticeQuerySet:
    """The notice as long as it is ours: unsent, and taken by nobody since."""
    return _unsent(notice.pk, notice.attempts)


def _unsent(notice_id: int, token: int) -> NoticeQuerySet:
    return Notice.objects.filter(pk=notice_id, attempts=token, sent_at=None)
