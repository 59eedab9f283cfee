"""The three groups of staff and what each may do."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "officers": ["view_datarequest", "add_datarequest", "decide_datarequest"],
    "approvers": ["view_datarequest", "approve_erasure"],
    "auditors": ["view_auditentry"],
}


def make_groups(apps, schema_editor):
    """Create the permissions first: Django makes them only after all migrations."""
    create_permissions(installed.get_app_config("dsr"), verbosity=0, using=schema_editor.connection.alias)
    for name, codenames in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        permissions = apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label="dsr", codename__in=codenames
        )
        group.permissions.set(permissions)


def remove_groups(apps, schema_editor):
    """Remove the groups; the permissions stay Django's."""
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [("dsr", "0001_the_tables"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(make_groups, remove_groups)]
