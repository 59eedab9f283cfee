"""The log's Merkle tree, the queue of its sequencer, and the checkpoints signed over it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dsr", "0003_what_only_the_text_says")]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField(verbose_name='taille')),
                ('note', models.TextField(verbose_name='texte signé')),
                ('published_at', models.DateTimeField(verbose_name='publié le')),
            ],
            options={
                'verbose_name': 'point de contrôle',
                'verbose_name_plural': 'points de contrôle',
                'ordering': ['-size', '-published_at', '-pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Head',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField(default=0)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('index', models.BigIntegerField(primary_key=True, serialize=False)),
                ('hash', models.BinaryField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('index', models.BigIntegerField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Pending',
            fields=[
                ('entry', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='dsr.auditentry')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='checkpoint',
            index=models.Index(fields=['size'], name='checkpoints_by_size'),
        ),
        migrations.AddConstraint(
            model_name='head',
            constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='a_single_head'),
        ),
        migrations.AddField(
            model_name='leaf',
            name='entry',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='leaf', to='dsr.auditentry'),
        ),
        migrations.AddConstraint(
            model_name='node',
            constraint=models.UniqueConstraint(fields=('level', 'index'), name='one_node_per_place'),
        ),
        # Entries written before there was a tree are sequenced first.
        migrations.RunSQL(
            "INSERT INTO dsr_pending (entry_id) SELECT id FROM dsr_auditentry", "DELETE FROM dsr_pending"
        ),
    ]
