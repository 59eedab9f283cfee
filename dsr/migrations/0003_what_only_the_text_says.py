"""Facts and the link to the entry before stand in the text alone; the columns left are those that are searched."""

import json

from django.db import migrations, models


def refill(apps, schema_editor):
    """On the way back, write what the text says into the columns that are there again."""
    for entry in apps.get_model("dsr", "AuditEntry").objects.only("canonical").iterator():
        said = json.loads(entry.canonical)
        entry.facts, entry.previous = said["facts"], said["previous"]
        entry.save(update_fields=["facts", "previous"])


class Migration(migrations.Migration):
    dependencies = [("dsr", "0002_staff_groups")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, refill),
        migrations.AlterField("auditentry", "previous", models.CharField(max_length=64, default="")),
        migrations.AlterModelOptions(
            name='auditentry',
            options={'default_permissions': ('view',), 'ordering': ['-at', '-pk'], 'verbose_name': 'entrée du journal', 'verbose_name_plural': 'journal'},
        ),
        migrations.RemoveField(
            model_name='auditentry',
            name='facts',
        ),
        migrations.RemoveField(
            model_name='auditentry',
            name='previous',
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='actor',
            field=models.CharField(max_length=16, verbose_name='auteur'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='at',
            field=models.DateTimeField(verbose_name='instant'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='event',
            field=models.CharField(max_length=48, verbose_name='événement'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['at', 'id'], name='entries_by_instant'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['event', 'at', 'id'], name='entries_of_an_event'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['actor', 'at', 'id'], name='entries_of_an_actor'),
        ),
    ]
