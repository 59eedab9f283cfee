"""``manage.py migrate``: as the owner of the tables, who then sees to the log's guards and the service's rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from environs import Env

from dsr.audit import guards

CONNECTING = ("HOST", "PORT", "USER", "PASSWORD", "OPTIONS")


class Command(migrate.Command):
    """Django's own, run with ``DSR_OWNER_DATABASE_URL`` where there is one (PostgreSQL)."""

    def handle(self, *args: Any, **options: Any) -> Any:
        """Migrate, put up guards that were lost, and grant the service's role what it needs and no more."""
        if options["database"] != "default":
            return super().handle(*args, **options)
        service = connections["default"].settings_dict["USER"]
        with _as_owner():
            outcome = super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                self._see_to_the_log(service)
        return outcome

    def _see_to_the_log(self, service: str) -> None:
        connection = connections["default"]
        if ("dsr", "0008_guard_reviews") not in MigrationRecorder(connection).applied_migrations():
            return
        if lost := guards.missing(connection):
            guards.install(connection)
            self.stderr.write(f"the log's guards were not all there, and are put up again: {', '.join(lost)}")
        if settings.DSR_OWNER_DATABASE_URL:
            guards.grant(connection, service)


@contextmanager
def _as_owner() -> Iterator[None]:
    """The default connection is the owner's meanwhile, where there is one."""
    if not settings.DSR_OWNER_DATABASE_URL:
        yield
        return
    connection, owner = connections["default"], Env().dj_db_url("DSR_OWNER_DATABASE_URL")
    before = connection.settings_dict
    connection.close()
    connection.settings_dict = {
        **before,
        **{name: owner[name] for name in CONNECTING if name in owner},
    }
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before
