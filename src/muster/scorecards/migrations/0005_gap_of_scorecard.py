import django.db.models.deletion
from django.db import migrations, models

# While the database did not check, whoever removed scorecards by SQL left their gaps behind.
ORPHANS = """
DELETE FROM scorecards_gap AS gap
WHERE NOT EXISTS (SELECT FROM scorecards_scorecard AS card WHERE card.assignment_id = gap.scorecard_id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scorecards", "0004_rules"),
    ]

    operations = [
        migrations.RunSQL(ORPHANS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="gap",
            name="scorecard",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="gaps",
                to="scorecards.scorecard",
            ),
        ),
    ]
