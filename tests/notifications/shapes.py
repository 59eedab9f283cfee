"""Every letter in every shape it takes, and how a person reads one."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta

from django.utils.html import strip_tags

from dsr import notifications
from dsr.models.correction import Correction, Decision
from dsr.models.erasure import Kept
from dsr.models.identity import Purpose, Question, Secret
from dsr.models.notice import Notice
from dsr.models.package import Package
from dsr.models.recipient import RecipientNotice, Untold
from dsr.models.request import DataRequest
from dsr.models.staff import Staff
from dsr.models.verification import Certificate, Mention
from dsr.states import Kind
from tests.notifications.conftest import IN_TIME, LATE

Writes = Callable[[DataRequest], Notice]


def words(text: str) -> str:
    """Text whose white space does not count; no-break spaces do."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def seen(notice: Notice) -> str:
    """What a person reads of the HTML."""
    return words(html.unescape(strip_tags(re.sub(r"(?s)<style>.*?</style>", "", notice.html))))


def question(data_request: DataRequest, about: Question.About, **more: object) -> Question:
    """Olive's one open question; saved, so that the clock may be held."""
    data_request.questions.all().delete()
    olive, _new = Staff.objects.get_or_create(username="olive")
    facts = {"about": about, "reason": "deux comptes portent votre nom.", "asked_at": IN_TIME, "asked_by": olive}
    return Question.objects.create(data_request=data_request, **{**facts, **more})


def kept(data_request: DataRequest, **changes: object) -> Kept:
    """Three invoices, until the end of 2035."""
    facts = {"source": "invoices", "ground": "COMPTA", "until": date(2035, 12, 31), "rows": 3}
    return Kept(data_request=data_request, **{**facts, **changes})


def left(data_request: DataRequest) -> list[Mention]:
    """One mention in a report, two in comments; and a certificate to name."""
    Certificate.objects.get_or_create(data_request=data_request, defaults={"note": "", "made_at": IN_TIME})
    sources = ("reports", "comments", "comments")
    return [Mention(data_request=data_request, source=source, reason="expression") for source in sources]


def package(data_request: DataRequest) -> Package:
    return Package(data_request=data_request, expires_at=IN_TIME + timedelta(days=30))


def drawn(data_request: DataRequest, purpose: Purpose = Purpose.CONFIRM) -> Secret:
    return Secret.draw(data_request, purpose, at=IN_TIME, expires_at=IN_TIME + timedelta(days=7))


def corrected(data_request: DataRequest) -> DataRequest:
    for concept, decision, more in [
        ("family_name", Decision.ACCEPTED, {}),
        ("city", Decision.IN_PART, {"reason": "La graphie officielle."}),
        ("phone", Decision.REFUSED, {"ground": "nothing-to-rectify"}),
    ]:
        made = Correction.objects.create(data_request=data_request, concept=concept, decision=decision, **more)
        made.restrictions.create(source="accounts", field=concept, key="1", since=IN_TIME)
    return data_request


def with_recipients(data_request: DataRequest) -> DataRequest:
    """One recipient was told, another could not be."""
    RecipientNotice.objects.create(
        data_request=data_request, recipient="banque", created_at=IN_TIME, settled_at=IN_TIME, told_on=IN_TIME.date()
    )
    RecipientNotice.objects.create(
        data_request=data_request,
        recipient="porteur",
        created_at=IN_TIME,
        settled_at=IN_TIME,
        untold=Untold.GONE,
        explanation="Liquidée en 2024.",
    )
    return data_request


def to_a_recipient(data_request: DataRequest, kind: Kind) -> Notice:
    data_request.kind = kind
    return notifications.recipient(data_request, to="banque@example.org", sources=["Factures"], at=IN_TIME)


