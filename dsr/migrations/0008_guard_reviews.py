"""Triggers over the reviews too; see ``dsr.audit.guards``."""

from django.db import migrations

from dsr.audit import guards


def install(apps, schema_editor):
    """Put up the guards of the tables that came after the first ones."""
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("dsr", "0007_auditors_sign")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
