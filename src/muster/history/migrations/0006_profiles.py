"""What producers say of themselves is part of the history.

The statements stand in a file beside this one, as `muster.history.triggers` made them then.
"""

from pathlib import Path

from django.db import migrations, models

INSTALL = Path(__file__).with_name("0006_profiles.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0005_removed"),
        ("profiles", "0001_profiles"),
    ]
    operations = [
        migrations.AlterField(
            model_name="change",
            name="kind",
            field=models.CharField(
                choices=[
                    ("producer", "Producer"),
                    ("address", "Address"),
                    ("contact", "Contact"),
                    ("license", "License"),
                    ("line", "Line of authority"),
                    ("appointment", "Appointment"),
                    ("assignment", "Assignment"),
                    ("action", "Regulatory action"),
                    ("own_contact", "Own contact details"),
                    ("employment", "Employment"),
                    ("background", "Background answer"),
                ],
                max_length=12,
            ),
        ),
        # The triggers go with their tables.
        migrations.RunSQL(INSTALL, migrations.RunSQL.noop),
    ]
