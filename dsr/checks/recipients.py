"""The recipients of each activity: named, told in exactly one way, and the same under the same code everywhere."""

import re
from collections.abc import Iterator
from typing import Any, Final

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from dsr.checks.declared import declared, error
from dsr.sources.activities import Activity, Recipient

CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")


@register("dsr")
def check_recipients(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Whether a correction or an erasure could be told to each recipient of each activity (GDPR Art. 19)."""
    messages: list[CheckMessage] = []
    known: dict[str, Recipient] = {}
    for each in declared()[0]:
        if isinstance(each.source.activity, Activity):
            messages += _faults(f"{each.path}.activity.recipients", each.source.activity, known)
    return messages


def _faults(about: str, activity: Activity, known: dict[str, Recipient]) -> Iterator[Error]:
    if not activity.recipients:
        yield error("E030", about, _("Nommez les destinataires un par un, fût-ce votre propre service."))
    for recipient in activity.recipients:
        if not isinstance(recipient, Recipient):
            yield error("E030", about, _("Un destinataire est un dsr.sources.activities.Recipient, non un texte."))
            continue
        named = _("Destinataire « %(code)s » : %(fault)s")
        for fault in _own(recipient):
            yield error("E030", about, named % {"code": recipient.code, "fault": fault})
        if known.setdefault(recipient.code, recipient) != recipient:
            fault = _("une autre activité le décrit autrement ; donnez la même valeur aux deux.")
            yield error("E030", about, named % {"code": recipient.code, "fault": fault})


def _own(recipient: Recipient) -> Iterator[str]:
    if not CODE.match(recipient.code):
        yield _("un code a des minuscules, des chiffres et « - », 64 signes au plus, sans accent.")
    if not str(recipient.name).strip():
        yield _("nommez-le : le lecteur doit savoir qui reçoit ses données.")
    ways = [way for way in (recipient.email, recipient.by_hand, recipient.not_told) if str(way).strip()]
    if len(ways) != 1:
        yield _("dites comment le prévenir, d’une seule façon : email, by_hand, ou not_told et pourquoi.")
    if recipient.email:
        try:
            validate_email(recipient.email)
        except ValidationError:
            yield _("son adresse électronique n’en est pas une.")
