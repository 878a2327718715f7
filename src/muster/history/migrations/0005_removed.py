"""That a producer was removed, and came back, is part of the history.

The statements stand in a file beside this one, as `muster.history.triggers` made them then.
"""

from pathlib import Path

from django.db import migrations

INSTALL = Path(__file__).with_name("0005_removed.sql").read_text("utf-8")
BEFORE = Path(__file__).with_name("0004_bound.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0004_bound"),
        ("producers", "0005_removal"),
    ]
    operations = [migrations.RunSQL(INSTALL, BEFORE)]
