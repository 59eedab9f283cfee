"""Triggers that keep the log append-only, whoever writes; see ``dsr.audit.guards``."""

from django.db import migrations

from dsr.audit import guards


def install(apps, schema_editor):
    """Put every guard up."""
    guards.install(schema_editor.connection)


def lift(apps, schema_editor):
    """Take every guard down."""
    guards.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("dsr", "0004_the_tree")]

    operations = [migrations.RunPython(install, lift)]
