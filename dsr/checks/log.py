"""The log's own safety: its guards stand in the database, the service does not own them, past keys are keys."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import OperationalError, connection, connections
from django.utils.translation import gettext as _

from dsr.audit import guards
from dsr.audit.note import NoteError, Verifier
from dsr.checks.declared import error, warning


@register("dsr")
def check_past_keys(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Whether each key that once signed the log can be read."""
    sentence = _("Ce n’est pas une clé de vérification « nom+empreinte+clé » : %(why)s.")
    return [
        error("E025", "DSR_LOG_PAST_KEYS", sentence % {"why": why})
        for why in map(_fault, settings.DSR_LOG_PAST_KEYS)
        if why
    ]


@register(Tags.database)
def check_guards(app_configs: Any, *, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The guards, and who could lift them; ``manage.py check --database default`` asks."""
    return [*unguarded(), *_owned()] if "default" in (databases or ()) else []


def unguarded() -> list[Error]:
    """Each guard that is not there, or is not what was put up; nothing where the database does not answer."""
    sentence = _(
        "Cette garde du journal manque dans la base : cherchez qui l’a levée ; « manage.py migrate » la remet."
    )
    try:
        return [error("E026", name, sentence) for name in guards.missing(connection)]
    except OperationalError:
        return []
    finally:
        if not connection.in_atomic_block:
            connection.close()  # a server that forks after this look must not hand its connection on


def _owned() -> list[CheckMessage]:
    sentence = _(
        "Le rôle du service possède cette table du journal et pourrait en lever les gardes : "
        "donnez-la à un autre rôle, celui de DSR_OWNER_DATABASE_URL (docs/operations.md)."
    )
    return [warning("W004", table, sentence) for table in guards.owned(connections["default"])]


def _fault(text: str) -> str:
    try:
        Verifier.parse(text)
    except NoteError as fault:
        return str(fault)
    return ""
