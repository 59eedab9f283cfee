"""Tables that no model describes, and that know a reader all the same; asked of a database that is there."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from dsr.checks.declared import of_models, warning
from dsr.checks.tables import exemptions, installed
from dsr.sources.inspecting import email_like


@register(Tags.database)
def check_databases(app_configs: Any, *, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Which of those tables nobody exempted; ``manage.py check --database <alias>`` asks."""
    return [message for alias in databases or () for message in _unknown(alias)]


def _unknown(alias: str) -> Iterator[CheckMessage]:
    connection = connections[alias]
    described = {model._meta.db_table for model in installed()}
    claimed = {source.model._meta.db_table for _path, source in of_models() if source.alias == alias}
    for table in connection.introspection.table_names():
        link = "" if table in described or f"{alias}:{table}" in exemptions() else _link(connection, table, claimed)
        if link:
            sentence = _(
                "Cette table connaît des lecteurs (%(link)s) et aucun modèle ne la décrit : écrivez sa source "
                "(manage.py draft_source %(table)s --database %(alias)s), ou dites pourquoi dans DSR_EXEMPT_TABLES."
            )
            said = sentence % {"link": link, "table": table, "alias": alias}
            yield warning("W003", f"{alias}:{table}", said)


def _link(connection: BaseDatabaseWrapper, table: str, claimed: set[str]) -> str:
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
        relations = connection.introspection.get_relations(cursor, table)
    named = [column.name for column in columns if email_like(column.name)]
    pointing = [column for column, (_theirs, other) in relations.items() if other in claimed]
    return next(iter([*named, *pointing]), "")
