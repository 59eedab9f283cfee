"""What readers add to complete their data (GDPR Art. 16)."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0022_proving_an_erasure'),
    ]

    operations = [
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=16, unique=True, verbose_name='référence')),
                ('email', models.EmailField(max_length=254, verbose_name='adresse électronique')),
                ('text', models.TextField(max_length=2000, verbose_name='déclaration')),
                ('recorded_at', models.DateTimeField(verbose_name='enregistrée le')),
            ],
            options={
                'verbose_name': 'déclaration complémentaire',
                'verbose_name_plural': 'déclarations complémentaires',
                'indexes': [models.Index(django.db.models.functions.text.Lower('email'), models.F('id'), name='statements_of_an_address')],
            },
        ),
    ]
