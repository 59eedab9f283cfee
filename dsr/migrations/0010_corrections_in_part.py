"""A correction may be granted in part, with its reason, and may come back because the value had changed."""

from django.db import migrations, models

DECISIONS = [
    ("pending", "à décider"),
    ("accepted", "acceptée"),
    ("in_part", "acceptée en partie"),
    ("refused", "refusée"),
]


class Migration(migrations.Migration):
    dependencies = [("dsr", "0009_plans_that_replace")]

    operations = [
        migrations.AddField(
            model_name="correction",
            name="granted_value",
            field=models.TextField(blank=True, max_length=2000, verbose_name="valeur retenue"),
        ),
        migrations.AddField(
            model_name="correction",
            name="reason",
            field=models.TextField(blank=True, max_length=2000, verbose_name="raison donnée au lecteur"),
        ),
        migrations.AddField(
            model_name="correction",
            name="stale_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="revenue le"),
        ),
        migrations.AlterField(
            model_name="correction",
            name="decision",
            field=models.CharField(choices=DECISIONS, default="pending", max_length=16, verbose_name="décision"),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=~models.Q(decision="in_part") | ~models.Q(reason=""),
                name="a_correction_in_part_has_its_reason",
            ),
        ),
    ]
