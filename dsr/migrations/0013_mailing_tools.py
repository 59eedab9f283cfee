"""The mailing tool's account may ask the suppression list, lift an objection, and nothing else."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUP = "mailing tools"


def allow(apps, schema_editor):
    """Create the permission first: Django makes it only after all migrations."""
    create_permissions(installed.get_app_config("dsr"), verbosity=0, using=schema_editor.connection.alias)
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    group.permissions.add(*_permission(apps))


def disallow(apps, schema_editor):
    """Take the group away; the permission stays Django's."""
    apps.get_model("auth", "Group").objects.filter(name=GROUP).delete()


def _permission(apps):
    permissions = apps.get_model("auth", "Permission").objects
    return permissions.filter(content_type__app_label="dsr", codename="use_suppression")


class Migration(migrations.Migration):
    dependencies = [("dsr", "0012_suppressions"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(allow, disallow)]
