"""Writing a letter down: three templates in the reader's language, saved in the transaction that causes it."""

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dsr import deadlines
from dsr.models import prepared
from dsr.models.correction import Restriction
from dsr.models.identity import Purpose, Secret
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.states import LEGAL_BASIS, Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_NEW = prepared.Insert(Notice)

CODE_MARK: Final = "⟦code⟧"
LINK_MARK: Final = "⟦link⟧"

PAGES: Final[dict[str, str]] = {Purpose.ADDRESS: "nouvelle-adresse/", Purpose.OBJECT: "pas-moi/"}

CNIL_ADDRESS: Final = "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07"
CNIL_PAGE: Final = "www.cnil.fr/plaintes"

ASKED: Final[dict[Kind, "StrPromise"]] = {
    Kind.ACCESS: _("accès à vos données"),
    Kind.RECTIFICATION: _("rectification de vos données"),
    Kind.ERASURE: _("effacement de vos données"),
    Kind.OBJECTION: _("ne plus recevoir nos messages"),
    Kind.OTHER: _("autre demande sur vos données"),
}


def write(
    data_request: DataRequest,
    letter: str,
    *,
    at: datetime,
    context: Mapping[str, Any],
    secret: Secret | None = None,
    answers: bool = False,
    to: str = "",
    language: str = "",
) -> Notice:
    """Save ``letter`` as it reads on that day; by post when the request has no mailbox; ``to`` is another one.

    ``answers`` marks the letter that stops the clock once it is sent; written too late, it says so itself.
    ``language`` is that of somebody else than the reader.
    """
    language = language or data_request.language
    with translation.override(language):
        common = _common(data_request, at=at, secret=secret, answers=answers)
        values = {**common, "language": language, **context}
        values["subject"] = re.sub(r"[ \t\r\n]+", " ", _render(f"{letter}.subject.txt", values)).strip()
        notice = Notice(
            data_request=data_request,
            letter=letter,
            answers=answers,
            by_post=not (to or data_request.email),
            to=to or data_request.email,
            subject=values["subject"],
            text=_tidy(_render(f"{letter}.txt", values)),
            html=_render(f"{letter}.html", values, autoescape=True),
            secret=secret,
            message_id=_message_id(),
            created_at=at,
        )
    return _NEW(notice)


def page(data_request: DataRequest, purpose: str = "") -> str:
    """The address of the reader's page where a secret of that purpose is typed, without any secret."""
    return f"{settings.DSR_SITE_URL}/demande/{data_request.reference}/{PAGES.get(purpose, '')}"


def due_on(data_request: DataRequest) -> date:
    """The last day to answer; the unsuspended one when none is set."""
    return data_request.due_on or data_request.unsuspended_due_on


def asked(data_request: DataRequest) -> dict[str, "StrPromise | str"]:
    """What was asked, in words, and the articles it rests on whatever article the reader named."""
    kind = Kind(data_request.kind)
    return {"what": ASKED[kind], "basis": LEGAL_BASIS[kind]}


def quoted(text: str) -> str:
    """Words somebody typed, unable to pass for the place of a secret."""
    return text.replace("⟦", "[").replace("⟧", "]").strip()


def unstopped(sentence: "StrPromise | str") -> str:
    """A sentence without its full stop, to be carried on by another; in the language of the moment when it is lazy."""
    return lazy(lambda: str(sentence).rstrip(". "), str)()


def _day_in_words(day: date) -> str:
    written = date_format(day, "j F Y")
    return f"1er{written[1:]}" if day.day == 1 and translation.get_language() == "fr" else written


def _instant_in_words(instant: datetime) -> str:
    local = instant.astimezone(deadlines.PARIS)
    return gettext("%(day)s à %(hour)s h %(minute)s (heure de Paris)") % {
        "day": _day_in_words(local.date()),
        "hour": local.hour,
        "minute": f"{local:%M}",
    }


in_words = lazy(_day_in_words, str)
instant_in_words = lazy(_instant_in_words, str)


def _common(data_request: DataRequest, *, at: datetime, secret: Secret | None, answers: bool) -> dict[str, Any]:
    """What every letter may say: who writes, to whom, about what, since when, and how late."""
    return {
        **asked(data_request),
        "language": data_request.language,
        "reference": data_request.reference,
        "kind": data_request.kind,
        "channel": data_request.get_channel_display(),
        "typed_in": data_request.entered_by_id is not None,
        "received_on": in_words(data_request.received_on),
        "due_on": in_words(due_on(data_request)),
        "written_on": in_words(deadlines.receipt_day(at)),
        "days_late": days_late(data_request, at) if answers else 0,
        "restricted": answers and _is_restricted(data_request),
        "by_post": not data_request.email,
        "reader_address": quoted(data_request.postal_address),
        "page": page(data_request, secret.purpose if secret else ""),
        "link": LINK_MARK if secret else page(data_request),
        "code": CODE_MARK if secret else "",
        "valid_until": instant_in_words(secret.expires_at) if secret else "",
        "newspaper": settings.DSR_NEWSPAPER_NAME,
        "form_page": f"{settings.DSR_SITE_URL}/demande/",
        "privacy_page": f"{settings.DSR_SITE_URL}/confidentialite/",
        "dpo_email": settings.DSR_DPO_EMAIL,
        "postal_address": settings.DSR_POSTAL_ADDRESS,
        "cnil": f"{CNIL_ADDRESS}, {CNIL_PAGE}",
        "cnil_linked": format_html('{}, <a href="https://{}">{}</a>', CNIL_ADDRESS, CNIL_PAGE, CNIL_PAGE),
    }


def days_late(data_request: DataRequest, at: datetime) -> int:
    """Days after the last day; none while a doubt on identity holds the clock."""
    return 0 if data_request.is_suspended else deadlines.days_late(due_on(data_request), at)


def _is_restricted(data_request: DataRequest) -> bool:
    """Whether contested data are marked: the answer says that they will be no more before it happens (Art. 18(3))."""
    if data_request.kind != Kind.RECTIFICATION:
        return False
    return Restriction.objects.filter(correction__data_request=data_request).exists()


def _render(name: str, values: Mapping[str, Any], *, autoescape: bool = False) -> str:
    template = Engine.get_default().get_template(f"dsr/letters/{name}")
    return template.render(Context(values, autoescape=autoescape))


def _tidy(text: str) -> str:
    """Plain text without the blank lines that template tags leave behind."""
    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", text).strip() + "\n"


def _message_id() -> str:
    """A Message-ID (RFC 5322) drawn once for the letter, so that a second sending is seen as the same one."""
    return f"<{secrets.token_hex(16)}@{urlsplit(settings.DSR_SITE_URL).hostname}>"
