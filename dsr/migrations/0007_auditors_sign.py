"""Auditors see reviews and sign them."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

PERMISSIONS = ["view_review", "sign_review"]


def allow(apps, schema_editor):
    """Create the permissions first: Django makes them only after all migrations."""
    create_permissions(installed.get_app_config("dsr"), verbosity=0, using=schema_editor.connection.alias)
    auditors, _ = apps.get_model("auth", "Group").objects.get_or_create(name="auditors")
    auditors.permissions.add(*_permissions(apps))


def disallow(apps, schema_editor):
    """Take them from the group again."""
    for auditors in apps.get_model("auth", "Group").objects.filter(name="auditors"):
        auditors.permissions.remove(*_permissions(apps))


def _permissions(apps):
    permissions = apps.get_model("auth", "Permission").objects
    return permissions.filter(content_type__app_label="dsr", codename__in=PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [("dsr", "0006_reviews"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(allow, disallow)]
