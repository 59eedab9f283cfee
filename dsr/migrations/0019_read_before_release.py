"""Copies still being made are screened before their packing, and read after it."""

from django.db import migrations

FINISHED = ["done", "cancelled"]


def add_steps(apps, schema_editor):
    """Give each copy under way the two steps around its packing."""
    alias = schema_editor.connection.alias
    steps = apps.get_model("dsr", "Step").objects.using(alias)
    under_way = steps.filter(action="pack").exclude(status__in=FINISHED)
    for packing in list(under_way):
        for action, stage in (("screen", 1), ("read", 3)):
            created = {"data_request_id": packing.data_request_id, "action": action}
            steps.create(stage=stage, created_at=packing.created_at, **created)
    under_way.update(stage=2)


def take_steps_away(apps, schema_editor):
    """Take the two steps away; nobody has to read any more."""
    steps = apps.get_model("dsr", "Step").objects.using(schema_editor.connection.alias)
    steps.filter(action__in=["screen", "read"]).delete()


class Migration(migrations.Migration):
    dependencies = [("dsr", "0018_passages")]

    operations = [migrations.RunPython(add_steps, take_steps_away)]
