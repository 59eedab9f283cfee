"""The quarter of an hour that a code opens."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0014_announced_packages'),
    ]

    operations = [
        migrations.CreateModel(
            name='DownloadSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_digest', models.CharField(max_length=64, unique=True)),
                ('opened_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('transfers', models.PositiveIntegerField(default=0)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='dsr.package')),
            ],
            options={
                'verbose_name': 'téléchargement',
                'verbose_name_plural': 'téléchargements',
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__lte', models.F('ends_at'))), name='a_session_has_an_end')],
            },
        ),
    ]
