import django.db.models.deletion
from django.db import migrations, models

# What is there already was never judged: it is overdue, and the sweep comes for it.
OVERDUE = """
INSERT INTO scorecards_judgment (producer_id, organization_id, good_until, judged_at)
SELECT producer.id, producer.organization_id, '2000-01-01', '2000-01-01 00:00:00+00'
FROM producers_producer AS producer
WHERE producer.synced_at IS NOT NULL
   OR EXISTS (SELECT FROM assignments_assignment AS assignment WHERE assignment.producer_id = producer.id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_cache_table"),
        ("assignments", "0001_initial"),
        ("appointments", "0002_health_and_order"),
        ("producers", "0002_search"),
        ("scorecards", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Judgment",
            fields=[
                (
                    "producer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="judgment",
                        serialize=False,
                        to="producers.producer",
                    ),
                ),
                ("good_until", models.DateField(null=True)),
                ("judged_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="access.organization",
                    ),
                ),
            ],
        ),
        migrations.RemoveIndex(model_name="scorecard", name="scorecard_overdue"),
        migrations.AddIndex(
            model_name="judgment",
            index=models.Index(
                fields=["good_until"],
                name="judgment_overdue",
                condition=models.Q(("good_until__isnull", False)),
            ),
        ),
        migrations.RunSQL(OVERDUE, migrations.RunSQL.noop),
    ]