SHAPES: dict[str, Writes] = {
    "acknowledgement": lambda r: notifications.acknowledgement(r, secret=drawn(r), at=IN_TIME),
    "acknowledgement, several": lambda r: notifications.acknowledgement(r, secret=drawn(r), others=[r], at=IN_TIME),
    "reminder": lambda r: notifications.reminder(r, secret=drawn(r), number=1, at=IN_TIME),
    "reminder, last": lambda r: notifications.reminder(r, secret=drawn(r), number=2, at=IN_TIME),
    "entered": lambda r: notifications.entered(r, at=IN_TIME),
    "code, confirm": lambda r: notifications.code(r, secret=drawn(r), at=IN_TIME),
    "code, follow": lambda r: notifications.code(r, secret=drawn(r, Purpose.FOLLOW), at=IN_TIME),
    "code, download": lambda r: notifications.code(r, secret=drawn(r, Purpose.DOWNLOAD), at=IN_TIME),
    "confirmed": lambda r: notifications.confirmed(r, at=IN_TIME),
    "joined": lambda r: notifications.joined(r, first=r, at=IN_TIME),
    "question, identity": lambda r: notifications.question(
        r, question=question(r, Question.About.IDENTITY), at=IN_TIME
    ),
    "question, contestable": lambda r: notifications.question(
        r, question=question(r, Question.About.IDENTITY, contestable=True), at=IN_TIME
    ),
    "question, precision": lambda r: notifications.question(
        r, question=question(r, Question.About.PRECISION), at=IN_TIME
    ),
    "extension": lambda r: notifications.extension(r, at=IN_TIME),
    "refusal": lambda r: notifications.refusal(r, because="right-not-applicable", at=IN_TIME),
    "refusal, identity": lambda r: notifications.refusal(r, because="identity", at=IN_TIME),
    "refusal, journalism": lambda r: notifications.refusal(r, because="journalism", at=LATE),
    "contract": lambda r: notifications.contract(
        r, sources=["subscriptions", "accounts"], until=date(2026, 9, 23), at=IN_TIME
    ),
    "contract, no time": lambda r: notifications.contract(r, sources=["subscriptions"], until=None, at=LATE),
    "withdrawn": lambda r: notifications.withdrawn(r, at=IN_TIME),
    "expired": lambda r: notifications.expired(r, at=IN_TIME),
    "expired, with others": lambda r: notifications.expired(r, others=[r], at=IN_TIME),
    "expired, late": lambda r: notifications.expired(r, at=LATE - timedelta(days=3)),
    "package_ready": lambda r: notifications.package_ready(
        r, package=package(r), secret=drawn(r, Purpose.DOWNLOAD), rows=4, at=IN_TIME
    ),
    "package_ready, nothing": lambda r: notifications.package_ready(
        r, package=package(r), secret=None, rows=0, at=IN_TIME
    ),
    "address_new": lambda r: notifications.address_new(
        r, to="new@example.org", secret=drawn(r, Purpose.ADDRESS), at=IN_TIME
    ),
    "address_old": lambda r: notifications.address_old(
        r, to="old@example.org", secret=drawn(r, Purpose.OBJECT), at=IN_TIME
    ),
    "package_again": lambda r: notifications.package_again(
        r, package=package(r), secret=drawn(r, Purpose.DOWNLOAD), at=IN_TIME
    ),
    "rectified, nothing": lambda r: notifications.rectified(r, at=IN_TIME),
    "rectified": lambda r: notifications.rectified(corrected(r), at=IN_TIME),
    "erased": lambda r: notifications.erased(
        r,
        kept=[kept(r), kept(r, until=date(2034, 12, 31), rows=1), kept(r, ground="PRESSE", until=None, rows=1)],
        at=LATE,
    ),
    "erased, recipients": lambda r: notifications.erased(with_recipients(r), kept=[], at=IN_TIME),
    "recipient, erased": lambda r: to_a_recipient(r, Kind.ERASURE),
    "recipient, corrected": lambda r: to_a_recipient(r, Kind.RECTIFICATION),
    "erased, nothing": lambda r: notifications.erased(r, kept=[], nothing_found=True, at=IN_TIME),
    "erased, mentions left": lambda r: notifications.erased(r, kept=[kept(r)], left=left(r), at=IN_TIME),
    "objection_done": lambda r: notifications.objection_done(r, at=IN_TIME),
    "answered": lambda r: notifications.answered(r, at=IN_TIME),
}
