"""A new e-mail address: asked, confirmed, announced, contested or done."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0015_download_sessions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='secret',
            name='purpose',
            field=models.CharField(choices=[('confirm', 'prouver la boîte aux lettres'), ('follow', 'suivre la demande'), ('bearer', 'suivre la demande par l’API'), ('download', 'ouvrir le paquet'), ('address', 'confirmer une nouvelle adresse'), ('object', 'contester une nouvelle adresse')], max_length=16),
        ),
        migrations.AlterField(
            model_name='step',
            name='action',
            field=models.CharField(choices=[('plan', 'préparer le plan'), ('collect', 'réunir'), ('address', 'attendre la nouvelle adresse'), ('pack', 'composer le paquet'), ('rectify', 'rectifier'), ('object', 'arrêter les messages'), ('erase', 'effacer'), ('verify', 'vérifier')], max_length=16, verbose_name='action'),
        ),
        migrations.CreateModel(
            name='AddressChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254, verbose_name='nouvelle adresse')),
                ('person', models.CharField(db_index=True, max_length=64)),
                ('asked_at', models.DateTimeField(verbose_name='demandée le')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmée le')),
                ('effective_at', models.DateTimeField(blank=True, null=True, verbose_name='prend effet le')),
                ('objected_at', models.DateTimeField(blank=True, null=True, verbose_name='contestée le')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='faite le')),
                ('data_request', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='address_change', to='dsr.datarequest')),
            ],
            options={
                'verbose_name': 'changement d’adresse',
                'verbose_name_plural': 'changements d’adresse',
            },
        ),
    ]
