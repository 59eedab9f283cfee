"""A package opens to its reader once it is announced; those that were sealed before were announced at once."""

from django.db import migrations, models
from django.db.models import F


def announce_the_sealed(apps, schema_editor):
    apps.get_model('dsr', 'Package').objects.filter(announced_at=None).update(announced_at=F('sealed_at'))


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0013_mailing_tools'),
    ]

    operations = [
        migrations.AddField(
            model_name='package',
            name='announced_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='annoncé le'),
        ),
        migrations.RunPython(announce_the_sealed, migrations.RunPython.noop, elidable=True),
    ]
