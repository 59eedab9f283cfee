"""Passages of free text that may be another person's, and who has read a package before its release."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("dsr", "0017_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name='package',
            name='read_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='step',
            name='action',
            field=models.CharField(choices=[('plan', 'préparer le plan'), ('collect', 'réunir'), ('address', 'attendre la nouvelle adresse'), ('screen', 'chercher les données d’autres personnes'), ('pack', 'composer le paquet'), ('read', 'relire le paquet'), ('rectify', 'rectifier'), ('object', 'arrêter les messages'), ('erase', 'effacer'), ('verify', 'vérifier')], max_length=16, verbose_name='action'),
        ),
        migrations.CreateModel(
            name='MarkedText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=64, verbose_name='source')),
                ('row', models.TextField(blank=True)),
                ('token', models.CharField(max_length=64)),
                ('sealed', models.BinaryField(null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('data_request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='marked_texts', to='dsr.datarequest')),
            ],
            options={
                'verbose_name': 'texte désigné',
                'verbose_name_plural': 'textes désignés',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=64, verbose_name='source')),
                ('row', models.TextField()),
                ('field', models.CharField(max_length=64)),
                ('start', models.PositiveIntegerField()),
                ('length', models.PositiveIntegerField()),
                ('nature', models.CharField(choices=[('email', 'adresse électronique'), ('phone', 'numéro de téléphone'), ('marked', 'passage désigné à la lecture')], max_length=8, verbose_name='nature')),
                ('token', models.CharField(max_length=64)),
                ('sealed', models.BinaryField(null=True)),
                ('decision', models.CharField(blank=True, choices=[('', 'à décider'), ('mask', 'masquer : c’est la donnée d’une autre personne'), ('readers-own', 'laisser : c’est une donnée du lecteur lui-même'), ('newspapers', 'laisser : c’est une coordonnée du journal'), ('public', 'laisser : c’est la coordonnée publique d’un organisme ou d’un élu'), ('known', 'laisser : le lecteur l’a écrite lui-même, et la connaît'), ('agreed', 'laisser : la personne a donné son accord'), ('nobodys', 'laisser : ce n’est la donnée de personne')], default='', max_length=12, verbose_name='décision')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='décidé le')),
                ('data_request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passages', to='dsr.datarequest')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'passage',
                'verbose_name_plural': 'passages',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['data_request', 'decision'], name='dsr_passage_data_re_3dd824_idx'), models.Index(fields=['data_request', 'token'], name='dsr_passage_data_re_d62da6_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('decision', ''), ('decided_at__isnull', False), _connector='OR'), name='a_decision_has_its_day')],
            },
        ),
    ]
