"""Passages found in turns, and looked up by the row in which they stand."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dsr', '0026_files_in_doubt'),
    ]

    operations = [
        migrations.AddField(
            model_name='passage',
            name='turn',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddIndex(
            model_name='passage',
            index=models.Index(fields=['data_request', 'source', 'row'], name='passages_of_a_row'),
        ),
    ]
