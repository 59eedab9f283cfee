"""Which approved plan a plan replaces, so that the difference can be shown."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0008_guard_reviews'),
    ]

    operations = [
        migrations.AddField(
            model_name='plan',
            name='replaces',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='dsr.plan'),
        ),
    ]
