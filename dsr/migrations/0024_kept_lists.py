"""The list of what an erasure kept, which outlives its request."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0023_statements'),
    ]

    operations = [
        migrations.AlterField(
            model_name='filetoremove',
            name='step',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files_to_remove', to='dsr.step'),
        ),
        migrations.AlterField(
            model_name='kept',
            name='data_request',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='kept', to='dsr.datarequest'),
        ),
        migrations.CreateModel(
            name='KeptList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=16, unique=True)),
                ('sealed', models.BinaryField()),
                ('erased_at', models.DateTimeField(verbose_name='effacé le')),
                ('look_on', models.DateField(db_index=True, verbose_name='à revoir le')),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('erased', models.PositiveIntegerField(default=0)),
                ('rewritten', models.PositiveIntegerField(default=0)),
                ('data_request', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='kept_list', to='dsr.datarequest')),
            ],
            options={
                'verbose_name': 'liste de conservation',
                'verbose_name_plural': 'listes de conservation',
            },
        ),
        migrations.AddField(
            model_name='filetoremove',
            name='kept_list',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files_to_remove', to='dsr.keptlist'),
        ),
        migrations.AddField(
            model_name='kept',
            name='kept_list',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='dsr.keptlist'),
        ),
    ]
