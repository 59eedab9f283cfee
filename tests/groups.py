"""The groups of staff, given back to a database that an earlier test has flushed."""

from importlib import import_module

from django.apps import apps
from django.db import connection


def give_groups_back() -> None:
    """Make the groups as the migrations do."""
    editor = connection.schema_editor()
    import_module("dsr.migrations.0002_staff_groups").make_groups(apps, editor)
    import_module("dsr.migrations.0007_auditors_sign").allow(apps, editor)
    import_module("dsr.migrations.0013_mailing_tools").allow(apps, editor)
