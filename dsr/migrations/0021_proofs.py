"""What readers attach to a correction, sealed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0020_recipients_to_tell'),
    ]

    operations = [
        migrations.CreateModel(
            name='Proof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_name', models.CharField(max_length=100, unique=True)),
                ('wrapped_key', models.BinaryField(null=True)),
                ('size', models.PositiveBigIntegerField(verbose_name='taille en octets')),
                ('ciphertext_digest', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField(verbose_name='scellé le')),
                ('expires_at', models.DateTimeField(verbose_name='expire le')),
                ('destroyed_at', models.DateTimeField(blank=True, null=True, verbose_name='détruit le')),
                ('content_type', models.CharField(max_length=64, verbose_name='type')),
                ('data_request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proofs', to='dsr.datarequest')),
            ],
            options={
                'verbose_name': 'justificatif',
                'verbose_name_plural': 'justificatifs',
                'indexes': [models.Index(fields=['destroyed_at', 'expires_at'], name='proofs_to_destroy')],
            },
        ),
    ]
