"""The reviews of the log, their findings, and the settings as they were last seen."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0005_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='SeenSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True)),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=16, unique=True, verbose_name='référence')),
                ('start', models.BigIntegerField()),
                ('figures', models.JSONField(default=dict)),
                ('opened_at', models.DateTimeField(verbose_name='ouverte le')),
                ('due_on', models.DateField(verbose_name='à signer avant le')),
                ('signed_at', models.DateTimeField(blank=True, null=True, verbose_name='signée le')),
                ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='dsr.checkpoint', verbose_name='point de contrôle')),
                ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'relecture du journal',
                'verbose_name_plural': 'relectures du journal',
                'ordering': ['-pk'],
                'permissions': [('sign_review', 'Peut relire le journal et signer la relecture')],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=32, verbose_name='règle')),
                ('actor', models.CharField(blank=True, max_length=16, verbose_name='auteur')),
                ('detail', models.CharField(blank=True, max_length=64, verbose_name='précision')),
                ('count', models.PositiveIntegerField(verbose_name='nombre')),
                ('entries', models.JSONField(default=list)),
                ('mark', models.CharField(blank=True, choices=[('explained', 'expliqué'), ('follow_up', 'à suivre')], max_length=16, verbose_name='appréciation')),
                ('note', models.TextField(blank=True, max_length=2000, verbose_name='note')),
                ('marked_at', models.DateTimeField(blank=True, null=True, verbose_name='appréciée le')),
                ('marked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='dsr.review')),
            ],
            options={
                'verbose_name': 'constat',
                'verbose_name_plural': 'constats',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('start',), name='a_span_is_reviewed_once'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_at', None), ('signed_by', None)), models.Q(('signed_at__isnull', False), ('signed_by__isnull', False)), _connector='OR'), name='a_signature_has_its_auditor'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(fields=('review', 'rule', 'actor', 'detail'), name='one_finding_per_rule_and_actor'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('mark', ''), ('marked_at', None), ('marked_by', None)), models.Q(models.Q(('mark', ''), _negated=True), ('marked_at__isnull', False), ('marked_by__isnull', False)), _connector='OR'), name='a_mark_has_its_auditor'),
        ),
    ]
