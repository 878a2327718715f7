"""Rows stay whose they are; a first report covers no more than a report says; changes have a source and a time.

The statements stand in a file beside this one, as `muster.history.triggers` made them then.
"""

from datetime import UTC, datetime
from pathlib import Path

from django.db import migrations, models

INSTALL = Path(__file__).with_name("0004_bound.sql").read_text("utf-8")
BEFORE = Path(__file__).with_name("0002_triggers.sql").read_text("utf-8")
UNINSTALL = f"DROP FUNCTION history_row_stays CASCADE;\n{BEFORE}"


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0003_by_verb"),
    ]
    operations = [
        migrations.RunSQL(INSTALL, UNINSTALL),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["registry", "file", "person", "api", "muster", "unknown"])),
                name="change_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("at__gte", datetime(2, 1, 1, tzinfo=UTC)), ("at__lt", datetime(9999, 1, 1, tzinfo=UTC))
                ),
                name="change_at_a_time",
            ),
        ),
    ]
