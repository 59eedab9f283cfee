"""The letter to a recipient of the data (GDPR Art. 19): what was corrected or erased, and, once sent, of whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dsr import deadlines, keys
from dsr.audit import log
from dsr.models.notice import Notice
from dsr.models.recipient import RecipientNotice
from dsr.models.request import DataRequest
from dsr.notifications.writing import write
from dsr.sources.activities import Text
from dsr.sources.base import Change, Identifier
from dsr.states import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LETTER: Final = "recipient"
READER_MARK: Final = "⟦lecteur⟧"
IDENTIFIERS: Final[dict[str, "StrPromise"]] = {
    "email": _("Adresse électronique"),
    "account": _("Numéro de compte"),
    "subscriber": _("Numéro d’abonné"),
}


class UnreadableParticularsError(ValueError):
    """What finds the reader cannot be read again: the service key has changed."""


def recipient(data_request: DataRequest, *, to: str, sources: Sequence[Text], at: datetime) -> Notice:
    """What we corrected or erased, and that the recipient has to do the same; a mark stands where the reader is named.

    In the newspaper's language: it goes to a firm, not to the reader.
    """
    context = {"erased": data_request.kind == Kind.ERASURE, "sources": sources, "reader": READER_MARK}
    return write(data_request, LETTER, at=at, context=context, to=to, language=settings.LANGUAGE_CODE)


def particulars(identifiers: Iterable[Identifier], changes: Iterable[tuple[Text, Change]]) -> str:
    """What a recipient needs to find the reader, and what became of each value, one a line."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = [
            gettext("%(what)s : %(value)s") % {"what": IDENTIFIERS.get(each.kind, each.kind), "value": each.value}
            for each in sorted(identifiers)
        ]
        lines += [
            gettext("%(what)s : « %(old)s » devient « %(new)s »")
            % {"what": label, "old": change.old or gettext("vide"), "new": change.new or gettext("vide")}
            for label, change in changes
        ]
    return "\n".join(lines)


def seal(row: RecipientNotice, text: str) -> None:
    """Encrypt what finds the reader, tied to this request and this recipient."""
    row.sealed = keys.seal("recipients", text.encode(), tied_to=_place(row))


def opened(row: RecipientNotice) -> str:
    """What finds the reader; empty once settled. Raises UnreadableParticularsError."""
    if row.sealed is None:
        return ""
    try:
        return keys.unseal("recipients", row.sealed, tied_to=_place(row)).decode()
    except InvalidTag as error:
        raise UnreadableParticularsError from error


def of_letter(notice: Notice) -> RecipientNotice | None:
    """The task a letter belongs to; None for a letter to the reader."""
    if notice.letter != LETTER:
        return None
    return RecipientNotice.objects.select_related("data_request").filter(letter=notice).first()


def filled(notice: Notice, text: str, html: str) -> tuple[str, str]:
    """The text and the HTML of a letter as it is sent, with what finds the reader; others as they are."""
    task = of_letter(notice)
    if task is None:
        return text, html
    found_by = opened(task)
    return text.replace(READER_MARK, found_by), html.replace(READER_MARK, escape(found_by).replace("\n", "<br>"))


def mark_told(notice: Notice, *, at: datetime) -> None:
    """The letter left: the proof that the recipient was told; what finds the reader is destroyed."""
    row = of_letter(notice)
    told = {"settled_at": at, "settled_by": log.SYSTEM, "told_on": deadlines.receipt_day(at), "sealed": None}
    if row and RecipientNotice.objects.waiting().filter(pk=row.pk).update(**told):
        facts: dict[str, log.Fact] = {"recipient": row.recipient, "by_hand": False}
        log.record("recipient.told", about=notice.data_request, by=log.SYSTEM, at=at, facts=facts)


def _place(row: RecipientNotice) -> str:
    return f"{row.data_request.reference} {row.recipient}"
