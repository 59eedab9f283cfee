"""The marks on contested fields (GDPR Art. 18(1)(a))."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dsr", "0010_corrections_in_part")]

    operations = [
        migrations.CreateModel(
            name="Restriction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=64, verbose_name="source")),
                ("field", models.CharField(max_length=64, verbose_name="champ")),
                ("key", models.CharField(max_length=200, verbose_name="clé de la ligne")),
                ("since", models.DateTimeField(verbose_name="depuis")),
                (
                    "correction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="restrictions", to="dsr.correction"
                    ),
                ),
            ],
            options={
                "verbose_name": "limitation",
                "verbose_name_plural": "limitations",
                "indexes": [
                    models.Index(fields=["source", "id"], name="marks_of_a_source"),
                    models.Index(fields=["source", "key"], name="marks_of_a_row"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("correction", "source", "field", "key"), name="one_mark_per_contested_field"
                    )
                ],
            },
        ),
    ]
